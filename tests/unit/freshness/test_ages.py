from __future__ import annotations

from datetime import timedelta

import pytest

from rpps_sync.freshness.ages import in_words


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=31, minutes=50), "31 h"),
        (timedelta(hours=47, minutes=59), "47 h"),
        (timedelta(days=2), "2 j"),
        (timedelta(days=4, hours=2), "4 j 2 h"),
        (timedelta(seconds=-30), "0 min"),
    ],
)
def test_ages_read_as_people_say_them(age: timedelta, words: str) -> None:
    """Minutes under an hour, hours under two days, then days and hours."""
    assert in_words(age, "fr") == words
