"""What was published, and what that changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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
