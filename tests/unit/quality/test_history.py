from datetime import date, timedelta

from rpps_sync.quality.declarations import NO_LIMIT, Band
from rpps_sync.quality.history import of_the_day, usual
from rpps_sync.run_summary import CheckSeverity

BAND = Band(severity=CheckSeverity.WARNING, drop=0.003, floor=20, mads=6)


def test_total_collapse_after_eight_nights_is_seen_because_tonight_never_judges_itself() -> None:
    """With tonight among nine values, no z-score passes 2.7; against the past alone nothing hides it."""
    past = [1000.0, 1001, 999, 1000, 1002, 998, 1000, 1001]
    found = usual(past, 0)
    assert found.spread is not None
    assert found.reference - 0 > BAND.allowed(1000, found.spread)


def test_spread_says_nothing_during_the_cold_start() -> None:
    """Seven nights are too few to know what is usual: a band on the spread stays silent."""
    found = usual([1000.0] * 7, 900)
    assert found.spread is None
    assert BAND.allowed(1000, found.spread) == NO_LIMIT


def test_one_odd_night_does_not_widen_what_is_usual() -> None:
    """A median forgets what a mean and a variance would keep for a month."""
    calm = [1000.0, 1001, 999, 1000, 1002, 998, 1000, 1001, 1000]
    spread, odd = usual(calm, 1000).spread, usual([*calm[:-1], 500.0], 1000).spread
    assert spread is not None
    assert odd is not None
    assert odd <= spread * 2


def test_accepted_level_is_the_new_normal_at_once() -> None:
    """The last accepted value explains tonight's, whatever the median remembers."""
    assert usual([1000.0] * 20 + [800.0], 801).reference == 800


def test_days_of_the_week_are_told_apart_after_eight_weeks() -> None:
    """Before, a Sunday is compared with everything."""
    first = date(2026, 3, 1)  # a Sunday
    nights = [{"published_on": (first + timedelta(days=n)).isoformat()} for n in range(56)]
    assert len(of_the_day(nights, first + timedelta(days=56))) == 8
    assert len(of_the_day(nights[:40], first + timedelta(days=56))) == 40
