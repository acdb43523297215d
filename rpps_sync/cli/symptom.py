"""One thing that ``doctor`` looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing looked at: ``ok``, ``warn`` or ``wrong``, what was seen, and the mend."""

    subject: str
    state: str
    observed: str
    mend: str = ""
