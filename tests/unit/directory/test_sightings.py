"""States of claims, and the history they make."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpps_sync.directory.sightings import Sighting, add, unfolded
from rpps_sync.observation import Scope, Trust

FIRST = date(2026, 11, 1)


def sighting(day: int, claims: str, trust: Trust = Trust.ATTESTED) -> Sighting:
    """One observation on a day of November."""
    seen = FIRST + timedelta(days=day - 1)
    return Sighting(claims, seen, seen, 1, trust, Scope.IN_SCOPE)


def states(*days: tuple[int, str]) -> list[Sighting]:
    """What is kept of some days, in the order they came."""
    seen: list[Sighting] = []
    for day, claims in days:
        seen = add(seen, sighting(day, claims))
    return seen


def history(*days: tuple[int, str]) -> list[tuple[str, int, int]]:
    """The history that some days make: claims, first day, last day."""
    return [(item.claims, item.first.day, item.last.day) for item in unfolded(states(*days))]


def test_each_distinct_state_is_kept_once_however_often_it_is_seen() -> None:
    """Storage follows people and their changes, not logins."""
    kept = states((1, "a"), (2, "a"), (2, "a"), (4, "b"), (6, "a"))
    assert [(item.claims, item.first.day, item.last.day, item.occurrences) for item in kept] == [
        ("b", 4, 4, 1),
        ("a", 1, 6, 4),
    ]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (((1, "a"), (2, "a"), (5, "b"), (6, "b")), [("a", 1, 2), ("b", 5, 6)]),
        (((1, "a"), (3, "a"), (2, "b")), [("a", 1, 1), ("b", 2, 2), ("a", 3, 3)]),
        (((1, "a"), (9, "a"), (4, "b"), (5, "b")), [("a", 1, 3), ("b", 4, 5), ("a", 6, 9)]),
        (((1, "a"), (4, "b"), (6, "a"), (9, "b")), [("a", 1, 3), ("b", 4, 4), ("a", 5, 6), ("b", 7, 9)]),
        (((1, "a"), (2, "a"), (2, "b")), [("a", 1, 2), ("b", 2, 2)]),
    ],
)
def test_claims_that_come_back_do_so_on_the_day_after_the_others(
    days: tuple[tuple[int, str], ...], expected: list[tuple[str, int, int]]
) -> None:
    """First and last days are certain; what lies between follows from the other states."""
    assert history(*days) == expected


@given(
    st.lists(st.tuples(st.integers(1, 28), st.sampled_from("abc")), min_size=1, max_size=12).flatmap(
        lambda days: st.tuples(st.just(days), st.permutations(days))
    )
)
def test_days_in_any_order_leave_the_same_states_and_history(
    orders: tuple[list[tuple[int, str]], list[tuple[int, str]]],
) -> None:
    """Nothing is lost, and the newest day decides what is current."""
    in_time, late = (states(*order) for order in orders)
    assert in_time == late
    assert sum(item.occurrences for item in in_time) == len(orders[0])
    runs = unfolded(in_time)
    assert (runs[-1].claims, runs[-1].last) == (in_time[-1].claims, max(item.last for item in in_time))
    assert [run.first for run in runs] == sorted(run.first for run in runs)
    assert all(run.first <= run.last for run in runs)
    assert all(one.claims != other.claims for one, other in pairwise(runs))


def test_claims_once_verified_stay_verified() -> None:
    """A later observation without a token does not take the proof away."""
    (seen,) = add([sighting(1, "a", Trust.VERIFIED)], sighting(2, "a"))
    assert seen.trust is Trust.VERIFIED
