import re
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from extract_builder import card, hospital, mailbox, national_id, person, rpps, world
from fhir_desk import at_desk, bundles, ids, resources
from rpps_sync.directory.organizations import key_of
from rpps_sync.fhir import naming
from rpps_sync.fhir.elements import Json
from rpps_sync.fhir.outcomes import FhirError
from rpps_sync.practitioner import Structure
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory

PA, MAIL, CARDS = ExtractKind.PERSONNE_ACTIVITE, ExtractKind.MSSANTE, ExtractKind.CARTES


def _one(found: list[Json]) -> Json:
    (resource,) = found
    return resource


def _values(resource: Json, system: str) -> list[str]:
    return [one["value"] for one in resource["identifier"] if one["system"] == system]


def test_every_resource_is_read_by_a_strict_reader(directory: SmallDirectory) -> None:
    """Bundles of all types, with everything included, are valid FHIR R4."""
    directory.publish(world(40))
    reader = get_fhir_model_class("Bundle")
    with at_desk(directory) as desk:
        for kind, beside in (
            ("Practitioner", {"_revinclude": "PractitionerRole:practitioner"}),
            ("PractitionerRole", {"_include": "*"}),
            ("Organization", {"_revinclude": "PractitionerRole:organization"}),
        ):
            for page in bundles(desk, kind, _count="7", **beside):
                reader.model_validate(page)


def test_a_practitioner_says_what_the_extract_says(directory: SmallDirectory) -> None:
    """Identifiers, names and qualifications come with the systems of the national API, and with labels."""
    skilled = person(1, exercise_civility="DR", profession="10", skill_type="S", skill="SM26", category="M")
    directory.publish(
        {PA: [skilled], MAIL: [mailbox(1)], CARDS: [card(1), card(1, card_number="8", opposed_on="x")]}
    )
    with at_desk(directory) as desk:
        told = _one(resources(desk, "Practitioner", family="exemple"))
    assert _values(told, naming.IDNPS) == [national_id(1)]
    assert _values(told, naming.RPPS) == [rpps(1)]
    assert told["name"] == [
        {"use": "usual", "family": "EXEMPLE 1", "given": ["CAMILLE"], "prefix": ["MME"], "suffix": ["DR"]}
    ]
    codes = [[coding["code"] for coding in one["code"]["coding"]] for one in told["qualification"]]
    assert codes == [["10", "M"], ["SM26", "S"]]
    assert told["telecom"][0]["value"] == mailbox(1)["address"]
    (smartcard,) = told["extension"]  # the refused card is no card any more
    assert {part["url"] for part in smartcard["extension"]} == {"type", "number", "period"}


def test_labels_are_left_out_for_who_compares_byte_by_byte(directory: SmallDirectory) -> None:
    """With ``_display=false`` codings have system and code alone, as the national API gives them."""
    directory.publish({PA: [person(1, **hospital(1))]})
    with at_desk(directory) as desk:
        told = [str(one) for one in resources(desk, "PractitionerRole", _include="*", _display="false")]
    assert len(told) == 3
    assert not any("'display'" in one for one in told)


def test_an_adeli_number_is_not_called_an_rpps_number(directory: SmallDirectory) -> None:
    """Somebody without RPPS number has one identifier, and none is made up."""
    directory.publish({PA: [person(1, id_type="0", identifier="759900019", national_id="0759900019")]})
    with at_desk(directory) as desk:
        told = _one(resources(desk, "Practitioner", identifier="0759900019"))
        assert [one["value"] for one in told["identifier"]] == ["0759900019"]
        assert ids(desk, "Practitioner", identifier_type="RPPS") == []


def test_a_situation_has_an_identifier_of_this_server_alone(directory: SmallDirectory) -> None:
    """The extract has no idSituationExercice: ours is under another system, and stays when an address moves."""
    directory.publish({PA: [person(1, **hospital(1))]})
    with at_desk(directory) as desk:
        before = _one(resources(desk, "PractitionerRole"))
    directory.publish({PA: [person(1, **hospital(1, street="DE LA GARE", phone="0472000001"))]})
    with at_desk(directory) as desk:
        after = _one(resources(desk, "PractitionerRole"))
    assert after["id"] == before["id"]
    assert after["meta"]["versionId"] != before["meta"]["versionId"]
    assert [one["system"] for one in after["identifier"]] == [naming.SITUATION]
    assert "period" not in after
    assert "specialty" not in after


def test_two_descriptions_of_one_hospital_are_one_organization(directory: SmallDirectory) -> None:
    """Where lines disagree on an address, the description that says most is shown, under one identifier."""
    other = hospital(1, phone="0472000001", trade_name="HDE")
    directory.publish({PA: [person(1, **hospital(1)), person(2, **other, sector="SA01")]})
    with at_desk(directory) as desk:
        told = _one(resources(desk, "Organization"))
        assert len(ids(desk, "PractitionerRole", organization=told["id"])) == 2
    assert told["alias"] == ["HDE"]
    assert {"system": "phone", "value": "0472000001"} in told["telecom"]
    assert [one["coding"][0]["code"] for one in told["type"]] == ["GEOGRAPHICAL-ENTITY", "SA01"]


def test_a_site_names_its_legal_entity_without_pretending_to_serve_it(directory: SmallDirectory) -> None:
    """``partOf`` is a logical reference, by which the sites of one entity are found."""
    sites = [person(number, **hospital(number, finess_legal="990099999")) for number in (1, 2)]
    directory.publish({PA: [*sites, person(3, **hospital(3))]})
    with at_desk(directory) as desk:
        found = resources(desk, "Organization", partof__identifier=f"{naming.FINESS}|990099999")
        assert [one["partOf"]["identifier"]["value"] for one in found] == ["990099999", "990099999"]
        assert ids(desk, "Organization", identifier="990099999") == []


def test_mailboxes_of_a_structure_are_its_own(directory: SmallDirectory) -> None:
    """A mailbox of an organisation is found by the number of its structure, in both directions."""
    box = {
        "mailbox_type": "ORG",
        "address": "accueil@hopital.mssante.invalid",
        "structure_identifier": "990000001",
    }
    directory.publish({PA: [person(1, **hospital(1)), person(2, **hospital(2))], MAIL: [box]})
    with at_desk(directory) as desk:
        told = _one(resources(desk, "Organization", mailbox_mss="accueil@hop"))
    assert told["id"] == "001-F990000001"
    assert told["telecom"][-1]["value"] == box["address"]


def test_who_left_is_inactive_for_an_auditor_and_unknown_to_others(directory: SmallDirectory) -> None:
    """Identifiers and ``active: false`` remain, no name; without the right to see the past, there is nobody."""
    directory.publish({PA: [person(1), person(2)]})
    directory.publish({PA: [person(2)]})
    technical_id = naming.practitioner_id(national_id(1))
    with at_desk(directory, departed=True) as desk:
        told = desk.read("Practitioner", technical_id)
        assert ids(desk, "Practitioner", active="false") == [technical_id]
        assert ids(desk, "Practitioner", identifier=rpps(1)) == [technical_id]
        assert ids(desk, "Practitioner", active="true") == [naming.practitioner_id(national_id(2))]
        assert len(ids(desk, "Practitioner")) == 2
    assert told["active"] is False
    assert set(told) == {"resourceType", "id", "meta", "language", "identifier", "active"}
    get_fhir_model_class("Practitioner").model_validate(told)
    with at_desk(directory) as desk:
        with pytest.raises(FhirError, match="Resource not found with id"):
            desk.read("Practitioner", technical_id)
        assert ids(desk, "Practitioner", identifier=rpps(1)) == []


def test_a_resource_is_read_by_the_identifier_that_a_search_gave(directory: SmallDirectory) -> None:
    """What a search shows and what a read shows is the same resource."""
    directory.publish({PA: [person(1, **hospital(1)), person(2, name="CABINET SANS NUMERO")]})
    with at_desk(directory) as desk:
        for kind in ("Practitioner", "PractitionerRole", "Organization"):
            for told in resources(desk, kind):
                assert desk.read(kind, told["id"]) == told


@pytest.mark.parametrize(
    ("known", "key"),
    [
        ({"technical_id": "F990000001", "finess": "990000001"}, r"F990000001"),
        ({"former_id": "499900000001001"}, r"499900000001001"),
        ({"finess": "990000001"}, r"FINESS-990000001"),
        ({"siret": "99000000000001"}, r"SIRET-99000000000001"),
        ({"technical_id": "odd/key", "name": "X"}, r"X-[0-9a-f]{16}"),
        ({"name": "CABINET"}, r"X-[0-9a-f]{16}"),
    ],
)
def test_a_place_is_named_by_the_best_number_it_has(known: dict[str, Any], key: str) -> None:
    """The identifier of an organisation fits FHIR's rule for identifiers, whatever the extract holds."""
    told = naming.organization_id(Structure(**known))
    assert re.fullmatch(f"001-{key}", told)
    assert re.fullmatch(r"[A-Za-z0-9.-]{1,64}", told)
    assert naming.read_id("Organization", told) == {"key": key_of(Structure(**known))}
