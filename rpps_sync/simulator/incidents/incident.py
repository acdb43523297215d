"""One incident: what is spoilt, and what must be said of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import polars as pl

from rpps_sync.publication import ExtractKind
from rpps_sync.simulator.spoiling import Spoil

PA, DIPL, SKILLS, MAIL, CARDS = ExtractKind
EVERYBODY = pl.lit(value=True)


@dataclass(frozen=True, slots=True)
class Incident:
    """One fault, and what must be said of it."""

    name: str
    check: str  # that must speak
    severity: str  # how gravely
    spoil: Spoil
    later: dict[ExtractKind, timedelta] = field(default_factory=dict)  # files deposited after the others
