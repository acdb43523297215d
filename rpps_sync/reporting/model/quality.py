"""What the checks found, how good the publication is, and what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rpps_sync.reporting.model.light import Light


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
class Quarantine:
    """Lines that could not be read; at most ``len(lines)`` of ``total`` are shown."""

    total: int
    lines: tuple[Mapping[str, Any], ...]  # kind, line_number, reason, detail
