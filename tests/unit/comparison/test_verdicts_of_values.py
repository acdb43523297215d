"""Fields of one value: which side left the other, and since when."""

from dataclasses import replace

import pytest

from rpps_sync.comparison.verdicts import judge
from rpps_sync.finding import Severity, Verdict
from rpps_sync.practitioner import Skill

from .one_doctor import (
    CLINIC,
    NOV,
    OFFICE,
    activity,
    differences,
    doctor,
    of_field,
    published,
    seen,
    with_activity,
)


@pytest.mark.parametrize(
    ("field", "value", "severity"),
    [
        ("mode", "L", Severity.MEDIUM),
        ("sector", "SA07", Severity.MEDIUM),
        ("role", "FON-01", Severity.LOW),
        ("kind", "GENR02", Severity.LOW),
        ("pharmacist_section", "B", Severity.MEDIUM),
    ],
)
def test_value_of_a_place_is_judged_by_both_histories(field: str, value: str, severity: Severity) -> None:
    """Mode, sector, role, kind and section: former values tell who is late, else pending, else conflict."""
    base = {"role": "FON-02", "kind": "GENR01", "pharmacist_section": "A"}
    before, after = with_activity(**base), with_activity(**{**base, field: value})
    element = ("activity." + field, CLINIC.key)
    assert differences(seen((1, before)), published((1, before), (3, after))) == {
        (*element, Verdict.TOKEN_STALE, NOV[3])
    }
    assert differences(seen((1, before), (5, after)), published((1, before))) == {
        (*element, Verdict.DIRECTORY_STALE, NOV[5])
    }
    assert differences(seen((5, after)), published((1, before))) == {(*element, Verdict.PENDING, NOV[5])}
    conflict = judge(seen((2, after)), published((1, before)), grace=3)
    found = of_field(conflict, *element)
    assert (found.verdict, found.since, found.severity) == (Verdict.CONFLICT, NOV[2], severity)
    assert found.registration_authority == "CNOM/CNOM/ARS"
    assert found.evidence["directory"] == [
        {"since": "2026-11-01", "values": [base.get(field) or before_value(field)]}
    ]


def before_value(field: str) -> str:
    """What ``activity`` says when nothing else is asked."""
    return {"mode": "S", "sector": "SA01"}[field]


def test_one_of_several_modes_at_one_place_is_enough() -> None:
    """A token's value among the directory's values for the same place is consistent."""
    one = doctor(CLINIC)
    both = (activity(CLINIC, mode="L"), activity(CLINIC, mode="S"))
    mixed = replace(one, exercises=(replace(one.exercises[0], activities=both),))
    assert not differences(seen((1, one)), published((1, mixed)))


def test_student_who_became_a_doctor_keeps_an_old_category_in_the_token() -> None:
    """A former category makes the token late, at high severity."""
    found = differences(
        seen((1, doctor(CLINIC, category="E"))),
        published((1, doctor(CLINIC, category="E")), (2, doctor(CLINIC))),
    )
    assert found == {("exercise.category", "10", Verdict.TOKEN_STALE, NOV[2])}


def test_skill_of_the_token_need_only_be_among_the_skills_of_the_directory() -> None:
    """One skill reaches the token, the directory may hold many, of types that never reach it too."""
    many = (Skill("C", "C12"), Skill("CEX", "CEX22"), Skill("S", "SM26"))
    assert not differences(seen((1, doctor(CLINIC))), published((1, doctor(CLINIC, skills=many))))


def test_skill_is_judged_by_both_histories() -> None:
    """A former skill of the directory, a former skill of the token, or neither."""
    old, new = doctor(CLINIC), doctor(CLINIC, skills=(Skill("S", "SM54"),))
    assert differences(seen((1, old)), published((1, old), (4, new))) == {
        ("skill", "10/S/SM26", Verdict.TOKEN_STALE, NOV[4])
    }
    assert differences(seen((1, old), (4, new)), published((1, old))) == {
        ("skill", "10/S/SM54", Verdict.DIRECTORY_STALE, NOV[4])
    }
    assert differences(seen((3, new)), published((1, old))) == {("skill", "10/S/SM54", Verdict.CONFLICT, NOV[3])}
    assert not differences(seen((1, doctor(CLINIC, skills=()))), published((1, old)))


def test_married_name_is_compatible_and_a_changed_name_is_not() -> None:
    """Accents, hyphens and a second name do not differ; another name follows both histories."""
    assert not differences(seen((1, doctor(CLINIC, family_name="EXEMPLE-DURAND"))), published((1, doctor(CLINIC))))
    found = differences(
        seen((1, doctor(CLINIC))), published((1, doctor(CLINIC)), (2, doctor(CLINIC, family_name="AUTRE")))
    )
    assert found == {("identity.family_name", "", Verdict.TOKEN_STALE, NOV[2])}


def test_phone_written_another_way_is_the_same_and_another_phone_is_weak() -> None:
    """Contact differences are told, at low severity."""
    abroad = replace(CLINIC, phone="+33 1 99 00 00 01")
    assert not differences(seen((1, doctor(abroad))), published((1, doctor(CLINIC))))
    other = judge(seen((1, doctor(replace(CLINIC, phone="0199000002")))), published((1, doctor(CLINIC))), grace=3)
    found = of_field(other, "contact.phone", CLINIC.key)
    assert (found.verdict, found.severity) == (Verdict.CONFLICT, Severity.LOW)


def test_street_type_in_full_or_as_a_code_is_the_same_street() -> None:
    """The directory gives the code and the label, the token either."""
    labelled = replace(OFFICE, street_type_label="Rue", street_number="12")
    for kind, street in (("R", "DES LILAS"), ("RUE", "des Lilas"), ("", "RUE DES LILAS")):
        claimed = replace(OFFICE, street_type=kind, street=street, street_number="012")
        assert not differences(seen((1, doctor(claimed))), published((1, doctor(labelled))))


def test_number_whose_two_names_changed_wholly_is_a_finding_of_its_own() -> None:
    """Another family name and another first name: maybe two people under one number, of high severity."""
    other = doctor(CLINIC, family_name="AUTRE", given_name="ZOE")
    judged = judge(seen((1, doctor(CLINIC))), published((1, doctor(CLINIC)), (4, other)), grace=3)
    found = of_field(judged, "practitioner", "identity")
    assert (found.verdict, found.since, found.severity) == (Verdict.TOKEN_STALE, NOV[4], Severity.HIGH)
    assert (found.claim_value, found.directory_value) == ("ÉXEMPLE, Ana", "AUTRE, ZOE")
    stranger = judge(seen((1, other)), published((1, doctor(CLINIC))), grace=3)
    assert of_field(stranger, "practitioner", "identity").verdict is Verdict.CONFLICT


def test_name_changed_by_marriage_is_no_question_of_identity() -> None:
    """One name alone that changed leaves the number with its owner."""
    married = doctor(CLINIC, family_name="AUTRE")
    judged = judge(seen((1, doctor(CLINIC))), published((1, doctor(CLINIC)), (4, married)), grace=3)
    assert of_field(judged, "practitioner", "identity").verdict is Verdict.CONSISTENT
    assert of_field(judged, "identity.family_name", "").severity is Severity.MEDIUM


def test_value_that_both_sides_once_had_blames_the_side_that_did_not_move_last() -> None:
    """Each says what the other used to say: the news is with the last mover."""
    clinic, alone = with_activity(mode="S"), with_activity(mode="L")
    token_first = differences(seen((1, alone), (3, clinic)), published((1, clinic), (5, alone)))
    directory_first = differences(seen((1, alone), (5, clinic)), published((1, clinic), (3, alone)))
    element = ("activity.mode", CLINIC.key)
    assert token_first == {(*element, Verdict.TOKEN_STALE, NOV[5])}
    assert directory_first == {(*element, Verdict.DIRECTORY_STALE, NOV[5])}
