"""What holds for any two histories, whatever either side said of any field."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rpps_sync.comparison.fields import IDENTITY, PRACTITIONER
from rpps_sync.comparison.verdicts import judge
from rpps_sync.directory.sightings import Sighting, add, unfolded
from rpps_sync.finding import Judgement, Verdict
from rpps_sync.observation import ClaimHistory, ClaimVersion, Scope, Trust
from rpps_sync.practitioner import DirectoryHistory, Practitioner

from .two_histories import (
    DAYS,
    FIRST,
    GRACE,
    ID,
    SCALARS,
    SETS,
    Values,
    any_values,
    claims,
    directory,
    histories,
    people,
    practitioner,
    scalar_fields,
    set_fields,
    token,
    with_readings,
)

QUIET = {Verdict.CONSISTENT, Verdict.NOT_COMPARABLE}
SWAPPED = {Verdict.TOKEN_STALE: Verdict.DIRECTORY_STALE, Verdict.DIRECTORY_STALE: Verdict.TOKEN_STALE}
History = list[tuple[int, Practitioner]]


def of_field(field: str, one: ClaimHistory, other: DirectoryHistory) -> list[Judgement]:
    """The judgements on one field, or on the identity behind the number."""
    name, element = (PRACTITIONER, IDENTITY) if field == IDENTITY else (field, None)
    return [
        item for item in judge(one, other, grace=GRACE) if item.field == name and element in (None, item.element)
    ]


@pytest.mark.parametrize("field", [*SCALARS, IDENTITY])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_swapping_the_two_histories_swaps_the_two_stale_verdicts(field: str, data: st.DataObject) -> None:
    """What one side left and the other still says is that other's lateness, and since the same day."""
    left, right = data.draw(histories(with_readings(field))), data.draw(histories(with_readings(field)))
    (straight,) = of_field(field, token(left), directory(right))
    (swapped,) = of_field(field, token(right), directory(left))
    assert swapped.verdict is SWAPPED.get(straight.verdict, straight.verdict)
    if straight.verdict in SWAPPED:
        assert straight.since == swapped.since


@settings(deadline=None)
@given(set_fields, st.integers(1, DAYS - 1), any_values)
def test_swapping_who_drops_an_element_swaps_the_two_stale_verdicts(field: str, day: int, values: Values) -> None:
    """Whoever still names a profession or a place that the other gave up is late since that day."""
    kept, dropped = SETS[field]
    both, one = (_with(field, values, elements) for elements in ((kept, dropped), (kept,)))
    still, moved = [(0, both)], [(0, both), (day, one)]
    verdicts = [
        [(item.verdict, item.since) for item in of_field(field, said, published) if item.element == dropped]
        for said, published in ((token(still), directory(moved)), (token(moved), directory(still)))
    ]
    since = FIRST + timedelta(days=day)
    assert verdicts == [[(Verdict.TOKEN_STALE, since)], [(Verdict.DIRECTORY_STALE, since)]]


def _with(field: str, values: Values, elements: tuple[str, ...]) -> Practitioner:
    if field == "exercise.profession":
        return practitioner(values, professions=elements)
    return practitioner(values, places=elements)


@settings(deadline=None)
@given(histories(), histories(), people)
def test_sides_that_say_the_same_today_are_no_finding(one: History, other: History, now: Practitioner) -> None:
    """Whatever both said before: agreement today asks nothing of anybody."""
    left, right = (
        [*(said for said in history if said[0] < DAYS - 1), (DAYS - 1, now)] for history in (one, other)
    )
    judged = judge(token(left), directory(right), grace=GRACE)
    assert {item.verdict for item in judged} <= QUIET


@settings(deadline=None)
@given(scalar_fields, histories(), histories(), any_values, any_values)
def test_field_that_is_equal_on_both_sides_is_never_a_finding(
    field: str, one: History, other: History, mine: Values, theirs: Values
) -> None:
    """However much the rest differs, today and before."""
    now = [practitioner(values) for values in (mine, theirs | {field: mine[field]})]
    left, right = (
        [*(said for said in history if said[0] < DAYS - 1), (DAYS - 1, today)]
        for history, today in zip((one, other), now, strict=True)
    )
    judged = of_field(field, token(left), directory(right))
    assert judged
    assert {item.verdict for item in judged} <= QUIET


@settings(deadline=None)
@given(histories(), histories())
def test_element_that_both_sides_name_is_never_a_finding(one: History, other: History) -> None:
    """A profession or a place that both name agrees, however often either dropped the others."""
    judged = judge(token(one), directory(other), grace=GRACE)
    claimed, published = one[-1][1], other[-1][1]
    for field, named in (
        ("exercise.profession", [{item.profession for item in side.exercises} for side in (claimed, published)]),
        ("activity.structure", [_places(side) for side in (claimed, published)]),
    ):
        verdicts = {item.element: item.verdict for item in judged if item.field == field}
        assert verdicts.keys() == named[0] | named[1]
        assert {verdicts[element] for element in named[0] & named[1]} <= {Verdict.CONSISTENT}


def _places(person: Practitioner) -> set[str]:
    return {work.structure.technical_id for exercise in person.exercises for work in exercise.activities}


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[tuple[int, Practitioner]], list[tuple[int, Practitioner]]]:
    """Sign-ins that say one of three documents each, in two orders of arrival."""
    states = draw(st.lists(people, min_size=1, max_size=3))
    sign_in = st.tuples(st.integers(0, DAYS - 1), st.sampled_from(states))
    seen = draw(st.lists(sign_in, min_size=1, max_size=12))
    return seen, draw(st.permutations(seen))


@settings(deadline=None)
@given(arrivals(), histories())
def test_order_in_which_observations_arrive_never_changes_a_verdict(
    orders: tuple[list[tuple[int, Practitioner]], list[tuple[int, Practitioner]]], published: History
) -> None:
    """Late and out of order, the same observations end in the same judgements, evidence included."""
    judged = [judge(_arrived(order), directory(published), grace=GRACE) for order in orders]
    assert judged[0] == judged[1]


def _arrived(order: list[tuple[int, Practitioner]]) -> ClaimHistory:
    """What is kept of sign-ins that arrived in that order."""
    known = {repr(person): claims(person) for _, person in order}
    states: list[Sighting] = []
    for day, person in order:
        when = FIRST + timedelta(days=day)
        states = add(states, Sighting(repr(person), when, when, 1, Trust.ATTESTED, Scope.IN_SCOPE))
    return ClaimHistory(
        ID,
        "dpi",
        Scope.IN_SCOPE,
        tuple(
            ClaimVersion(known[run.claims], run.first, run.last, run.occurrences, run.trust)
            for run in unfolded(states)
        ),
    )


@settings(deadline=None)
@given(histories(), histories(), st.sets(st.integers(1, DAYS - 1)))
def test_day_on_which_nothing_was_served_is_no_day_of_grace(
    one: History, other: History, refused: set[int]
) -> None:
    """A difference that no history explains ages in publications: those that were refused do not count."""
    days = {FIRST + timedelta(days=day) for day in refused}
    said = directory(other)
    served = tuple(day for day in said.publications if day not in days)
    versions = tuple(version for version in said.versions if version.since not in days)
    for item in judge(token(one), DirectoryHistory(ID, versions, served), grace=GRACE):
        if item.field in SCALARS and item.verdict in (Verdict.PENDING, Verdict.CONFLICT):
            assert item.since is not None
            assert (item.verdict is Verdict.CONFLICT) == (_seen(served, item.since) >= GRACE)


def _seen(served: tuple[date, ...], since: date) -> int:
    """How many publications were current at some instant since a day."""
    return sum(day > since for day in served) + any(day <= since for day in served)
