"""The one place that reads the time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from rpps_sync import clock
from rpps_sync.errors import UsageError


def test_simulated_night_sets_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """RPPS_SYNC_NOW replaces the present instant."""
    monkeypatch.setenv(clock.CLOCK_VARIABLE, "2026-11-20T03:00:00+01:00")
    assert clock.now() == datetime(2026, 11, 20, 2, tzinfo=UTC)


def test_without_it_the_machine_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable counts as none."""
    monkeypatch.setenv(clock.CLOCK_VARIABLE, "")
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)


def test_variable_that_is_no_instant_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    """A typing mistake is told in words."""
    monkeypatch.setenv(clock.CLOCK_VARIABLE, "tonight")
    with pytest.raises(UsageError, match="'tonight' is not a date"):
        clock.now()


def test_instant_without_zone_is_utc() -> None:
    """A bare day is its first instant, in UTC."""
    assert clock.parse_instant("2026-11-20") == datetime(2026, 11, 20, tzinfo=UTC)


def test_day_ends_just_before_the_next() -> None:
    """'As of 20 November' includes a publication of 23:59 on that day, and none of the next."""
    end = clock.end_of(date(2026, 11, 20))
    assert end.date() == date(2026, 11, 20)
    assert end + timedelta(microseconds=1) == datetime(2026, 11, 21, tzinfo=UTC)


def test_instants_are_written_in_utc_to_the_second() -> None:
    """One form everywhere."""
    paris = datetime.fromisoformat("2026-11-20T03:00:00.987+01:00")
    assert clock.iso(paris) == "2026-11-20T02:00:00Z"
