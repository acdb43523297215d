from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rpps_sync.directory.objective_states import Stay
from rpps_sync.freshness.budget import Budget, budgets

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)


def _stay(state: str, begins: float, ends: float | None, name: str = "publication.age") -> Stay:
    """A state between two numbers of days ago."""
    until = None if ends is None else NOW - timedelta(days=ends)
    return Stay(name, state, NOW - timedelta(days=begins), until, "", "")


def _month(*stays: Stay) -> Budget:
    return budgets(stays, NOW)["publication.age"][0]


def test_three_hours_of_error_spend_their_share_of_the_month() -> None:
    """One hundredth of thirty days is 7.2 hours: three of them leave 58 %."""
    month = _month(_stay("ok", 30, 0.125), _stay("error", 0.125, None))
    assert month.allowed == timedelta(hours=7.2)
    assert month.left == pytest.approx(1 - 3 / 7.2)
    assert month.met == pytest.approx(1 - 3 / 720)


def test_a_warning_spends_nothing() -> None:
    """Warnings are for people to act before the budget is touched."""
    month = _month(_stay("warn", 3, None))
    assert (month.left, month.warned) == (1, timedelta(days=3))


def test_an_outage_of_two_days_overdraws_the_month_and_not_its_past() -> None:
    """More than the budget is told as such; what happened before the window is not counted in it."""
    month, quarter = budgets([_stay("error", 60, 50), _stay("error", 2, 0), _stay("ok", 0, None)], NOW)[
        "publication.age"
    ]
    assert month.failed == timedelta(days=2)
    assert month.left < -5
    assert quarter.failed == timedelta(days=12)


def test_nothing_known_is_no_success() -> None:
    """Without any state but no data, the share of good time is unknown, not perfect."""
    month = _month(_stay("no_data", 9, None))
    assert (month.met, month.known) == (None, timedelta(0))


def test_an_objective_of_former_times_has_no_budget() -> None:
    """Its target is no longer declared."""
    assert budgets([_stay("ok", 9, None, "cards.age")], NOW) == {}
