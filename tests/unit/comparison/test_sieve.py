"""Agreement found in columns is the agreement that the exact path finds, and doubt is left to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rpps_sync.comparison.coordinates import phone
from rpps_sync.comparison.places import keys_of
from rpps_sync.comparison.sieve import STRUCTURE_COLUMNS, WORK_COLUMNS, Published, agreeing
from rpps_sync.comparison.sieve_forms import phone as phone_column
from rpps_sync.comparison.sieve_places import with_keys
from rpps_sync.comparison.verdicts import judge
from rpps_sync.directory import claim_documents
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

ID, DAY = "899900000019", date(2026, 11, 1)
QUIET = {Verdict.CONSISTENT, Verdict.NOT_COMPARABLE}


def few(*values: str) -> st.SearchStrategy[str]:
    """One of some values, so that both sides often meet."""
    return st.sampled_from(values)


structures = st.builds(
    Structure,
    technical_id=few("", "F750000001", "F75000000101072015", "C99900000100011", "R95141", "R95142"),
    former_id=few("", "1750000001", "399900000100011", "499900000001001"),
    finess=few("", "750000001", "750000002"),
    siret=few("", "99900000100011", "99900000100029"),
    street_number=few("", "12", "012"),
    street_repetition=few("", "B", "BIS"),
    street_type=few("", "R", "RUE", "AV"),
    street=few("", "-", "DES LILAS", "RUE des Lilas", "DU PARC"),
    cedex=few("", "75651 PARIS CEDEX 13"),
    postal_code=few("", "75013", "75651", "69003"),
    commune=few("", "75113", "75056", "75114"),
    phone=few("", "0199000001", "+33 1 99 00 00 01", "0199000002"),
    phone2=few("", "0199000002", "01990000"),
    email=few("", "a@b.example", " A@B.EXAMPLE", "@"),
)
works = {
    "mode": few("", "S", "L"),
    "sector": few("", "SA01", "SA07"),
    "role": few("", "FON-01"),
    "kind": few("", "GENR01", "GENR02"),
    "pharmacist_section": few("", "A"),
}
claims = st.builds(
    Claims,
    exercises=st.lists(
        st.builds(
            ClaimedExercise,
            profession=few("", "10", "60"),
            category=few("", "C", "E"),
            family_name=few("", "EXEMPLE", "Exemple-Durand", "AUTRE"),
            given_name=few("", "ANA", "Ana Maria", "ZOE"),
            skill_type=few("", "S"),
            skill=few("", "SM26", "SM54"),
            activities=st.lists(st.builds(ClaimedActivity, **works, structure=structures), max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
)
practitioners = st.builds(
    Practitioner,
    st.just(ID),
    st.just("8"),
    st.just("M"),
    family_name=few("", "EXEMPLE"),
    given_name=few("", "ANA"),
    exercises=st.lists(
        st.builds(
            Exercise,
            profession=few("10", "60"),
            category=few("C", "E"),
            skills=st.lists(st.builds(Skill, few("S", "C"), few("SM26", "SM54")), max_size=2, unique=True).map(
                tuple
            ),
            activities=st.lists(st.builds(Activity, **works, structure=structures), max_size=2).map(tuple),
        ),
        max_size=2,
        unique_by=lambda exercise: (exercise.profession, exercise.category),
    ).map(tuple),
)


def token(person: Practitioner) -> Claims:
    """A token that says what a document says, as far as tokens do."""
    return Claims(
        exercises=tuple(
            ClaimedExercise(
                one.profession,
                one.category,
                "",
                person.family_name,
                person.given_name,
                activities=tuple(
                    ClaimedActivity(**codes(work), structure=work.structure) for work in one.activities
                ),
            )
            for one in person.exercises
        )
    )


def codes(work: Activity) -> dict[str, str]:
    """The coded values of an activity."""
    return {name: getattr(work, name) for name in WORK_COLUMNS}


def frame(rows: Sequence[tuple[str, ...]], *names: str) -> pl.DataFrame:
    """Rows of text."""
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def published(person: Practitioner) -> Published:
    """A document as the columns of the directory."""
    places: list[Structure] = [Structure()]
    activities = []
    for exercise in person.exercises:
        for work in exercise.activities:
            if work.structure not in places:
                places.append(work.structure)
            activities.append((ID, exercise.profession, *codes(work).values(), places.index(work.structure)))
    columns = dict.fromkeys(("national_id", "profession", *WORK_COLUMNS), pl.String) | {"structure_id": pl.Int64}
    cells = [
        (number, *(getattr(place, name) for name in STRUCTURE_COLUMNS)) for number, place in enumerate(places)
    ]
    return Published(
        frame([(ID, person.family_name, person.given_name)], "national_id", "family_name", "given_name"),
        frame(
            [(ID, one.profession, one.category) for one in person.exercises],
            "national_id",
            "profession",
            "category",
        ),
        frame(
            [(ID, one.profession, skill.type, skill.code) for one in person.exercises for skill in one.skills],
            "national_id",
            "profession",
            "type",
            "code",
        ),
        pl.DataFrame(activities, schema=columns, orient="row"),
        pl.DataFrame(
            cells[1:],
            schema={"structure_id": pl.Int64} | dict.fromkeys(STRUCTURE_COLUMNS, pl.String),
            orient="row",
        ),
    )


def both_ways(said: Claims, person: Practitioner) -> tuple[Counter[Verdict], dict[str, int] | None]:
    """What the exact path counts, and what the sieve does when it lets nobody through."""
    history = ClaimHistory(ID, "dpi", Scope.IN_SCOPE, (ClaimVersion(said, DAY, DAY, 1, Trust.ATTESTED),))
    directory = DirectoryHistory(ID, (DirectoryVersion(person, DAY),), (DAY,))
    exact = Counter(item.verdict for item in judge(history, directory, grace=3))
    claimed = frame([(ID, "dpi", claim_documents.to_json(said))], "national_id", "source", "claims")
    agreed = agreeing(claimed, published(person)).to_dicts()
    return exact, agreed[0] if agreed else None


@settings(max_examples=150, deadline=None)
@given(claims, practitioners)
def test_sieve_never_calls_an_agreement_what_the_exact_path_does_not(said: Claims, person: Practitioner) -> None:
    """Whatever both sides say: who is let fall counts exactly as they would have been judged."""
    exact, agreed = both_ways(said, person)
    if agreed is not None:
        assert set(exact) <= QUIET
        assert (agreed["consistent"], agreed["not_comparable"]) == (
            exact[Verdict.CONSISTENT],
            exact[Verdict.NOT_COMPARABLE],
        )


@settings(max_examples=150, deadline=None)
@given(practitioners)
def test_sieve_agrees_with_a_token_that_says_the_same(person: Practitioner) -> None:
    """Same again where both sides agree by construction; what is plain is not left to the exact path."""
    exact, agreed = both_ways(token(person), person)
    assert set(exact) <= QUIET
    if agreed is not None:
        assert agreed["consistent"] == exact[Verdict.CONSISTENT]
    names = [keys_of(work.structure) for one in person.exercises for work in one.activities]
    plain = all(len(kind) < 2 for keys in names for kind in keys)
    if plain and len({keys for keys in names if any(keys)}) < 2 and not has_signs_only(person):
        assert agreed is not None


def has_signs_only(person: Practitioner) -> bool:
    """Whether a value is made of signs alone, which the sieve does not read."""
    cells = [work.structure for one in person.exercises for work in one.activities]
    return any(place.street == "-" or place.email == "@" for place in cells)


def test_nobody_to_sift_is_no_trouble() -> None:
    """An empty page of observations."""
    claimed = frame([], "national_id", "source", "claims")
    nobody = published(Practitioner(ID, "8", "M", "EXEMPLE", "ANA"))
    assert agreeing(claimed, nobody).is_empty()


def test_one_of_two_people_who_differs_does_not_hold_back_the_other() -> None:
    """Doubts are kept apart person by person, and application by application."""
    person = Practitioner(ID, "8", "M", "EXEMPLE", "ANA", exercises=(Exercise("10", "C"),))
    wrong = replace(token(person), exercises=(ClaimedExercise("60", "C"),))
    rows = [(ID, "dpi", claim_documents.to_json(token(person))), (ID, "pui", claim_documents.to_json(wrong))]
    agreed = agreeing(frame(rows, "national_id", "source", "claims"), published(person))
    assert agreed["source"].to_list() == ["dpi"]


@settings(deadline=None)
@given(st.text(alphabet="0123456789+() .-", max_size=16))
def test_phones_have_the_same_form_in_columns(text: str) -> None:
    """The expression is the function."""
    made = pl.DataFrame({"phone": [text]}).select(phone_column("phone")).item()
    assert made == phone(text)


@pytest.mark.parametrize("technical", ["", "F750000001", "F75000000101072015", "C99900000100011", "R95141"])
@pytest.mark.parametrize("former", ["", "1750000001", "399900000100011", "499900000001001", "1 75 0000001"])
@pytest.mark.parametrize("finess", ["", "750000001", "10000001", "2a0000001"])
def test_identifiers_have_the_same_keys_in_columns(technical: str, former: str, finess: str) -> None:
    """The columns are ``keys_of``, but for structures that hold two values of one kind, which they give up."""
    place = Structure(technical_id=technical, former_id=former, finess=finess)
    cells = {name: [getattr(place, name)] for name in ("technical_id", "former_id", "finess", "siret")}
    *keys, ambiguous = with_keys(pl.DataFrame(cells)).drop(*cells).row(0)
    expected = keys_of(place)
    if any(len(kind) > 1 for kind in expected):
        assert ambiguous
    if not ambiguous:
        assert keys == [next(iter(kind), None) for kind in expected]
