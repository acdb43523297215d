from dataclasses import replace
from datetime import date

import pytest

from rpps_sync.comparison.verdicts import judge
from rpps_sync.finding import Judgement, Severity, StaleSide, Verdict
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
DAYS = tuple(date(2026, 11, day) for day in range(1, 7))
CLINIC = Structure(technical_id="F750000001", finess="750000001", postal_code="75009", phone="0199000001")
OFFICE = Structure(
    technical_id="R10100000000001", former_id="499900000001001", street="DES LILAS", street_type="R"
)
THIRD = Structure(technical_id="C99900000100011", siret="99900000100011")


def activity(structure: Structure, **values: str) -> Activity:
    """A work situation in one place."""
    return Activity(
        **{"mode": "S", "sector": "SA01", "registration_authority": "CNOM/CNOM/ARS", **values}, structure=structure
    )


def doctor(
    *structures: Structure, skills: tuple[Skill, ...] = (Skill("S", "SM26"),), **values: str
) -> Practitioner:
    """A practitioner of one profession, at some places."""
    return Practitioner(
        ID,
        "8",
        "M",
        values.get("family_name", "ÉXEMPLE"),
        values.get("given_name", "Ana"),
        exercises=(
            Exercise(
                values.get("profession", "10"),
                values.get("category", "C"),
                skills=skills,
                activities=tuple(activity(structure) for structure in structures),
            ),
        ),
    )


def with_activity(**values: str) -> Practitioner:
    """The doctor of the clinic, with other values there."""
    one = doctor(CLINIC)
    return replace(one, exercises=(replace(one.exercises[0], activities=(activity(CLINIC, **values),)),))


def token(person: Practitioner) -> Claims:
    """The claims of somebody whose token is up to date."""
    return Claims(
        exercises=tuple(
            ClaimedExercise(
                profession=exercise.profession,
                category=exercise.category,
                family_name=person.family_name,
                given_name=person.given_name,
                skill_type=exercise.skills[0].type if exercise.skills else "",
                skill=exercise.skills[0].code if exercise.skills else "",
                activities=tuple(
                    ClaimedActivity(
                        mode=one.mode,
                        sector=one.sector,
                        role=one.role,
                        kind=one.kind,
                        pharmacist_section=one.pharmacist_section,
                        structure=one.structure,
                    )
                    for one in exercise.activities
                ),
            )
            for exercise in person.exercises
        )
    )


def seen(*tokens: tuple[int, Claims | Practitioner], scope: Scope = Scope.IN_SCOPE) -> ClaimHistory:
    """Claims seen on days of November, each from its day on."""
    versions = []
    for index, (day, said) in enumerate(tokens):
        claims = said if isinstance(said, Claims) else token(said)
        last = tokens[index + 1][0] - 1 if index + 1 < len(tokens) else 6
        versions.append(ClaimVersion(claims, date(2026, 11, day), date(2026, 11, last), 1, Trust.ATTESTED))
    return ClaimHistory(ID, "dpi", scope, tuple(versions))


def published(*documents: tuple[int, Practitioner | None]) -> DirectoryHistory:
    """What six daily publications said, each document from its day on."""
    return DirectoryHistory(
        ID, tuple(DirectoryVersion(said, date(2026, 11, day)) for day, said in documents), DAYS
    )


def differences(claims: ClaimHistory, directory: DirectoryHistory) -> set[tuple[str, str, Verdict, date | None]]:
    """What is neither an agreement nor impossible to tell."""
    quiet = {Verdict.CONSISTENT, Verdict.NOT_COMPARABLE}
    return {
        (one.field, one.element, one.verdict, one.since)
        for one in judge(claims, directory, grace=3)
        if one.verdict not in quiet
    }


def of_field(judgements: tuple[Judgement, ...], field: str, element: str) -> Judgement:
    """The judgement on one field and element."""
    return next(one for one in judgements if (one.field, one.element) == (field, element))


NOV = {day.day: day for day in DAYS}


def test_a_token_that_says_what_the_directory_says_is_consistent_everywhere() -> None:
    """Equal sides yield agreements only, one per field and element, and no evidence is kept."""
    judgements = judge(seen((1, doctor(CLINIC, OFFICE))), published((1, doctor(CLINIC, OFFICE))), grace=3)
    assert {one.verdict for one in judgements} <= {Verdict.CONSISTENT, Verdict.NOT_COMPARABLE}
    assert of_field(judgements, "activity.structure", OFFICE.key).verdict is Verdict.CONSISTENT
    assert {one.severity for one in judgements} == {Severity.INFO}
    assert len({one.id for one in judgements}) == len(judgements)


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


def test_practitioner_who_left_and_still_signs_in_is_departed() -> None:
    """One judgement, since the publication without them; nothing else is compared."""
    judgements = judge(seen((1, doctor(OFFICE))), published((1, doctor(CLINIC)), (4, None)), grace=3)
    assert [(one.field, one.verdict, one.since) for one in judgements] == [
        ("practitioner", Verdict.DEPARTED_PRACTITIONER, NOV[4])
    ]
    assert judgements[0].severity is Severity.HIGH


@pytest.mark.parametrize(("first_day", "verdict"), [(5, Verdict.PENDING), (4, Verdict.UNKNOWN_PRACTITIONER)])
def test_number_no_publication_contained_is_pending_then_unknown(first_day: int, verdict: Verdict) -> None:
    """A newcomer may be a day or two late in the extract."""
    assert differences(seen((first_day, doctor())), published()) == {("practitioner", "", verdict, NOV[first_day])}


@pytest.mark.parametrize("scope", [scope for scope in Scope if scope is not Scope.IN_SCOPE])
def test_identity_the_extract_never_contains_is_out_of_scope(scope: Scope) -> None:
    """Employee cards, PSI, ADELI and test-bed identities are told apart, since they were first seen."""
    judgements = judge(seen((2, doctor()), scope=scope), published(), grace=3)
    assert [(one.verdict, one.since, one.severity) for one in judgements] == [
        (Verdict.OUT_OF_SCOPE, NOV[2], Severity.INFO)
    ]


def test_nothing_is_said_before_the_first_publication() -> None:
    """Without a directory there is nothing to compare with."""
    judgements = judge(seen((1, doctor())), DirectoryHistory(ID, (), ()), grace=3)
    assert [one.verdict for one in judgements] == [Verdict.NOT_COMPARABLE]


def test_days_without_activities_do_not_restart_the_clock_of_a_difference() -> None:
    """A token that said nothing one day still shows a difference since the first time it said it."""
    found = differences(
        seen((1, doctor(CLINIC)), (3, doctor()), (4, doctor(CLINIC))), published((1, doctor(CLINIC, OFFICE)))
    )
    assert found == {("activity.structure", OFFICE.key, Verdict.CONFLICT, NOV[1])}


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


def test_departed_person_who_signed_in_since_heads_the_list() -> None:
    """Somebody at work is graver than an account that fell silent before the departure."""
    at_work, silent = (
        judge(seen((1, doctor(CLINIC))), published((1, doctor(CLINIC)), (day, None)), grace=3)[0] for day in (4, 7)
    )
    assert (at_work.severity, silent.severity) == (Severity.HIGH, Severity.HIGH)
    assert (at_work.heads_the_list, silent.heads_the_list) == (True, False)


def test_value_that_both_sides_once_had_blames_the_side_that_did_not_move_last() -> None:
    """Each says what the other used to say: the news is with the last mover."""
    clinic, alone = with_activity(mode="S"), with_activity(mode="L")
    token_first = differences(seen((1, alone), (3, clinic)), published((1, clinic), (5, alone)))
    directory_first = differences(seen((1, alone), (5, clinic)), published((1, clinic), (3, alone)))
    element = ("activity.mode", CLINIC.key)
    assert token_first == {(*element, Verdict.TOKEN_STALE, NOV[5])}
    assert directory_first == {(*element, Verdict.DIRECTORY_STALE, NOV[5])}


def test_former_document_tells_that_two_identifiers_are_one_place() -> None:
    """A token that names a place by the number it had before is not at another place."""
    renumbered = replace(OFFICE, technical_id="R10100000000001", former_id="")
    found = differences(
        seen((1, doctor(Structure(former_id="499900000001001")))),
        published((1, doctor(OFFICE)), (4, doctor(renumbered))),
    )
    assert not found
