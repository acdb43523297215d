"""Two histories for the verdicts to meet: whole documents, every comparable field of which can differ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import strategies as st

from rpps_sync.comparison.fields import IDENTITY, PRACTITIONER, STAKES
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
GRACE = 3
CLINIC, OFFICE = "F750000001", "R95141"
DOCTOR, NURSE = "10", "60"

SCALARS = {  # fields of one value, each with readings of which no two are the same
    "identity.family_name": ("EXEMPLE", "AUTRE", "TIERS"),
    "identity.given_name": ("ANA", "ZOE", "LEA"),
    "exercise.category": ("C", "E", "M"),
    "skill": ("SM26", "SM54", "SM04"),
    "activity.mode": ("S", "L", "B"),
    "activity.sector": ("SA01", "SA04", "SA07"),
    "activity.role": ("FON-01", "FON-17", "FON-33"),
    "activity.kind": ("GENR01", "GENR02", "GENR12"),
    "activity.pharmacist_section": ("A", "B", "D"),
    "contact.phone": ("0199000001", "0199000002", "0199000003"),
    "contact.email": ("a@b.example", "b@b.example", "c@b.example"),
    "address.street": ("DES LILAS", "DES ROSES", "DU PARC"),
    "address.postal_code": ("75013", "69003", "13005"),
    "address.commune": ("75113", "69383", "13205"),
}
SETS = {  # fields of several values, each with the elements it can have
    "exercise.profession": (DOCTOR, NURSE),
    "activity.structure": (CLINIC, OFFICE),
}
assert {*SCALARS, *SETS, PRACTITIONER} == STAKES.keys()

Values = dict[str, str]  # by scalar field
Said = Sequence[tuple[int, Practitioner]]  # from each of some days on; the first from the first day


def practitioner(
    values: Values, professions: Sequence[str] = (DOCTOR,), places: Sequence[str] = (CLINIC,)
) -> Practitioner:
    """A document that says those values, for every profession and at every place; others as the first reading."""
    told = {name: readings[0] for name, readings in SCALARS.items()} | values
    activities = tuple(
        Activity(
            mode=told["activity.mode"],
            sector=told["activity.sector"],
            role=told["activity.role"],
            kind=told["activity.kind"],
            pharmacist_section=told["activity.pharmacist_section"],
            structure=Structure(
                technical_id=place,
                phone=told["contact.phone"],
                email=told["contact.email"],
                street=told["address.street"],
                postal_code=told["address.postal_code"],
                commune=told["address.commune"],
            ),
        )
        for place in places
    )
    exercises = tuple(
        Exercise(profession, told["exercise.category"], skills=(Skill("S", told["skill"]),), activities=activities)
        for profession in professions
    )
    family, given = told["identity.family_name"], told["identity.given_name"]
    return Practitioner(ID, "8", "M", family, given, exercises=exercises)


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
                tuple(
                    ClaimedActivity(
                        work.mode,
                        work.sector,
                        work.role,
                        work.kind,
                        work.pharmacist_section,
                        structure=work.structure,
                    )
                    for work in one.activities
                ),
            )
            for one in person.exercises
        )
    )


def token(said: Said) -> ClaimHistory:
    """Claims from each of some days on, seen every day."""
    ends = [*(day - 1 for day, _ in said[1:]), DAYS - 1]
    versions = tuple(
        ClaimVersion(claims(person), FIRST + timedelta(days=day), FIRST + timedelta(days=last), 1, Trust.ATTESTED)
        for (day, person), last in zip(said, ends, strict=True)
    )
    return ClaimHistory(ID, "dpi", Scope.IN_SCOPE, versions)


def directory(said: Said) -> DirectoryHistory:
    """What daily publications said from each of some days on."""
    versions = tuple(DirectoryVersion(person, FIRST + timedelta(days=day)) for day, person in said)
    return DirectoryHistory(ID, versions, PUBLICATIONS)


scalar_fields = st.sampled_from(sorted(SCALARS))
set_fields = st.sampled_from(sorted(SETS))
any_values = st.fixed_dictionaries({name: st.sampled_from(readings) for name, readings in SCALARS.items()})


def _some(elements: Sequence[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(elements), min_size=1, max_size=len(elements), unique=True)


people = st.builds(practitioner, any_values, _some(SETS["exercise.profession"]), _some(SETS["activity.structure"]))
"""Any document: every field of one value, and every set of elements."""


@st.composite
def histories(
    draw: st.DrawFn, documents: st.SearchStrategy[Practitioner] = people
) -> list[tuple[int, Practitioner]]:
    """Up to five documents, each from a day on; the first from the first day."""
    days = sorted(draw(st.sets(st.integers(1, DAYS - 1), max_size=4)))
    return [(day, draw(documents)) for day in (0, *days)]


def with_readings(field: str) -> st.SearchStrategy[Practitioner]:
    """Documents that differ in one field alone; the element ``identity`` changes both names at once."""
    if field == IDENTITY:
        names = zip(SCALARS["identity.family_name"], SCALARS["identity.given_name"], strict=True)
        values = [{"identity.family_name": family, "identity.given_name": given} for family, given in names]
    else:
        values = [{field: reading} for reading in SCALARS[field]]
    return st.sampled_from(values).map(practitioner)
