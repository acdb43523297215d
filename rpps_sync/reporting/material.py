"""What a report is made of, read from the ledgers in a handful of grouped queries.

Nothing here is decided or formatted: ``rpps_sync.reporting.build`` turns it into a ``ReportModel``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, case, distinct, func, literal, select

from rpps_sync.clock import parse_instant
from rpps_sync.directory.changes import ChangeKind
from rpps_sync.directory.labels import load as load_labels
from rpps_sync.directory.lags import By, Distribution, distributions, lags
from rpps_sync.directory.tables import (
    CHANGES,
    DEPARTURES,
    EXERCISES,
    FINDING_EVENTS,
    FINDINGS,
    PRACTITIONERS,
    PUBLICATIONS,
    QUARANTINE,
    RUNS,
)
from rpps_sync.finding import QUIET_VERDICTS, FindingStatus, Severity, Verdict
from rpps_sync.run_summary import Outcome

NIGHTS = 30  # runs of the trend, this one included
QUARANTINED_LINES = 100  # shown; the rest is counted
GRAVEST_FINDINGS = 40  # shown; `findings list` has them all
UNFINISHED = "running"  # outcome of a run that has not ended

Rows = Sequence[Mapping[str, Any] | RowMapping]


@dataclass(frozen=True, slots=True)
class Material:
    """The rows behind one report."""

    summary: Mapping[str, Any]  # RunSummary.to_json(), or the same from the ledger
    served: Mapping[str, Any] | RowMapping | None  # row of publications
    fields: Rows  # field, gained, replaced, lost, practitioners
    professions: Rows  # profession, kind, practitioners; kind is arrived, returned or changed
    departures: Rows  # last_professions (codes, comma-separated), practitioners
    labels: Mapping[str, str]  # profession code -> label
    quarantine: Rows  # kind, line_number, reason, detail
    findings: Rows  # verdict, stale_side, registration_authority, source, findings
    happened: Rows  # event, verdict, findings: what happened to findings since the run before
    gravest: Rows  # columns of findings
    runs: Rows  # run_id, outcome, summary; oldest first, without this run
    lags: Sequence[Distribution]  # by field
    publications: Rows  # id, seq, published_at, metrics; that of the run, then those looked at before it
    is_latest: bool  # no run that ended is newer


def gather(connection: Connection, summary: Mapping[str, Any], quarantine: Rows = ()) -> Material:
    """Read everything a report of this run shows.

    Args:
        connection: the directory's database, only read.
        summary: the document of the run, as ``RunSummary.to_json`` writes it.
        quarantine: its quarantined lines when the caller has them; else they are read from the ledger.
    """
    seq = _published_seq(connection, summary)
    runs = tuple(reversed(_rows(connection, _runs(summary))))
    return Material(
        summary=summary,
        served=connection.execute(_publication(summary["served"])).mappings().first(),
        fields=_rows(connection, _fields(seq)) if seq else (),
        professions=_rows(connection, _professions(seq)) if seq else (),
        departures=_rows(connection, _departures(seq)) if seq else (),
        labels=_profession_labels(connection),
        quarantine=quarantine[:QUARANTINED_LINES] or _rows(connection, _quarantine(summary["run_id"])),
        findings=_rows(connection, standing_findings()),
        happened=_rows(connection, _happened(runs[-1]["summary"], summary)) if runs else (),
        gravest=_rows(connection, _gravest()),
        runs=runs,
        lags=distributions(lags(connection), By.FIELD),
        publications=_rows(connection, _publications(examined)) if (examined := _examined(summary)) else (),
        is_latest=connection.scalar(_newer(summary)) is None,
    )


def _rows(connection: Connection, query: Select[Any]) -> Sequence[RowMapping]:
    return connection.execute(query).mappings().all()


def _publication(publication_id: str) -> Select[Any]:
    return select(PUBLICATIONS).where(PUBLICATIONS.c.id == publication_id)


def _examined(summary: Mapping[str, Any]) -> str:
    """The publication the run looked at; the one served where there was nothing new; empty before the first."""
    found: str = summary["publication"]["id"] if summary["publication"] else summary["served"]
    return found


def _publications(examined: str) -> Select[Any]:
    """That publication and those before it, newest first."""
    columns = (PUBLICATIONS.c.id, PUBLICATIONS.c.seq, PUBLICATIONS.c.published_at, PUBLICATIONS.c.metrics)
    deposited = select(PUBLICATIONS.c.published_at).where(PUBLICATIONS.c.id == examined).scalar_subquery()
    return (
        select(*columns)
        .where((PUBLICATIONS.c.published_at < deposited) | (PUBLICATIONS.c.id == examined))
        .order_by(PUBLICATIONS.c.published_at.desc())
        .limit(NIGHTS)
    )


def _published_seq(connection: Connection, summary: Mapping[str, Any]) -> int | None:
    """The sequence number of what this run published; None when it published nothing."""
    if summary["outcome"] != Outcome.PUBLISHED or not summary["publication"]:
        return None
    query = select(PUBLICATIONS.c.seq).where(PUBLICATIONS.c.id == summary["publication"]["id"])
    return connection.scalar(query)


def _fields(seq: int) -> Select[Any]:
    before, after = func.coalesce(CHANGES.c.before, ""), func.coalesce(CHANGES.c.after, "")
    return (
        select(
            CHANGES.c.field,
            _how_many(before == "").label("gained"),
            _how_many((before != "") & (after != "")).label("replaced"),
            _how_many((before != "") & (after == "")).label("lost"),
            func.count(distinct(CHANGES.c.national_id)).label("practitioners"),
        )
        .where(CHANGES.c.publication_seq == seq, CHANGES.c.kind == ChangeKind.CHANGED.value)
        .group_by(CHANGES.c.field)
    )


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _professions(seq: int) -> Select[Any]:
    """Practitioners by profession, for those who are there to be counted; departures are in ``_departures``."""
    moved = _moved(seq).subquery()
    return (
        select(
            EXERCISES.c.profession,
            moved.c.kind,
            func.count(distinct(moved.c.national_id)).label("practitioners"),
        )
        .join(EXERCISES, EXERCISES.c.national_id == moved.c.national_id)
        .where(moved.c.kind != ChangeKind.DEPARTED.value)
        .group_by(EXERCISES.c.profession, moved.c.kind)
    )


def _moved(seq: int) -> Select[Any]:
    """Who moved and how; with the first publication everybody arrived, which the feed keeps by the hundred."""
    if seq > 1:
        return select(CHANGES.c.national_id, CHANGES.c.kind).where(CHANGES.c.publication_seq == seq)
    arrived = literal(ChangeKind.ARRIVED.value).label("kind")
    return select(PRACTITIONERS.c.national_id, arrived).where(PRACTITIONERS.c.known_since == seq)


def _departures(seq: int) -> Select[Any]:
    return (
        select(DEPARTURES.c.last_professions, func.count().label("practitioners"))
        .where(DEPARTURES.c.departed_seq == seq)
        .group_by(DEPARTURES.c.last_professions)
    )


def _profession_labels(connection: Connection) -> Mapping[str, str]:
    by_code = load_labels(connection).by_code
    return {code: label for (system, code), label in by_code.items() if system == "profession"}


def _quarantine(run_id: str) -> Select[Any]:
    return (
        select(QUARANTINE.c.kind, QUARANTINE.c.line_number, QUARANTINE.c.reason, QUARANTINE.c.detail)
        .where(QUARANTINE.c.run_id == run_id)
        .order_by(QUARANTINE.c.kind, QUARANTINE.c.line_number)
        .limit(QUARANTINED_LINES)
    )


def _standing() -> ColumnElement[bool]:
    """Findings that ask something of somebody: not resolved, not quiet."""
    return (FINDINGS.c.status != FindingStatus.RESOLVED.value) & FINDINGS.c.verdict.not_in(
        [verdict.value for verdict in QUIET_VERDICTS]
    )


def standing_findings() -> Select[Any]:
    """Findings that ask something of somebody, counted: the columns of ``Material.findings``."""
    groups = (FINDINGS.c.verdict, FINDINGS.c.stale_side, FINDINGS.c.registration_authority, FINDINGS.c.source)
    return select(*groups, func.count().label("findings")).where(_standing()).group_by(*groups)


def _happened(former: Mapping[str, Any], summary: Mapping[str, Any]) -> Select[Any]:
    """What happened to findings between the end of one run and the end of another, pending ones left out."""
    at, groups = FINDING_EVENTS.c.at, (FINDING_EVENTS.c.event, FINDING_EVENTS.c.verdict)
    since, until = parse_instant(former["finished_at"]), parse_instant(summary["finished_at"])
    unsettled = [verdict.value for verdict in (*QUIET_VERDICTS, Verdict.PENDING)]
    within = (at > since, at <= until, FINDING_EVENTS.c.verdict.not_in(unsettled))
    return select(*groups, func.count().label("findings")).where(*within).group_by(*groups)


def _gravest() -> Select[Any]:
    severity = case({item.value: rank for rank, item in enumerate(Severity)}, value=FINDINGS.c.severity)
    settled = case((FINDINGS.c.verdict == Verdict.PENDING.value, 1), else_=0)
    return (
        select(FINDINGS)
        .where(_standing())
        .order_by(severity, settled, func.coalesce(FINDINGS.c.since, FINDINGS.c.first_seen), FINDINGS.c.id)
        .limit(GRAVEST_FINDINGS)
    )


def _runs(summary: Mapping[str, Any]) -> Select[Any]:
    """The runs before this one, newest first."""
    return (
        select(RUNS.c.run_id, RUNS.c.outcome, RUNS.c.summary)
        .where(
            RUNS.c.started_at <= parse_instant(summary["started_at"]),
            RUNS.c.run_id != summary["run_id"],
            RUNS.c.outcome != UNFINISHED,
        )
        .order_by(RUNS.c.started_at.desc(), RUNS.c.run_id.desc())
        .limit(NIGHTS - 1)
    )


def _newer(summary: Mapping[str, Any]) -> Select[Any]:
    started_at = parse_instant(summary["started_at"])
    return (
        select(RUNS.c.run_id)
        .where(RUNS.c.started_at > started_at, RUNS.c.run_id != summary["run_id"], RUNS.c.outcome != UNFINISHED)
        .limit(1)
    )
