"""How long the directory takes to catch up with tokens, and tokens with the directory.

Each resolution that says who gave way is a measured delay. A difference that stands is a delay that still runs;
one that could no longer be told (the person left, the token fell silent) is a delay whose end is unknown: both
are censored, not left out. A standing difference whose late side is not known yet may be either's delay, so it
counts as running on both: delays are estimated rather too long than too short.
Somebody who left the directory is not a delay of anybody and is not counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, select

from rpps_sync import pseudonyms
from rpps_sync.directory import bulk, pseudonymity
from rpps_sync.directory.finding_history import Event
from rpps_sync.directory.survival import Duration, quantile, survival
from rpps_sync.directory.tables import EXERCISES, FINDING_EVENTS, FINDINGS, PUBLICATIONS
from rpps_sync.finding import FindingStatus, StaleSide, Verdict

_NOBODYS = [str(verdict) for verdict in (Verdict.DEPARTED_PRACTITIONER, Verdict.OUT_OF_SCOPE)]
_BY_PROFESSION = frozenset({"exercise.profession", "exercise.category", "skill"})
_DATED = ("status", "stale_side", "since", "first_seen", "last_seen")
_SIDES = (StaleSide.TOKEN, StaleSide.DIRECTORY)


class By(StrEnum):
    """What delays are told apart by."""

    FIELD = "field"
    PROFESSION = "profession"
    AUTHORITY = "authority"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Lag:
    """One delay of one side."""

    side: StaleSide  # who was, or may be, late
    duration: Duration
    keys: Mapping[By, str]


@dataclass(frozen=True, slots=True)
class Distribution:
    """The delays of one side in one group."""

    group: str
    side: StaleSide
    caught_up: int  # delays that ended
    running: int  # censored
    median_days: int | None  # None: fewer than half had ended, as far as they were watched
    p90_days: int | None
    longest_days: int  # watched, ended or not

    def to_json(self) -> dict[str, Any]:
        """The document of ``findings lags --json``."""
        return {
            "group": self.group,
            "late_side": str(self.side),
            "caught_up": self.caught_up,
            "running": self.running,
            "median_days": self.median_days,
            "p90_days": self.p90_days,
            "longest_days": self.longest_days,
        }

    def shown(self, column: str) -> object:
        """A figure for people; one that cannot be told yet is longer than what was watched."""
        value = self.to_json()[column]
        return f"over {self.longest_days}" if value is None else value


def distributions(lags: Iterable[Lag], by: By | None = None) -> list[Distribution]:
    """The delays by group, most measured first, both sides together; one group named ``all`` without ``by``."""
    groups: defaultdict[tuple[str, StaleSide], list[Duration]] = defaultdict(list)
    for lag in lags:
        groups[lag.keys[by] if by else "all", lag.side].append(lag.duration)
    told = [_distribution(group, side, durations) for (group, side), durations in groups.items()]
    ended, running = Counter[str](), Counter[str]()
    for item in told:
        ended[item.group] += item.caught_up
        running[item.group] += item.running
    return sorted(told, key=lambda item: (-ended[item.group], -running[item.group], item.group, item.side))


def lags(connection: Connection) -> Iterator[Lag]:
    """Every delay the database knows; those that still run do so up to the newest publication."""
    today = connection.scalar(select(func.max(PUBLICATIONS.c.published_at)).where(PUBLICATIONS.c.seq.is_not(None)))
    professions = _professions(connection)
    columns = (FINDINGS.c.field, FINDINGS.c.element, FINDINGS.c.source, FINDINGS.c.registration_authority)
    ended = select(FINDING_EVENTS, *columns).join(FINDINGS, FINDINGS.c.id == FINDING_EVENTS.c.finding_id)
    for row in connection.execute(
        ended.where(FINDING_EVENTS.c.event == str(Event.RESOLVED), FINDING_EVENTS.c.lag_days.is_not(None))
    ):
        sides = [StaleSide(row.resolved_by)] if row.resolved_by in _SIDES else _SIDES  # else both moved
        for side in sides:
            yield Lag(side, Duration(row.lag_days, ended=True), _keys(row, professions))
    unended = (FINDINGS.c.status != str(FindingStatus.RESOLVED)) | FINDINGS.c.lag_days.is_(None)
    standing = select(FINDINGS.c.national_id, *columns, *(FINDINGS.c[name] for name in _DATED))
    for row in connection.execute(standing.where(unended, FINDINGS.c.verdict.not_in(_NOBODYS))):
        yield from _running(row, professions, today.date() if today else None)


def _running(row: Row[Any], professions: Mapping[str, str], today: date | None) -> Iterator[Lag]:
    watched = row.last_seen if row.status == FindingStatus.RESOLVED or today is None else max(today, row.last_seen)
    days = max(0, (watched - (row.since or row.first_seen)).days)
    side = StaleSide(row.stale_side)
    for late in _SIDES if side is StaleSide.UNKNOWN else [side]:
        yield Lag(late, Duration(days, ended=False), _keys(row, professions))


def _professions(connection: Connection) -> dict[str, str]:
    """The profession of each practitioner with a finding; of several, the first by code."""
    if pseudonyms.in_use():
        return _professions_behind(connection)
    people = select(FINDINGS.c.national_id)
    first = select(EXERCISES.c.national_id, func.min(EXERCISES.c.profession).label("profession"))
    found = connection.execute(first.where(EXERCISES.c.national_id.in_(people)).group_by(EXERCISES.c.national_id))
    return {row.national_id: row.profession for row in found}


def _professions_behind(connection: Connection) -> dict[str, str]:
    """The same where pseudonyms stand for the people."""
    people = connection.execute(select(FINDINGS.c.national_id).distinct()).scalars()
    names = {real: name for name, real in pseudonymity.resolved(connection, people).items()}
    first = select(EXERCISES.c.national_id, func.min(EXERCISES.c.profession).label("profession"))
    return {
        names[row.national_id]: row.profession
        for some in bulk.batches(sorted(names))
        for row in connection.execute(
            first.where(EXERCISES.c.national_id.in_(some)).group_by(EXERCISES.c.national_id)
        )
    }


def _keys(row: Row[Any], professions: Mapping[str, str]) -> dict[By, str]:
    named = row.element.partition("/")[0] if row.field in _BY_PROFESSION else ""
    return {
        By.FIELD: row.field,
        By.PROFESSION: named or professions.get(row.national_id, ""),
        By.AUTHORITY: row.registration_authority,
        By.SOURCE: row.source,
    }


def _distribution(group: str, side: StaleSide, durations: list[Duration]) -> Distribution:
    curve = survival(durations)
    ended = sum(duration.ended for duration in durations)
    longest = max(duration.days for duration in durations)
    return Distribution(
        group, side, ended, len(durations) - ended, quantile(curve, 0.5), quantile(curve, 0.9), longest
    )
