import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from invented_issuer import NATIONAL_ID, userinfo
from psc_shapes import HOSPITAL, RECENT, exercise
from rpps_sync.errors import TokenRefused, UsageError
from rpps_sync.psc.claims import read_userinfo
from rpps_sync.psc.keycloak import Export, userinfo_of

AT = datetime(2026, 11, 20, 22, tzinfo=UTC)


def user(name: str = "a.exemple", **attributes: Any) -> dict[str, Any]:
    """A user as Keycloak exports one."""
    lists = {key: value if isinstance(value, list) else [value] for key, value in attributes.items()}
    return {"id": "8f0c", "username": name, "enabled": True, "attributes": lists, "credentials": []}


def exported(document: Any) -> tuple[list[dict[str, Any]], int]:
    """The observations of an export, and how many users were passed over."""
    export = Export(io.BytesIO(json.dumps(document).encode()), at=AT, source="portail")
    return [item for _, item in export], export.passed_over


@pytest.mark.parametrize("wrap", [lambda users: {"realm": "chu", "users": users}, lambda users: users])
def test_realm_and_list_of_users_are_read_alike(wrap: Any) -> None:
    """Both exports of Keycloak hold the same users; those without Pro Santé Connect are passed over."""
    users = [user(SubjectNameID=NATIONAL_ID), user("local.admin"), {"enabled": True}, "nonsense"]
    observations, passed_over = exported(wrap(users))
    assert [(item["observed_at"], item["source"]) for item in observations] == [
        ("2026-11-20T22:00:00Z", "portail")
    ]
    assert passed_over == 3


def test_whole_claim_stored_as_json_is_read_whole() -> None:
    """An importer of SubjectRefPro stores its JSON text."""
    told = userinfo()["SubjectRefPro"]
    read = read_userinfo(userinfo_of(user(SubjectNameID=NATIONAL_ID, SubjectRefPro=json.dumps(told))) or {})
    assert read == read_userinfo(userinfo())


def test_exercises_stored_one_a_value_are_read_together() -> None:
    """An importer of SubjectRefPro.exercices makes one value of each element, or one of the list."""
    exercises = [exercise(RECENT), exercise(HOSPITAL, codeProfession="60")]
    apart = userinfo_of(user(SubjectNameID=NATIONAL_ID, exercices=[json.dumps(one) for one in exercises]))
    together = userinfo_of(user(SubjectNameID=NATIONAL_ID, exercices=json.dumps(exercises)))
    assert len(read_userinfo(apart or {}).claims.exercises) == 2
    assert apart == together


def test_claims_imported_one_by_one_make_one_exercise_with_one_activity() -> None:
    """Importers of single claims give them their names."""
    flat = {"codeProfession": "10", "nomDexercice": "EXEMPLE", "identifiantTechniqueDeLaStructure": "R99999"}
    (told,) = read_userinfo(userinfo_of(user(SubjectNameID=NATIONAL_ID, **flat)) or {}).claims.exercises
    assert (told.profession, told.family_name, told.activities[0].structure.technical_id) == (
        "10",
        "EXEMPLE",
        "R99999",
    )


def test_person_is_known_by_the_link_to_pro_sante_connect_or_by_the_user_name() -> None:
    """Without the attribute, the federated identity names the person, or the user name that was made from it."""
    linked = user() | {
        "federatedIdentities": [{"identityProvider": "psc", "userId": "x", "userName": NATIONAL_ID}]
    }
    named = user("ans20990101000000")
    merged = user(SubjectNameID="0b0e4f8a-1111-4222-8333-444455556666")
    merged["attributes"]["otherIds"] = [json.dumps({"identifiant": NATIONAL_ID, "origine": "RPPS"})]
    ids = [read_userinfo(userinfo_of(one) or {}).national_id for one in (linked, user(NATIONAL_ID), named, merged)]
    assert ids == [NATIONAL_ID, NATIONAL_ID, "ANS20990101000000", NATIONAL_ID]


@pytest.mark.parametrize(
    "name", ["0612345678", "0b0e4f8a-1111-4222-8333-444455556666", "899900000018", "j.exemple"]
)
def test_user_name_that_may_be_anything_names_no_practitioner(name: str) -> None:
    """A telephone number, a UUID, a wrong key or a name of a local account is kept nowhere."""
    assert userinfo_of(user(name)) is None


def test_export_as_keycloak_writes_it_is_read_user_by_user() -> None:
    """A realm with all that stands around the users, and a user with all that the server writes of one."""
    whole = {
        "id": "b5b2f0a2-0000-4000-8000-000000000001",
        "username": NATIONAL_ID,
        "firstName": "Ana",
        "lastName": "CIVILNAME",
        "email": "ana@sante.example",
        "emailVerified": False,
        "createdTimestamp": 1795161600000,
        "enabled": True,
        "totp": False,
        "attributes": {
            "SubjectNameID": [NATIONAL_ID],
            "SubjectRefPro": [json.dumps(userinfo()["SubjectRefPro"], separators=(",", ":"))],
            "SubjectRole": ["10^1.2.250.1.213.1.1.5.5"],
            "locale": ["fr"],
        },
        "credentials": [],
        "disableableCredentialTypes": [],
        "requiredActions": [],
        "federatedIdentities": [
            {"identityProvider": "psc", "userId": f"f:0:{NATIONAL_ID}", "userName": NATIONAL_ID}
        ],
        "realmRoles": ["default-roles-chu"],
        "clientRoles": {"account": ["manage-account"]},
        "notBefore": 0,
        "groups": ["/urgences"],
    }
    service = {"id": "b5b2", "username": "service-account-dpi", "enabled": True, "serviceAccountClientId": "dpi"}
    first = exercise(RECENT)
    indexed = user(SubjectNameID=NATIONAL_ID, exercices=json.dumps(first))
    realm = {
        "id": "chu",
        "realm": "chu",
        "roles": {"realm": [{"name": "users"}], "client": {}},
        "groups": [{"name": "urgences", "attributes": {}, "subGroups": []}],
        "users": [whole, service, user() | {"attributes": None}, indexed],
        "identityProviders": [{"alias": "psc", "config": {"clientSecret": "**********"}}],
        "identityProviderMappers": [{"name": "SubjectRefPro", "config": {"user.attribute": "SubjectRefPro"}}],
        "components": {"users": []},
    }
    (told, other), passed_over = exported(realm)
    assert read_userinfo(told["userinfo"]) == read_userinfo(userinfo())
    assert "CIVILNAME" not in json.dumps(told)
    assert len(read_userinfo(other["userinfo"]).claims.exercises) == 1
    assert passed_over == 2


def test_attribute_that_is_no_json_is_refused_where_the_claim_is_read() -> None:
    """An importer from a token stores what Java prints of an object: that is counted, not guessed."""
    printed = "{codeCivilite=MME, exercices=[{codeProfession=10}]}"
    with pytest.raises(TokenRefused):
        read_userinfo(userinfo_of(user(SubjectNameID=NATIONAL_ID, SubjectRefPro=printed)) or {})


def test_disabled_users_do_not_sign_in() -> None:
    """Their attributes are nobody's current claims."""
    assert userinfo_of(user(SubjectNameID=NATIONAL_ID) | {"enabled": False}) is None


@pytest.mark.parametrize(
    "document", [b"", b"users", b'{"users": [{"a": 1}, ', b'[{"a": 1}, nonsense]', b"\xff\xfe"]
)
def test_file_that_is_no_export_is_told_as_such(document: bytes) -> None:
    """A wrong file, or half of one, is the operator's to mend."""
    with pytest.raises(UsageError, match="export of Keycloak"):
        list(Export(io.BytesIO(document), at=AT, source="portail"))
