"""The report of one run, whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rpps_sync.reporting.model.difference import Difference
from rpps_sync.reporting.model.findings import Findings
from rpps_sync.reporting.model.hand import Hand
from rpps_sync.reporting.model.light import Light
from rpps_sync.reporting.model.nights import FreshnessLine, Night, Production
from rpps_sync.reporting.model.publication import Changes, ChannelLine, Compared, FileLine, Served
from rpps_sync.reporting.model.quality import CheckLine, Quarantine, Scores


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
    hands: tuple[Hand, ...]  # what needs somebody, the worst first
    difference: Difference  # since the run before
    production: Production
