"""How fresh it all is, the nights before, and how the report was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rpps_sync.reporting.model.light import Light


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
