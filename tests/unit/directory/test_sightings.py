import random
from datetime import date, timedelta

import pytest

from rpps_sync.directory.sightings import Sighting, add
from rpps_sync.observation import Scope, Trust

FIRST = date(2026, 11, 1)


def sighting(day: int, claims: str, trust: Trust = Trust.ATTESTED) -> Sighting:
    """One observation on a day of November."""
    seen = FIRST + timedelta(days=day - 1)
    return Sighting(claims, seen, seen, 1, trust, Scope.IN_SCOPE)


def history(*days: tuple[int, str]) -> list[tuple[str, int, int, int]]:
    """The history of some days in the order they came: claims, first day, last day, occurrences."""
    seen: list[Sighting] = []
    for day, claims in days:
        seen = add(seen, sighting(day, claims))
    return [(item.claims, item.first.day, item.last.day, item.occurrences) for item in seen]


def test_same_claims_extend_and_other_claims_follow() -> None:
    """In order of days: one version per change."""
    assert history((1, "a"), (2, "a"), (2, "a"), (4, "b"), (6, "a")) == [
        ("a", 1, 2, 3),
        ("b", 4, 4, 1),
        ("a", 6, 6, 1),
    ]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (((1, "a"), (3, "a"), (2, "b")), [("a", 1, 1, 1), ("b", 2, 2, 1), ("a", 3, 3, 1)]),
        (((1, "a"), (5, "b"), (3, "a")), [("a", 1, 3, 2), ("b", 5, 5, 1)]),
        (((1, "a"), (5, "b"), (3, "b")), [("a", 1, 1, 1), ("b", 3, 5, 2)]),
        (((5, "b"), (1, "a")), [("a", 1, 1, 1), ("b", 5, 5, 1)]),
        (
            ((1, "a"), (2, "a"), (3, "a"), (4, "a"), (5, "a"), (3, "b")),
            [("a", 1, 2, 2), ("b", 3, 3, 1), ("a", 4, 5, 3)],
        ),
        (((1, "a"), (2, "b"), (2, "a"), (2, "b")), [("a", 1, 1, 1), ("b", 2, 2, 2), ("a", 2, 2, 1)]),
    ],
)
def test_late_day_finds_its_place(
    days: tuple[tuple[int, str], ...], expected: list[tuple[str, int, int, int]]
) -> None:
    """A day that comes late splits or extends what was there."""
    assert history(*days) == expected


def test_any_order_of_days_keeps_the_count_and_ends_on_the_latest_claims() -> None:
    """Whatever the order: nothing is lost, versions stay in order, and the newest day decides what is current."""
    for seed in range(300):
        dice = random.Random(seed)
        days = [(day, dice.choice("ab")) for day in range(1, 9)]
        shuffled = dice.sample(days, len(days))
        seen = history(*shuffled)
        assert sum(item[3] for item in seen) == len(days)
        assert seen[-1][0] == days[-1][1]
        assert seen[-1][2] == 8
        assert seen[0][:2] == (days[0][1], 1)
        assert [item[1] for item in seen] == sorted(item[1] for item in seen)
        assert all(first <= last for _, first, last, _ in seen)


def test_claims_once_verified_stay_verified() -> None:
    """A later observation without a token does not take the proof away."""
    (seen,) = add([sighting(1, "a", Trust.VERIFIED)], sighting(2, "a"))
    assert seen.trust is Trust.VERIFIED
