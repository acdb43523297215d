from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from rpps_sync.freshness.calendar import after_working_time, is_working, rhythm_day


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 11, 21), "a Saturday"),
        (date(2026, 4, 6), "Easter Monday"),
        (date(2026, 5, 14), "Ascension Day"),
        (date(2026, 5, 15), "the Friday that bridges it"),
        (date(2026, 7, 13), "the Monday before a Tuesday off"),
        (date(2026, 12, 29), "between Christmas and New Year"),
    ],
)
def test_offices_are_closed(day: date, why: str) -> None:
    """Weekends, public holidays wherever Easter falls, and the days that most offices bridge."""
    assert not is_working(day), why


def test_a_wednesday_off_leaves_the_week_around_it() -> None:
    """The Armistice of 2026 is a Wednesday: nobody bridges it, and it lives like a Sunday."""
    assert [is_working(date(2026, 11, day)) for day in (10, 11, 12)] == [True, False, True]
    assert [rhythm_day(date(2026, 11, day)) for day in (10, 11, 14)] == [1, 6, 5]


def test_a_weekend_takes_no_working_time() -> None:
    """A working day after Friday noon it is Monday noon."""
    friday, monday = (datetime(2026, 11, day, 11, tzinfo=UTC) for day in (20, 23))
    assert after_working_time(friday, timedelta(days=1)) == monday


def test_the_night_clocks_change_is_not_counted_twice() -> None:
    """Days are those of Paris, and the last Sunday of October is longer: noon there is eleven, then twelve UTC."""
    friday = datetime(2026, 10, 23, 10, tzinfo=UTC)
    assert after_working_time(friday, timedelta(days=1)) == datetime(2026, 10, 26, 11, tzinfo=UTC)
