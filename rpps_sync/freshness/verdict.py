"""What is asked of an objective, and what is answered for one of its subjects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rpps_sync.freshness.evidence import Evidence
from rpps_sync.freshness.links import Link
from rpps_sync.freshness.objectives import Objective
from rpps_sync.freshness.wording import phrase

CLOCK_TOLERANCE = timedelta(minutes=5)  # difference between two machines' clocks that nobody should hear about


class State(StrEnum):
    """Where an objective stands."""

    OK = "ok"
    WARN = "warn"
    ERROR = "error"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True)
class Asked:
    """One objective to be judged on the evidence at one instant."""

    objective: Objective
    evidence: Evidence
    now: datetime
    language: str

    def say(self, key: str, **values: object) -> str:
        """A sentence in the language asked for."""
        return phrase(key, self.language, **values)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state of one subject, and what is to be said of it."""

    state: State
    observed: str
    limit: str = ""
    subject: str = ""
    since: datetime | None = None  # the instant the age is counted from
    link: Link = Link.NONE  # who has to act; none where nobody has to
    warn_at: datetime | None = None  # when it becomes a warning by itself, should nothing happen
    error_at: datetime | None = None
