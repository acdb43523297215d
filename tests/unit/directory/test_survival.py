import pytest

from rpps_sync.directory.survival import Duration, quantile, survival

# Remission times in weeks under 6-MP (Freireich et al., Blood 21, 1963); + marks those still in remission.
SIX_MP = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def durations(text: str) -> list[Duration]:
    """Times as text-books print them."""
    return [Duration(int(word.rstrip("+")), ended=not word.endswith("+")) for word in text.split()]


def test_the_estimate_is_that_of_the_text_books() -> None:
    """The published estimates of the 6-MP arm, to three decimals, censored times among them."""
    published = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert {days: round(share, 3) for days, share in survival(durations(SIX_MP))} == published


def test_medians_are_those_of_the_text_books() -> None:
    """23 weeks under treatment, 8 without."""
    assert quantile(survival(durations(SIX_MP)), 0.5) == 23
    assert quantile(survival(durations(PLACEBO)), 0.5) == 8


def test_without_censoring_it_is_the_share_still_waiting() -> None:
    """The placebo arm: nobody was lost, so each estimate is a plain proportion."""
    times = [duration.days for duration in durations(PLACEBO)]
    for days, share in survival(durations(PLACEBO)):
        assert share == pytest.approx(sum(time > days for time in times) / len(times))


def test_quantile_that_was_never_reached_is_not_told() -> None:
    """Nine tenths of the treated never relapsed within the study: there is no 90th percentile."""
    assert quantile(survival(durations(SIX_MP)), 0.9) is None
    assert quantile(survival([Duration(400, ended=False)]), 0.5) is None
    assert survival([]) == []
