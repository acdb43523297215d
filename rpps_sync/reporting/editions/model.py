"""All that a weekly or monthly report shows, as values; it counts people and names none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from rpps_sync.reporting.editions.period import Period
from rpps_sync.reporting.model import Difference, Hand, Light, Served


class DayState(StrEnum):
    """What became of the night of a day; the best of its runs counts."""

    CLEAN = "clean"
    RESERVED = "reserved"  # published, with checks that fail or lines that cannot be read
    LATE = "late"  # what was served was older than its objective allows at some hour of the day
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    FAILED = "failed"
    MISSED = "missed"  # no run at all


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the period."""

    day: date
    state: DayState
    practitioners: int | None  # served at its end, where a run published
    arrived: int
    changed: int
    departed: int


@dataclass(frozen=True, slots=True)
class FailingCheck:
    """A check that failed on some nights."""

    name: str
    file: str
    title: str
    light: Light
    nights: int
    most: int  # failing rows on the worst of them
    last: date
    still: bool  # on the last night that ran checks


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """An incident that was open at some time of the period."""

    title: str
    opened_at: datetime
    closed_at: datetime | None
    seconds: int  # so far, for one that is open
    opened_within: bool  # the period


@dataclass(frozen=True, slots=True)
class PeriodLag:
    """How long one side took to catch up, of the delays that ended in the period, in days."""

    field: str  # empty: all fields
    side: str
    ended: int
    median_days: int
    p90_days: int


@dataclass(frozen=True, slots=True)
class FindingFlow:
    """Findings that came and went, of one authority or one application."""

    name: str  # triplet or application; empty when none is named
    opened: int
    resolved: int
    standing: int  # at the end of the period


@dataclass(frozen=True, slots=True)
class ScoreMove:
    """One quality score at the beginning and at the end of the period, between 0 and 1."""

    dimension: str
    first: float | None
    last: float | None
    lowest: float | None


@dataclass(frozen=True, slots=True)
class ObjectiveTime:
    """How long an objective was not met."""

    title: str
    warned_seconds: int
    failed_seconds: int


@dataclass(frozen=True, slots=True)
class Lines:
    """The tables of the period."""

    checks: tuple[FailingCheck, ...]
    incidents: tuple[IncidentLine, ...]
    lags: tuple[PeriodLag, ...]  # all fields of each side first
    authorities: tuple[FindingFlow, ...]
    sources: tuple[FindingFlow, ...]
    scores: tuple[ScoreMove, ...]  # the mean first
    objectives: tuple[ObjectiveTime, ...]


@dataclass(frozen=True, slots=True)
class PeriodModel:
    """Everything there is to show of one period."""

    language: str
    period: Period
    edited_at: datetime
    version: str
    light: Light
    headline: str
    served: Served | None  # the last publication of the period
    days: tuple[Day, ...]
    figures: Mapping[str, float | None]  # by name, see rpps_sync.reporting.editions.figures
    lines: Lines
    hands: tuple[Hand, ...]  # as they stand when the edition is written
    difference: Difference  # from the period before
