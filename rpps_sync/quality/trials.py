"""One check applied to one file: what is to be put to Great Expectations, and what its answers come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any

import polars as pl

from rpps_sync.extracts.crossing import Orphans
from rpps_sync.extracts.difference import LineDifference
from rpps_sync.extracts.moved import Moved
from rpps_sync.extracts.profile import Profile
from rpps_sync.publication import ExtractKind
from rpps_sync.quality.declarations import Check


@dataclass(frozen=True, slots=True)
class Movement:
    """Practitioners of the publication under examination, against the publication being served."""

    arrived: int
    departed: int
    present: int  # in the publication being served: what departures are a share of
    changed: int = 0  # there before and tonight, with lines that moved in some file
    beyond: int = 0  # of the departed, those whose identifier is after the last one of tonight's file


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of a publication besides the measures of each file."""

    movement: Movement | None = None  # None: nothing to compare with
    labels: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (column, code) -> label in force
    tonight: Mapping[tuple[str, str], str] = field(default_factory=dict)  # the same, in these files
    orphans: Mapping[ExtractKind, Orphans] = field(default_factory=dict)
    deposited: Mapping[ExtractKind, datetime] = field(default_factory=dict)  # when each file was published
    differences: Mapping[ExtractKind, LineDifference] = field(default_factory=dict)  # lines that came and went
    digests: Mapping[ExtractKind, str] = field(default_factory=dict)  # SHA-256 of each file
    moved: Moved | None = None  # lines of those who move; None: not gathered
    published_on: date | None = None  # the day of the publication
    history: tuple[Mapping[str, Any], ...] = ()  # figures of all past publications known, beyond the window


@dataclass(frozen=True, slots=True)
class Subject:
    """What a check may look at: one file with its past, or the publication as a whole (no profile)."""

    kind: ExtractKind | None
    profile: Profile | None
    past: tuple[Mapping[str, Any], ...]  # metrics of this file, or of whole publications; oldest first
    kinds: tuple[ExtractKind, ...]  # the files of tonight
    around: Surroundings


class Told(Enum):
    """How a figure is put in words."""

    FAILING = "failing"  # 12 / 4 000 (0,3 %)
    COUNT = "count"  # 4 000
    SHARE = "share"  # 3 988 / 4 000 (99,7 %)
    MOVED = "moved"  # 4 000 (-0,3 %)


@dataclass(frozen=True, slots=True)
class Figure:
    """A count to be kept within bands around a reference."""

    value: int
    reference: int  # 0 when the value counts failures
    base: int  # what the bands are shares of
    examined: int
    name: str = ""  # of the column, when a trial has several figures
    samples: tuple[str, ...] = ()
    told: Told = Told.FAILING
    unit: str = ""  # of a COUNT, when it is no plain number
    spread: float | None = None  # how much the value usually moves; None: not known yet

    @property
    def failing(self) -> int:
        """How far the value is from its reference: the failures themselves when they are what is counted."""
        return abs(self.value - self.reference)


@dataclass(frozen=True, slots=True)
class Members:
    """Distinct values with their weight in lines, each to be in a set, or to occur once when there is no set.

    ``frame`` has the columns ``value``, ``rows`` and ``sample`` (what to show of a failing row).
    """

    frame: pl.DataFrame
    accepted: tuple[str | bool, ...] | None
    examined: int  # lines behind the values: what the bands are shares of


@dataclass(frozen=True, slots=True)
class Trial:
    """A check, its file and column, and what has to be judged; or why nothing can be."""

    check: Check
    kind: ExtractKind | None
    probes: Sequence[Figure | Members] = ()
    column: str = ""  # of checks that give one result per column
    skipped: str = ""  # name of a phrase (see ``wording``)

    @property
    def name(self) -> str:
        """The stable id of its result."""
        return f"{self.check.id}.{self.column}" if self.column else self.check.id
