"""All that a report shows, as values: the page and the JSON document are two views of one ``ReportModel``.

Numbers and instants are kept plain here; the page formats them, the JSON document writes them as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Light(StrEnum):
    """The light at the head of a line: what to do with it before reading it."""

    OK = "ok"
    WARN = "warn"
    ERROR = "error"
    NONE = "none"  # nothing can be said: skipped, no data


@dataclass(frozen=True, slots=True)
class Served:
    """The publication being served once the run is over."""

    id: str
    published_at: datetime
    age_seconds: int  # at the end of the run
    practitioners: int | None
    accepted_by: str = ""  # who accepted it although it had been refused
    accepted_because: str = ""


@dataclass(frozen=True, slots=True)
class FileLine:
    """One extract of the publication the run looked at."""

    kind: str
    channel: str  # the host it came from, or empty for a file of this machine
    url: str
    bytes: int
    lines: int
    sha256: str
    published_at: str


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """One way to the extracts, and how it stood that night."""

    name: str
    state: str
    published_at: str | None
    behind_seconds: int | None  # behind the channel that offered the newest
    message: str


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check, with its light."""

    light: Light
    name: str
    title: str
    file: str
    severity: str
    status: str
    observed: str
    expected: str
    rows: int
    failing: int
    samples: tuple[str, ...]
    reason: str
    mend: str
    command: str = ""  # that lists the rows behind it; empty where there are none
    family: str = ""
    explanation: str = ""  # where the documentation explains it
    first_seen: str = ""  # day since when it has been so
    acknowledged: str = ""  # why somebody said that it is known


@dataclass(frozen=True, slots=True)
class FieldChanges:
    """What moved in one field, among practitioners present before and after."""

    field: str
    gained: int  # values that appeared
    replaced: int  # values that took the place of another
    lost: int  # values that vanished
    practitioners: int  # distinct

    @property
    def total(self) -> int:
        """All three ways."""
        return self.gained + self.replaced + self.lost


@dataclass(frozen=True, slots=True)
class ProfessionChanges:
    """Practitioners of one profession who arrived, changed or left; whoever has two professions counts in both."""

    code: str
    label: str  # as published; the code when no label is known
    arrived: int
    changed: int
    departed: int

    @property
    def total(self) -> int:
        """All three ways."""
        return self.arrived + self.changed + self.departed


@dataclass(frozen=True, slots=True)
class Changes:
    """What the publication changed; all zeros on a night that published nothing."""

    lines_added: int
    lines_removed: int
    arrived: int
    changed: int
    departed: int
    total: int
    by_field: tuple[FieldChanges, ...]
    by_profession: tuple[ProfessionChanges, ...]


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """The quality scores of a publication or of one of its parts, between 0 and 1 (docs/quality.md)."""

    name: str  # extract, code or triplet; empty for the publication
    label: str
    scores: Mapping[str, float]  # by dimension, ``score`` their mean; what cannot be told is left out
    former: Mapping[str, float]  # the same of the publication served before; empty without one


@dataclass(frozen=True, slots=True)
class ScorePoint:
    """The scores of one publication of the trend."""

    id: str
    published_at: datetime
    scores: Mapping[str, float]
    refused: bool


@dataclass(frozen=True, slots=True)
class Scores:
    """The quality scores of the publication the run looked at."""

    publication: ScoreLine
    trend: tuple[ScorePoint, ...]  # oldest first, that publication last
    extracts: tuple[ScoreLine, ...]
    professions: tuple[ScoreLine, ...]
    authorities: tuple[ScoreLine, ...]


@dataclass(frozen=True, slots=True)
class GapLine:
    """The lines of one group, before and now."""

    name: str
    label: str
    before: int
    after: int
    change: int


@dataclass(frozen=True, slots=True)
class Compared:
    """The publication the run looked at, refused or not, beside the last one served before it."""

    id: str  # of that one
    published_at: datetime
    extracts: tuple[GapLine, ...]  # those whose lines moved, what moved most first
    professions: tuple[GapLine, ...]
    departments: tuple[GapLine, ...]
    authorities: tuple[GapLine, ...]


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Lines that could not be read; at most ``len(lines)`` of ``total`` are shown."""

    total: int
    lines: tuple[Mapping[str, Any], ...]  # kind, line_number, reason, detail


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """How many comparisons ended in one verdict, and how many of them stand as findings to act upon."""

    verdict: str
    comparisons: int
    findings: int
    light: Light


@dataclass(frozen=True, slots=True)
class AuthorityCount:
    """Findings whose directory side one registration authority can correct, by verdict."""

    authority: str  # the triplet as published; empty when the directory names none
    by_verdict: Mapping[str, int]

    @property
    def total(self) -> int:
        """All verdicts together."""
        return sum(self.by_verdict.values())


@dataclass(frozen=True, slots=True)
class LagLine:
    """How long one side takes to catch up on one field, in days; None: too few have ended to tell."""

    field: str
    late_side: str
    caught_up: int
    running: int
    median_days: int | None
    p90_days: int | None


@dataclass(frozen=True, slots=True)
class Findings:
    """What tokens and directory disagree on, as it stands when the report is written."""

    observed: int  # practitioners compared
    open: int
    by_verdict: tuple[VerdictCount, ...]
    by_authority: tuple[AuthorityCount, ...]
    gravest: tuple[Mapping[str, Any], ...]  # the columns of the findings table, gravest first, limited
    lags: tuple[LagLine, ...] = ()  # fields on which a side caught up at least once


@dataclass(frozen=True, slots=True)
class FreshnessLine:
    """One subject of an objective, or all those of which nothing is asked, with its title."""

    light: Light
    group: str  # 'publication', 'feeds', 'claims' or 'ourselves'; empty for an objective of former times
    objective: str
    title: str
    reason: str
    link: str  # who has to act: 'producer', 'publisher', 'diffusion', 'us' or empty
    mend: str
    state: str
    observed: str
    limit: str
    since: str | None


@dataclass(frozen=True, slots=True)
class Night:
    """One run of the trend."""

    run_id: str
    started_at: datetime
    outcome: str
    practitioners: int | None  # None when the run published nothing
    arrived: int
    changed: int
    departed: int
    failing_checks: int
    quarantined: int
    seconds: float
    first_load: bool  # everybody arrived that night: kept out of the scale of the changes


@dataclass(frozen=True, slots=True)
class Production:
    """How the report was produced."""

    run_id: str
    started_at: datetime
    finished_at: datetime
    edited_at: datetime  # when this report was written; findings are as of then
    timings: Mapping[str, float]  # seconds by step
    peak_rss: int  # bytes
    version: str


@dataclass(frozen=True, slots=True)
class ReportModel:
    """Everything there is to show of one run."""

    language: str
    light: Light
    headline: str
    message: str
    mend: str
    outcome: str
    examined: Mapping[str, Any] | None  # id and published_at of the publication the run looked at
    served: Served | None
    files: tuple[FileLine, ...]
    channels: tuple[ChannelLine, ...]  # empty when a folder was read
    changes: Changes
    compared: Compared | None  # None: nothing was served before
    scores: Scores | None  # None: the run looked at no publication
    checks: tuple[CheckLine, ...]  # those that need eyes first
    quarantine: Quarantine
    findings: Findings
    freshness: tuple[FreshnessLine, ...]
    trend: tuple[Night, ...]  # oldest first, this run last
    production: Production
