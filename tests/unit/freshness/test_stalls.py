from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest

from rpps_sync.freshness.calendar import rhythm_day
from rpps_sync.freshness.stalls import LEARNED, Brought, judge

MONDAY = date(2026, 3, 2)
STALL = date(2026, 6, 16)  # a Tuesday; that week has no holiday
WEEK = (1.1, 1.0, 1.0, 1.0, 0.9, 0.05, 0.0)


def _feed(daily: float, until: date, *, seed: int = 1, missing: Sequence[date] = ()) -> list[Brought]:
    """A feed of so many changes a working day, published every day but some, until a day."""
    rng = np.random.default_rng(seed)
    days = [MONDAY + timedelta(days=number) for number in range((until - MONDAY).days + 1)]
    done = {day: _count(rng, daily * WEEK[rhythm_day(day)]) for day in days}
    published = [day for day in days if day not in missing]
    return [
        Brought(day, former, sum(count for one, count in done.items() if former <= one < day))
        for former, day in pairwise(published)
    ]


def _count(rng: np.random.Generator, mean: float) -> int:
    return int(rng.negative_binomial(8, 8 / (8 + mean))) if mean else 0


def _then_silence(feed: list[Brought], publications: int) -> list[Brought]:
    last = feed[-1].day
    days = [last + timedelta(days=number) for number in range(publications + 1)]
    return [*feed, *(Brought(day, former, 0) for former, day in pairwise(days))]


def test_an_order_that_sends_nothing_for_two_working_days_is_noticed() -> None:
    """A feed of 120 changes a day is suspected at its second silent publication, with the day since when."""
    feed = _feed(120, STALL)
    assert judge(feed).silence is None
    assert judge(_then_silence(feed, 1)).silence is None
    silence = judge(_then_silence(feed, 2)).silence
    assert silence is not None
    assert (silence.since, silence.publications, silence.seen) == (STALL, 2, 0)
    assert 200 < silence.expected < 280
    assert silence.odds < 1e-3


def test_a_weekend_without_changes_is_no_silence() -> None:
    """Offices are closed on Saturday and Sunday: their publications bring nothing, and mean nothing."""
    friday = date(2026, 6, 20)  # the publication that carries Friday's work
    assert judge(_then_silence(_feed(120, friday), 2)).silence is None


def test_a_week_of_holidays_is_no_silence() -> None:
    """Ascension Thursday and the Friday that bridges it live like a weekend, of four days together."""
    assert judge(_then_silence(_feed(120, date(2026, 5, 14)), 4)).silence is None


def test_a_feed_of_one_change_a_day_takes_longer_and_is_found() -> None:
    """A handful of changes a week: the silence is told once it is unlikely, not before."""
    feed = _feed(1.5, STALL)
    found = [number for number in range(1, 15) if judge(_then_silence(feed, number)).silence is not None]
    assert found
    assert 5 <= found[0] <= 12


def test_too_few_changes_are_no_data_rather_than_a_guess() -> None:
    """A feed of one change a fortnight is never said to be silent, nor to be well."""
    judged = judge(_then_silence(_feed(0.1, STALL), 14))
    assert (judged.silence, judged.tellable) == (None, False)


@pytest.mark.parametrize("publications", [1, LEARNED - 1])
def test_a_young_directory_is_still_learning(publications: int) -> None:
    """Before four weeks of publications nothing is known of weekdays, and nothing is said."""
    judged = judge(_feed(120, MONDAY + timedelta(days=publications)))
    assert (judged.silence, judged.tellable, judged.daily) == (None, False, 0.0)


def test_a_night_that_was_not_published_is_no_silence() -> None:
    """The publication after a missing one carries two days; the missing one is nobody's silence."""
    missing = [STALL - timedelta(days=number) for number in (1, 8, 20)]
    judged = judge(_feed(120, STALL, missing=missing))
    assert (judged.silence, judged.tellable) == (None, True)


def test_a_batch_that_came_a_day_late_is_forgiven_and_remembered() -> None:
    """One silent publication then a double one is no alarm; a feed that often does so takes longer to suspect."""
    feed = _feed(120, STALL)
    late = list(feed)
    for place in range(10, len(feed) - 10, 9):
        first, second = late[place], late[place + 1]
        late[place] = Brought(first.day, first.follows, 0)
        late[place + 1] = Brought(second.day, second.follows, second.changes + first.changes)
        assert judge(late[: place + 1]).silence is None
    punctual, unpunctual = (judge(_then_silence(one, 2)).odds for one in (feed, late))
    assert punctual < unpunctual / 10


def test_a_former_stall_does_not_teach_that_silence_is_usual() -> None:
    """A fortnight of silence in May does not hide the one of June."""
    feed = _feed(120, STALL)
    stalled = [
        Brought(one.day, one.follows, 0) if date(2026, 4, 14) <= one.day <= date(2026, 4, 28) else one
        for one in feed
    ]
    assert judge(_then_silence(stalled, 2)).silence is not None


def test_a_feed_silent_for_four_months_is_still_told() -> None:
    """What it brought before is what it is compared with, however long ago."""
    judged = judge(_then_silence(_feed(120, STALL), 120))
    assert judged.silence is not None
    assert (judged.silence.since, judged.silence.publications) == (STALL, 120)


def test_a_mass_correction_does_not_raise_what_is_expected() -> None:
    """Ten thousand addresses corrected in one night leave the usual day where it was."""
    feed = _feed(120, STALL)
    day = feed[40]
    corrected = [*feed[:40], Brought(day.day, day.follows, 10_000), *feed[41:]]
    assert judge(corrected).daily == pytest.approx(judge(feed).daily, rel=0.1)
