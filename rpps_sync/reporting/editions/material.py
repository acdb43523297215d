"""Everything a weekly or monthly report needs from the ledgers, read in one go; no query writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, or_, select

from rpps_sync.directory.finding_history import Event
from rpps_sync.directory.objective_states import Stay, stays
from rpps_sync.directory.survival import Duration
from rpps_sync.directory.tables import FINDING_EVENTS, FINDINGS, INCIDENTS, PUBLICATIONS, RUNS
from rpps_sync.finding import QUIET_VERDICTS, StaleSide
from rpps_sync.reporting.editions.period import Period
from rpps_sync.reporting.material import UNFINISHED, Rows, standing_findings

_SIDES = (StaleSide.TOKEN.value, StaleSide.DIRECTORY.value)
_CAME, _WENT = (Event.OPENED.value, Event.REOPENED.value), (Event.RESOLVED.value,)


@dataclass(frozen=True, slots=True)
class Flow:
    """What happened to the findings of one authority and application."""

    authority: str
    source: str
    opened: int
    resolved: int
    standing: int


@dataclass(frozen=True, slots=True)
class PeriodMaterial:
    """The rows behind one period."""

    period: Period
    now: datetime
    began: datetime | None  # when the first run ever that ended began
    runs: Sequence[Mapping[str, Any]]  # summaries of those that ended, oldest first
    scores: Sequence[Mapping[str, float]]  # of each publication looked at, by dimension, oldest first
    incidents: Sequence[Row[Any]]  # open at some time of it, oldest first
    ended: Sequence[tuple[str, str, Duration]]  # field, side that caught up, delay
    flows: Sequence[Flow]
    stays: Sequence[Stay]  # states of the objectives other than met
    served: Row[Any] | None  # the last publication of the period or before


def gather(connection: Connection, period: Period, now: datetime) -> PeriodMaterial:
    """Read everything a report of this period shows.

    Args:
        connection: the directory's database, only read.
        period: the days; one that is not over is read as far as it has come.
        now: the present instant.
    """
    return PeriodMaterial(
        period=period,
        now=now,
        began=began(connection),
        runs=connection.execute(_runs(period)).scalars().all(),
        scores=[scores for scores in connection.execute(_scores(period)).scalars() if scores],
        incidents=connection.execute(_incidents(period)).all(),
        ended=[
            (row.field, row.resolved_by, Duration(row.lag_days, ended=True))
            for row in connection.execute(_ended(period))
        ],
        flows=[Flow(*row) for row in connection.execute(_flows(period))],
        stays=[
            stay
            for stay in stays(connection, period.begins, now)
            if stay.state in ("warn", "error") and stay.since < period.ends
        ],
        served=connection.execute(_served(period)).first(),
    )


def standing(connection: Connection) -> Rows:
    """The findings that stand now: verdict, stale_side, registration_authority, source, findings."""
    return connection.execute(standing_findings()).mappings().all()


def began(connection: Connection) -> datetime | None:
    """When the first run that ended began: no period before it has anything to say."""
    return connection.scalar(
        select(RUNS.c.started_at).where(RUNS.c.outcome != UNFINISHED).order_by(RUNS.c.started_at).limit(1)
    )


def _within(instant: ColumnElement[datetime], period: Period) -> tuple[ColumnElement[bool], ...]:
    return instant >= period.begins, instant < period.ends


def _runs(period: Period) -> Select[Any]:
    ended = (RUNS.c.outcome != UNFINISHED, *_within(RUNS.c.started_at, period))
    return select(RUNS.c.summary).where(*ended).order_by(RUNS.c.started_at, RUNS.c.run_id)


def _scores(period: Period) -> Select[Any]:
    scores = PUBLICATIONS.c.metrics["scores", "publication"]
    looked_at = _within(PUBLICATIONS.c.recorded_at, period)
    return select(scores).where(*looked_at).order_by(PUBLICATIONS.c.published_at)


def _incidents(period: Period) -> Select[Any]:
    not_over = or_(INCIDENTS.c.closed_at.is_(None), INCIDENTS.c.closed_at >= period.begins)
    return select(INCIDENTS).where(INCIDENTS.c.opened_at < period.ends, not_over).order_by(INCIDENTS.c.opened_at)


def _ended(period: Period) -> Select[Any]:
    """Delays of which it is known who gave way."""
    event = FINDING_EVENTS.c
    told = (event.event == Event.RESOLVED.value, event.lag_days.is_not(None), event.resolved_by.in_(_SIDES))
    joined = FINDING_EVENTS.join(FINDINGS, FINDINGS.c.id == event.finding_id)
    columns = (FINDINGS.c.field, event.resolved_by, event.lag_days)
    return select(*columns).select_from(joined).where(*told, *_within(event.at, period))


def _flows(period: Period) -> Select[Any]:
    """What came and did not go again stands."""
    event, groups = FINDING_EVENTS.c, (FINDINGS.c.registration_authority, FINDINGS.c.source)
    came, within = event.event.in_(_CAME), event.at >= period.begins
    joined = FINDING_EVENTS.join(FINDINGS, FINDINGS.c.id == event.finding_id)
    quiet = [verdict.value for verdict in QUIET_VERDICTS]
    told = (event.at < period.ends, event.event.in_((*_CAME, *_WENT)), event.verdict.not_in(quiet))
    return (
        select(
            *groups,
            func.sum(case((came & within, 1), else_=0)),
            func.sum(case((~came & within, 1), else_=0)),
            func.sum(case((came, 1), else_=-1)),
        )
        .select_from(joined)
        .where(*told)
        .group_by(*groups)
    )


def _served(period: Period) -> Select[Any]:
    columns = (
        PUBLICATIONS.c.id,
        PUBLICATIONS.c.published_at,
        PUBLICATIONS.c.practitioners,
        PUBLICATIONS.c.accepted_by,
        PUBLICATIONS.c.accepted_because,
    )
    accepted = (PUBLICATIONS.c.seq.is_not(None), PUBLICATIONS.c.recorded_at < period.ends)
    return select(*columns).where(*accepted).order_by(PUBLICATIONS.c.seq.desc()).limit(1)
