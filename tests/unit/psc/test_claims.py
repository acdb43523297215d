from copy import deepcopy
from typing import Any

import pytest

from invented_issuer import NATIONAL_ID, userinfo
from rpps_sync.errors import TokenRefused
from rpps_sync.observation import Scope
from rpps_sync.psc.claims import UNTOLD, read_userinfo

WRONG_KEY = NATIONAL_ID[:-1] + str((int(NATIONAL_ID[-1]) + 1) % 10)
PSI = "0b0e4f8a-1111-4222-8333-444455556666"


@pytest.mark.parametrize(
    ("identifier", "national_id", "scope"),
    [
        (NATIONAL_ID, NATIONAL_ID, Scope.IN_SCOPE),
        (NATIONAL_ID[1:], NATIONAL_ID, Scope.IN_SCOPE),
        (WRONG_KEY, WRONG_KEY, Scope.UNREADABLE),
        ("0999999999", "0999999999", Scope.ADELI),
        ("3750000001/000000001", "3750000001/000000001", Scope.EMPLOYEE_CARD),
        ("599900000100011/CPAT01", "599900000100011/CPAT01", Scope.EMPLOYEE_CARD),
        (PSI, PSI, Scope.PSI),
        ("ANS20990101000000", "ANS20990101000000", Scope.TEST_BED),
        ("899700000005", "899700000005", Scope.TEST_BED),
        ("whoever", "whoever", Scope.UNREADABLE),
    ],
)
def test_every_form_of_identifier_finds_its_scope(identifier: str, national_id: str, scope: Scope) -> None:
    """RPPS numbers are brought to twelve digits; everybody else is told apart."""
    read = read_userinfo({"SubjectNameID": identifier})
    assert (read.national_id, read.scope) == (national_id, scope)


@pytest.mark.parametrize(
    ("key", "name"),
    [("otherIds", "identifiant"), ("otherIDs", "identifiant"), ("alternativeIds", "identifier")],
)
@pytest.mark.parametrize("own", [PSI, "0999999999", "3750000001/000000001"])
def test_merged_account_is_found_by_the_rpps_number_among_its_other_identifiers(
    own: str, key: str, name: str
) -> None:
    """An account of another kind keeps its RPPS number in each spelling that the list had."""
    others = [
        {name: PSI, "origine": "PSI"},
        {name: "699900000003", "origine": "CAB_RPPS"},
        {name: NATIONAL_ID[1:], "origine": "RPPS", "qualite": 1},
    ]
    read = read_userinfo({"SubjectNameID": own, key: others})
    assert (read.national_id, read.scope) == (NATIONAL_ID, Scope.IN_SCOPE)


def test_person_without_professional_data_has_no_exercise() -> None:
    """SubjectRefPro may be missing, null or empty."""
    for absent in ({}, {"SubjectRefPro": None}, {"SubjectRefPro": ""}, {"SubjectRefPro": {"exercices": []}}):
        assert read_userinfo({"SubjectNameID": NATIONAL_ID, **absent}).claims.exercises == ()


@pytest.mark.parametrize("more", [{}, {"active": True, "client_id": "dpi", "username": NATIONAL_ID}])
def test_claims_of_an_access_token_or_of_introspection_name_the_person_and_nothing_else(
    more: dict[str, Any],
) -> None:
    """An application that hands over the wrong answer is understood, and what it brought is counted as unknown."""
    token = {"exp": 1, "jti": "j", "sub": "s", "typ": "Bearer", "azp": "dpi", "nonce": "", "scope": "openid"}
    read = read_userinfo({**token, "acr": "eidas3", "preferred_username": NATIONAL_ID, **more})
    assert (read.national_id, read.claims.exercises) == (NATIONAL_ID, ())
    assert set(read.unknown) == {"azp", "jti", "nonce", "scope", "typ", *more}


def test_civility_is_read_in_both_its_places() -> None:
    """Inside SubjectRefPro in old tokens, at the top in recent ones."""
    assert read_userinfo(userinfo()).claims.civility == "MME"
    recent = userinfo(SubjectRefPro={"exercices": []}, codeCivilite="M")
    assert read_userinfo(recent).claims.civility == "M"


def test_exercise_and_activity_given_twice_count_once() -> None:
    """Sources repeat them; order does not matter either."""
    once, twice = userinfo(), userinfo()
    exercises = twice["SubjectRefPro"]["exercices"]
    exercises[0]["activities"] *= 2
    exercises.append(deepcopy(exercises[0]))
    assert read_userinfo(once) == read_userinfo(twice)


def test_unknown_keys_and_civil_identity_are_left_behind() -> None:
    """What is not compared is not even read."""
    read = read_userinfo(userinfo(novelty={"a": 1}))
    assert (read.national_id, read.claims) == (NATIONAL_ID, read_userinfo(userinfo()).claims)
    assert "CIVILNAME" not in repr(read)
    assert "subject-1" not in repr(read)


def test_unknown_keys_are_named_where_they_stand_and_their_names_tell_nothing_else() -> None:
    """A new claim shows in the counts at once; a name that could be somebody's is not told."""
    told = userinfo(novelty=1, **{NATIONAL_ID: 1, "a b": 1})
    exercise = told["SubjectRefPro"]["exercices"][0]
    told["SubjectRefPro"]["since"] = exercise["since"] = exercise["activities"][0]["since"] = "2026"
    assert read_userinfo(told).unknown == (
        UNTOLD,
        "SubjectRefPro.since",
        "activities[].since",
        "exercices[].since",
        "novelty",
    )


def test_absent_null_and_empty_values_are_all_unknown() -> None:
    """One form for unknown."""
    exercise = {"codeProfession": "10", "codeSavoirFaire": None, "codeTypeSavoirFaire": "", "activities": None}
    read = read_userinfo(userinfo(SubjectRefPro={"exercices": [exercise]})).claims.exercises[0]
    assert (read.profession, read.skill, read.skill_type, read.category, read.activities) == ("10", "", "", "", ())


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({}, "no-identifier"),
        ({"SubjectNameID": 899900000019}, "malformed"),
        ({"SubjectNameID": "x" * 10_000}, "too-large"),
        ({"SubjectNameID": "a\x00b"}, "malformed"),
        ({"SubjectNameID": "\ud800"}, "malformed"),
        ({"SubjectNameID": "a", "otherIds": "RPPS"}, "malformed"),
        ({"SubjectNameID": "a", "SubjectRefPro": []}, "malformed"),
        ({"SubjectNameID": "a", "SubjectRefPro": {"exercices": {"0": {}}}}, "malformed"),
        ({"SubjectNameID": "a", "SubjectRefPro": {"exercices": [[]]}}, "malformed"),
        ({"SubjectNameID": "a", "SubjectRefPro": {"exercices": [{"codeProfession": 10}]}}, "malformed"),
        ({"SubjectNameID": "a", "SubjectRefPro": {"exercices": [{"codeProfession": 0}]}}, "malformed"),
        ({"SubjectNameID": "a", "SubjectRefPro": {"exercices": [{"codeProfession": []}]}}, "malformed"),
    ],
)
def test_userinfo_of_a_wrong_shape_is_refused(broken: dict[str, Any], reason: str) -> None:
    """A claim half understood would be compared wrongly."""
    with pytest.raises(TokenRefused) as refusal:
        read_userinfo(broken)
    assert refusal.value.reason == reason
