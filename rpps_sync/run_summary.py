"""The value one night yields: the ledger, the report, the command line and the metrics are views of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from rpps_sync.clock import iso
from rpps_sync.publication import ExtractKind


class Outcome(StrEnum):
    """How a night ended."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    FAILED = "failed"


class CheckSeverity(StrEnum):
    """What a failed check does: block the publication, or only be told."""

    BLOCKING = "blocking"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class CheckStatus(StrEnum):
    """What became of one check; one that examined no row is skipped or error, never passed."""

    PASSED = "passed"
    WARNED = "warned"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of one file: what was expected, what was seen, and where to look."""

    name: str  # stable id, e.g. 'keys.rpps-luhn'
    title: str  # in the language of the run
    file: str  # the extract's kind, or empty for checks across files
    severity: CheckSeverity
    status: CheckStatus
    observed: str
    expected: str
    rows: int = 0  # examined
    failing: int = 0
    samples: tuple[str, ...] = ()  # keys (line numbers, codes, identifiers), at most LIMITS.samples
    reason: str = ""  # why the check exists
    mend: str = ""  # what to do about a failure
    family: str = ""  # 'transport', 'schema', 'keys'…
    explanation: str = ""  # where the documentation explains it
    first_seen: str = ""  # the publication day since when it has been so; empty when nothing is to be seen
    acknowledged: str = ""  # why somebody said that it is known; quiet until it changes

    @property
    def success(self) -> bool:
        """Whether nothing speaks against this check (skipped checks do not count as success)."""
        return self.status is CheckStatus.PASSED

    @property
    def to_see(self) -> bool:
        """Whether somebody should look at it: not passed, skipped or acknowledged, and more than information."""
        informs = self.status is CheckStatus.WARNED and self.severity is CheckSeverity.INFO
        return self.speaks and not informs and not self.acknowledged

    @property
    def speaks(self) -> bool:
        """Whether there is anything to tell: neither passed nor skipped."""
        return self.status not in (CheckStatus.PASSED, CheckStatus.SKIPPED)

    @property
    def blocks(self) -> bool:
        """Whether this result refuses the publication."""
        return self.severity is CheckSeverity.BLOCKING and self.status in (
            CheckStatus.FAILED,
            CheckStatus.ERROR,
        )


@dataclass(frozen=True, slots=True)
class FileSummary:
    """One extract of the publication."""

    kind: ExtractKind
    url: str
    bytes: int
    sha256: str
    lines: int
    published_at: datetime
    channel: str = ""


@dataclass(frozen=True, slots=True)
class PublicationSummary:
    """The publication the run looked at, published or refused."""

    id: str
    published_at: datetime
    files: tuple[FileSummary, ...] = ()


@dataclass(frozen=True, slots=True)
class PractitionerDelta:
    """Practitioners that arrived (returns included), changed, left, and the total after the run."""

    added: int = 0
    changed: int = 0
    departed: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Delta:
    """What this publication changed."""

    lines_added: int = 0
    lines_removed: int = 0
    practitioners: PractitionerDelta = field(default_factory=PractitionerDelta)


@dataclass(frozen=True, slots=True)
class QuarantinedLine:
    """A line that could not be read; its practitioner keeps the last good version."""

    kind: ExtractKind
    line_number: int  # 1 is the header
    reason: str  # 'field-count', 'not-utf-8', 'too-long', 'control-character', 'bad-identifier'
    detail: str  # e.g. '55 fields, 56 expected'
    national_id: str = ""  # when it could still be read
    raw: bytes = field(default=b"", repr=False)  # without its line end; open data, but nothing for a log
    cut: bool = False  # raw is only the beginning, LIMITS.line_bytes long


@dataclass(frozen=True, slots=True)
class ComparisonSummary:
    """How many practitioners were observed, and the verdicts on their fields."""

    observed: int = 0
    by_verdict: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InboxSummary:
    """What was taken in from the watched folder of observations."""

    files: int = 0
    accepted: int = 0
    duplicate: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)  # lines, by reason
    waiting: tuple[str, ...] = ()  # files that could not be taken in this time, and why


@dataclass(frozen=True, slots=True)
class FreshnessState:
    """One subject of one objective: ok, warn, error or no_data."""

    objective: str  # 'publication.age'; with its subject where there are several: 'feed.changes:CNOM'
    state: str
    observed: str
    limit: str
    since: datetime | None = None  # the instant the age is counted from
    link: str = ""  # who has to act: producer, publisher, diffusion or us
    mend: str = ""  # what to do about it
    warn_at: datetime | None = None  # when it becomes a warning by itself, should nothing happen
    error_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChannelSummary:
    """How one way to the extracts stood that night."""

    name: str  # 'data-gouv' or 'ans'
    state: str  # 'served', 'standby', 'lagging', 'mixed-days', 'unreachable' or 'refused'
    published_at: datetime | None = None  # of what it offered; None when it did not answer
    behind_seconds: int | None = None  # behind the channel that offered the newest
    message: str = ""  # why it failed


@dataclass(frozen=True, slots=True)
class RunSummary:
    """All there is to say of one run."""

    run_id: str
    started_at: datetime
    finished_at: datetime
    outcome: Outcome
    message: str = ""  # one sentence: why it was refused or failed, what is still served
    mend: str = ""
    publication: PublicationSummary | None = None
    channels: tuple[ChannelSummary, ...] = ()  # in the order of preference; empty when a folder was read
    served: str = ""  # id of the publication being served once the run is over
    delta: Delta = field(default_factory=Delta)
    quarantine: tuple[QuarantinedLine, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    inbox: InboxSummary = field(default_factory=InboxSummary)
    comparison: ComparisonSummary = field(default_factory=ComparisonSummary)
    freshness: tuple[FreshnessState, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)  # seconds by step
    peak_rss: int = 0  # bytes
    report: Path | None = None
    exit_code: int = 0  # of 'rpps-sync run', see docs/exit-codes.md

    def to_json(self) -> dict[str, Any]:
        """The document of ``run --json`` and of the ledger."""
        plain: dict[str, Any] = _plain(dataclasses.replace(self, quarantine=()))
        plain["quarantine"] = {"lines": len(self.quarantine)}
        for check, result in zip(plain["checks"], self.checks, strict=True):
            check["success"] = result.success
        return plain


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, StrEnum | Path) else value
