"""What tokens and directory disagree on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rpps_sync.reporting.model.light import Light


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
class SourceCount:
    """Findings about what one application's tokens say, by verdict."""

    source: str
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
class Standing:
    """The findings that stand, counted by who can do something about them, the most first."""

    by_authority: tuple[AuthorityCount, ...]
    by_source: tuple[SourceCount, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What tokens and directory disagree on, as it stands when the report is written."""

    observed: int  # practitioners compared
    open: int
    by_verdict: tuple[VerdictCount, ...]
    by_authority: tuple[AuthorityCount, ...]
    by_source: tuple[SourceCount, ...]
    gravest: tuple[Mapping[str, Any], ...]  # the columns of the findings table, gravest first, limited
    lags: tuple[LagLine, ...] = ()  # fields on which a side caught up at least once
