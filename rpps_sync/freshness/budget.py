"""Error budgets: how much of the time an objective may be in error, and how much of that is spent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rpps_sync.directory.objective_states import Stay
from rpps_sync.freshness.objectives import objective_of
from rpps_sync.freshness.verdict import State

WINDOWS = (30, 90)  # days


@dataclass(frozen=True, slots=True)
class Budget:
    """One objective over one window of days."""

    objective: str
    days: int
    known: timedelta  # time with a state other than no_data
    warned: timedelta
    failed: timedelta
    target: float

    @property
    def allowed(self) -> timedelta:
        """The time it may be in error, over the whole window."""
        return (1 - self.target) * timedelta(days=self.days)

    @property
    def left(self) -> float:
        """The share of the budget that is left; negative when more was spent."""
        return 1 - self.failed / self.allowed

    @property
    def met(self) -> float | None:
        """The share of the known time without error; None when nothing is known."""
        return 1 - self.failed / self.known if self.known else None

    def to_json(self) -> dict[str, Any]:
        """One element of ``budgets`` in ``freshness --json``; times in hours."""
        return {
            "days": self.days,
            "known_hours": _hours(self.known),
            "warn_hours": _hours(self.warned),
            "error_hours": _hours(self.failed),
            "allowed_hours": _hours(self.allowed),
            "target": self.target,
            "met": None if self.met is None else round(self.met, 4),
            "left": round(self.left, 3),
        }


def budgets(stays: Iterable[Stay], now: datetime) -> dict[str, tuple[Budget, ...]]:
    """The budgets of every objective that is still declared, one a window.

    Args:
        stays: the states since the beginning of the longest window.
        now: the end of all windows.
    """
    by_objective: defaultdict[str, list[Stay]] = defaultdict(list)
    for stay in stays:
        by_objective[stay.objective].append(stay)
    return {
        name: tuple(_budget(name, lasted, days, now, declared.target) for days in WINDOWS)
        for name, lasted in by_objective.items()
        if (declared := objective_of(name)) is not None
    }


def _budget(name: str, stays: Iterable[Stay], days: int, now: datetime, target: float) -> Budget:
    spent: defaultdict[str, timedelta] = defaultdict(timedelta)
    begins = now - timedelta(days=days)
    for stay in stays:
        spent[stay.state] += max(timedelta(0), min(stay.until or now, now) - max(stay.since, begins))
    known = sum((spent[state] for state in State if state is not State.NO_DATA), timedelta())
    return Budget(name, days, known, spent[State.WARN], spent[State.ERROR], target)


def _hours(time: timedelta) -> float:
    return round(time.total_seconds() / 3600, 2)
