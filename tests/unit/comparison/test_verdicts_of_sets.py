"""Professions and structures, element by element: who still names what the other gave up."""

from dataclasses import replace

import pytest

from rpps_sync.comparison.verdicts import judge
from rpps_sync.finding import Severity, StaleSide, Verdict
from rpps_sync.observation import Claims
from rpps_sync.practitioner import Exercise, Structure

from .one_doctor import (
    CLINIC,
    NOV,
    OFFICE,
    differences,
    doctor,
    of_field,
    published,
    seen,
)


def test_structure_closed_by_the_directory_makes_the_token_late_since_that_publication() -> None:
    """A place the directory formerly had and dropped is token_stale since the publication without it."""
    found = differences(
        seen((1, doctor(CLINIC, OFFICE))), published((1, doctor(CLINIC, OFFICE)), (4, doctor(CLINIC)))
    )
    assert found == {("activity.structure", OFFICE.key, Verdict.TOKEN_STALE, NOV[4])}


def test_move_told_by_the_token_first_makes_the_directory_late_on_both_places() -> None:
    """The new place and the lost one are directory_stale since the first observation of the move."""
    found = differences(seen((1, doctor(CLINIC)), (3, doctor(OFFICE))), published((1, doctor(CLINIC))))
    assert found == {
        ("activity.structure", OFFICE.key, Verdict.DIRECTORY_STALE, NOV[3]),
        ("activity.structure", CLINIC.key, Verdict.DIRECTORY_STALE, NOV[3]),
    }


def test_place_gained_by_the_directory_is_pending_then_token_stale_since_it_was_gained() -> None:
    """A gain is nobody's fault until it was visible in three publications."""
    late = published((1, doctor(CLINIC)), (5, doctor(CLINIC, OFFICE)))
    early = published((1, doctor(CLINIC)), (4, doctor(CLINIC, OFFICE)))
    watched = seen((1, doctor(CLINIC)))
    assert differences(watched, late) == {("activity.structure", OFFICE.key, Verdict.PENDING, NOV[5])}
    assert differences(watched, early) == {("activity.structure", OFFICE.key, Verdict.TOKEN_STALE, NOV[4])}


@pytest.mark.parametrize(("first_day", "verdict"), [(5, Verdict.PENDING), (4, Verdict.CONFLICT)])
def test_place_that_neither_history_explains_is_pending_then_a_conflict(first_day: int, verdict: Verdict) -> None:
    """A place never published, in a token that never lacked it, counts from the third publication."""
    found = differences(seen((first_day, doctor(CLINIC, OFFICE))), published((1, doctor(CLINIC))))
    assert found == {("activity.structure", OFFICE.key, verdict, NOV[first_day])}


def test_place_always_published_and_never_claimed_is_a_conflict_since_the_first_observation() -> None:
    """What the directory had before our memory and the token never had is unexplained."""
    found = differences(seen((2, doctor(CLINIC))), published((1, doctor(CLINIC, OFFICE))))
    assert found == {("activity.structure", OFFICE.key, Verdict.CONFLICT, NOV[2])}


def test_two_histories_that_both_explain_blame_the_token() -> None:
    """A place dropped by the directory is the token's lateness even when the token moved too."""
    found = differences(
        seen((1, doctor(CLINIC)), (4, doctor(CLINIC, OFFICE))),
        published((1, doctor(CLINIC, OFFICE)), (3, doctor(CLINIC))),
    )
    assert found == {("activity.structure", OFFICE.key, Verdict.TOKEN_STALE, NOV[3])}


def test_structure_named_by_another_identifier_is_the_same_place() -> None:
    """A token of the 2021 style, with the former identifier only, names the directory's place."""
    old_style = replace(OFFICE, technical_id="")
    found = judge(seen((1, doctor(old_style))), published((1, doctor(OFFICE))), grace=3)
    assert of_field(found, "activity.structure", OFFICE.key).verdict is Verdict.CONSISTENT
    assert of_field(found, "activity.mode", OFFICE.key).verdict is Verdict.CONSISTENT


def test_structure_without_identifier_is_not_compared_and_shields_the_missing_ones() -> None:
    """A nameless claimed place may be the directory's, so neither is judged."""
    nameless = Structure(street="DES LILAS")
    found = judge(seen((1, doctor(nameless))), published((1, doctor(OFFICE))), grace=3)
    assert {one.verdict for one in found if one.field == "activity.structure"} == {Verdict.NOT_COMPARABLE}


def test_token_without_activities_says_nothing_of_places() -> None:
    """An empty list of activities is unknown, not a closure."""
    found = judge(seen((1, doctor())), published((1, doctor(OFFICE))), grace=3)
    assert of_field(found, "activity.structure", OFFICE.key).verdict is Verdict.NOT_COMPARABLE
    assert not [one for one in found if one.field == "activity.mode"]


def test_person_without_professional_data_is_not_compared() -> None:
    """A userinfo without SubjectRefPro leaves every field open."""
    found = judge(seen((1, Claims())), published((1, doctor(OFFICE))), grace=3)
    assert {one.verdict for one in found if one.field != "practitioner"} == {Verdict.NOT_COMPARABLE}


def test_profession_dropped_by_the_directory_leaves_the_token_late() -> None:
    """A profession left behind is token_stale, of high severity."""
    both = replace(doctor(CLINIC), exercises=(*doctor(CLINIC).exercises, Exercise("40", "C")))
    judgements = judge(seen((1, both)), published((1, both), (3, doctor(CLINIC))), grace=3)
    found = of_field(judgements, "exercise.profession", "40")
    assert (found.verdict, found.since, found.severity) == (Verdict.TOKEN_STALE, NOV[3], Severity.HIGH)
    assert (found.claim_value, found.directory_value, found.stale_side) == ("40", "", StaleSide.TOKEN)


def test_days_without_activities_do_not_restart_the_clock_of_a_difference() -> None:
    """A token that said nothing one day still shows a difference since the first time it said it."""
    found = differences(
        seen((1, doctor(CLINIC)), (3, doctor()), (4, doctor(CLINIC))), published((1, doctor(CLINIC, OFFICE)))
    )
    assert found == {("activity.structure", OFFICE.key, Verdict.CONFLICT, NOV[1])}


def test_former_document_tells_that_two_identifiers_are_one_place() -> None:
    """A token that names a place by the number it had before is not at another place."""
    renumbered = replace(OFFICE, technical_id="R10100000000001", former_id="")
    found = differences(
        seen((1, doctor(Structure(former_id="499900000001001")))),
        published((1, doctor(OFFICE)), (4, doctor(renumbered))),
    )
    assert not found
