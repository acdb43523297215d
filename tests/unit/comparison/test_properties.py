"""What holds for any two histories."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from rpps_sync.comparison.verdicts import judge
from rpps_sync.directory.sightings import Sighting, add, unfolded
from rpps_sync.finding import Verdict
from rpps_sync.observation import (
    ClaimedActivity,
    ClaimedExercise,
    ClaimHistory,
    Claims,
    ClaimVersion,
    Scope,
    Trust,
)
from rpps_sync.practitioner import (
    Activity,
    DirectoryHistory,
    DirectoryVersion,
    Exercise,
    Practitioner,
    Skill,
    Structure,
)

ID = "899900000019"
FIRST = date(2026, 11, 1)
DAYS = 12
PUBLICATIONS = tuple(FIRST + timedelta(days=number) for number in range(DAYS))
CLINIC, OFFICE = Structure(technical_id="F750000001"), Structure(technical_id="R95141")
SWAPPED = {Verdict.TOKEN_STALE: Verdict.DIRECTORY_STALE, Verdict.DIRECTORY_STALE: Verdict.TOKEN_STALE}

FIELDS = {  # single values, each with its readings
    "exercise.category": ("C", "E", "M"),
    "skill": ("SM26", "SM54", "SM04"),
    "identity.family_name": ("EXEMPLE", "AUTRE", "TIERS"),
    "activity.mode": ("S", "L", "B"),
    "contact.phone": ("0199000001", "0199000002", "0199000003"),
    "address.street": ("DES LILAS", "DES ROSES", "DU PARC"),
}


def practitioner(field: str, value: str, structures: tuple[Structure, ...] = (CLINIC,)) -> Practitioner:
    """Somebody who is the same in all but one field."""
    said = {name: values[0] for name, values in FIELDS.items()} | {field: value}
    activities = tuple(
        Activity(
            mode=said["activity.mode"],
            structure=Structure(
                technical_id=place.technical_id, phone=said["contact.phone"], street=said["address.street"]
            ),
        )
        for place in structures
    )
    skills = (Skill("S", said["skill"]),)
    exercise = Exercise("10", said["exercise.category"], skills=skills, activities=activities)
    return Practitioner(ID, "8", "M", said["identity.family_name"], "Ana", exercises=(exercise,))


def claims(person: Practitioner) -> Claims:
    """A token that says what a document says."""
    return Claims(
        exercises=tuple(
            ClaimedExercise(
                one.profession,
                one.category,
                "",
                person.family_name,
                person.given_name,
                "S",
                one.skills[0].code,
                tuple(ClaimedActivity(mode=work.mode, structure=work.structure) for work in one.activities),
            )
            for one in person.exercises
        )
    )


def token(said: list[tuple[int, Practitioner]]) -> ClaimHistory:
    """Claims from each of some days on, seen every day."""
    ends = [*(day - 1 for day, _ in said[1:]), DAYS - 1]
    versions = tuple(
        ClaimVersion(claims(person), FIRST + timedelta(days=day), FIRST + timedelta(days=last), 1, Trust.ATTESTED)
        for (day, person), last in zip(said, ends, strict=True)
    )
    return ClaimHistory(ID, "dpi", Scope.IN_SCOPE, versions)


def directory(said: list[tuple[int, Practitioner]]) -> DirectoryHistory:
    """What daily publications said from each of some days on."""
    versions = tuple(DirectoryVersion(person, FIRST + timedelta(days=day)) for day, person in said)
    return DirectoryHistory(ID, versions, PUBLICATIONS)


@st.composite
def history(draw: st.DrawFn, values: int = 3) -> list[tuple[int, int]]:
    """Up to five values, each from a day on; the first from the first day."""
    days = sorted(draw(st.sets(st.integers(1, DAYS - 1), max_size=4)))
    return [(day, draw(st.integers(0, values - 1))) for day in (0, *days)]


fields = st.sampled_from(sorted(FIELDS))


def verdicts(field: str, one: ClaimHistory, other: DirectoryHistory) -> list[tuple[Verdict, date | None]]:
    """The verdicts on one field."""
    return [(item.verdict, item.since) for item in judge(one, other, grace=3) if item.field == field]


@settings(deadline=None)
@given(fields, history(), history())
def test_swapping_the_two_histories_swaps_the_two_stale_verdicts(
    field: str, one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    """What one side left and the other still says is that other's lateness, and since the same day."""
    left, right = (
        [(day, practitioner(field, FIELDS[field][value])) for day, value in said] for said in (one, other)
    )
    ((straight, since),) = verdicts(field, token(left), directory(right))
    ((swapped, since_swapped),) = verdicts(field, token(right), directory(left))
    assert swapped is SWAPPED.get(straight, straight)
    if straight in SWAPPED:
        assert since == since_swapped


@settings(deadline=None)
@given(fields, history(), history())
def test_field_that_is_equal_on_both_sides_is_never_a_finding(
    field: str, one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    """Whatever both said before: agreement today asks nothing of anybody."""
    now = [(DAYS - 1, practitioner(field, FIELDS[field][0]))]
    before_one, before_other = (
        [(day, practitioner(field, FIELDS[field][value])) for day, value in said if day < DAYS - 1]
        for said in (one, other)
    )
    judged = judge(token(before_one + now), directory(before_other + now), grace=3)
    assert {item.verdict for item in judged} <= {Verdict.CONSISTENT, Verdict.NOT_COMPARABLE}


@settings(deadline=None)
@given(history(2), history(2))
def test_element_that_both_sides_name_is_never_a_finding(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    """A place that both name agrees, however often either dropped the other one."""
    sets = ((CLINIC,), (CLINIC, OFFICE))
    left, right = (
        [(day, practitioner("skill", "SM26", sets[value])) for day, value in said] for said in (one, other)
    )
    judged = judge(token(left), directory(right), grace=3)
    named = [item for item in judged if item.field == "activity.structure" and item.element == CLINIC.technical_id]
    assert [item.verdict for item in named] == [Verdict.CONSISTENT]


seen_days = st.lists(st.tuples(st.integers(0, DAYS - 1), st.integers(0, 2)), min_size=1, max_size=12)


@settings(deadline=None)
@given(seen_days.flatmap(lambda days: st.tuples(st.just(days), st.permutations(days))), fields, history())
def test_order_in_which_observations_arrive_never_changes_a_verdict(
    arrivals: tuple[list[tuple[int, int]], list[tuple[int, int]]], field: str, published: list[tuple[int, int]]
) -> None:
    """Late and out of order, the same observations end in the same judgements, evidence included."""
    said = directory([(day, practitioner(field, FIELDS[field][value])) for day, value in published])
    judged = []
    for order in arrivals:
        states: list[Sighting] = []
        for day, value in order:
            when = FIRST + timedelta(days=day)
            states = add(states, Sighting(FIELDS[field][value], when, when, 1, Trust.ATTESTED, Scope.IN_SCOPE))
        versions = tuple(
            ClaimVersion(claims(practitioner(field, run.claims)), run.first, run.last, run.occurrences, run.trust)
            for run in unfolded(states)
        )
        judged.append(judge(ClaimHistory(ID, "dpi", Scope.IN_SCOPE, versions), said, grace=3))
    assert judged[0] == judged[1]
