from collections.abc import Sequence

from extract_builder import card, hospital, mailbox, national_id, person, rpps, world
from fhir_desk import Json, at_desk, bundles, ids, resources
from rpps_sync.fhir import naming
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory

PA, DIPL, MAIL, CARDS = (
    ExtractKind.PERSONNE_ACTIVITE,
    ExtractKind.DIPL_AUTEXERC,
    ExtractKind.MSSANTE,
    ExtractKind.CARTES,
)
Cases = Sequence[tuple[dict[str, str], Sequence[int | str]]]
P, R, O = "Practitioner", "PractitionerRole", "Organization"  # noqa: E741 - not a number here


def _people(*numbers: int | str) -> list[str]:
    return [naming.practitioner_id(national_id(int(number))) for number in numbers]


def _named(**values: str) -> dict[ExtractKind, list[dict[str, str]]]:
    names = [("LEFÈVRE", "ZOÉ"), ("LE GOFF", "Anne-Marie"), ("LEFEVRE-DURAND", "Jean"), ("STEPHAN", "ZELIE")]
    return {
        PA: [
            person(number, family_name=family, given_name=given, **values)
            for number, (family, given) in enumerate(names)
        ]
    }


NAMES: Cases = [
    ({"family": "lefevre"}, [0, 2]),
    ({"family": "LEFÈVRE"}, [0, 2]),
    ({"family__exact": "LEFEVRE"}, []),
    ({"family__exact": "LEFÈVRE"}, [0]),
    ({"family": "goff"}, []),
    ({"family__contains": "goff"}, [1]),
    ({"family": "legoff"}, [1]),
    ({"family": "St"}, [3]),
    ({"family": "lefevre,steph"}, [0, 2, 3]),
    ({"family": "lefevre", "given": "jean"}, [2]),
    ({"name": "zel"}, [3]),
    ({"name": "ste", "given": "zel"}, [3]),
    ({"given": "anne marie"}, [1]),
    ({"family": "a_b"}, []),
]


def test_names_are_found_as_the_national_api_finds_them(directory: SmallDirectory) -> None:
    """A beginning, whatever case, accents and spaces; ``:contains`` a part, ``:exact`` letter by letter."""
    directory.publish(_named())
    with at_desk(directory) as desk:
        for asked, expected in NAMES:
            assert ids(desk, P, **asked) == _people(*expected), asked


PEOPLE: Cases = [
    ({"identifier": rpps(1)}, [1]),
    ({"identifier": national_id(1)}, [1]),
    ({"identifier": f"{naming.RPPS}|{rpps(1)}"}, [1]),
    ({"identifier": f"{naming.IDNPS}|{national_id(1)}"}, [1]),
    ({"identifier": f"{naming.IDNPS}|{rpps(1)}"}, []),
    ({"identifier": f"{naming.FINESS}|{rpps(1)}"}, []),
    ({"identifier": f"|{rpps(1)}"}, []),
    ({"identifier": f"{naming.RPPS}|"}, [0, 1, 2]),
    ({"identifier": f"{naming.IDNPS}|"}, [0, 1, 2]),
    ({"identifier": f"{rpps(1)},{national_id(2)}"}, [1, 2]),
    ({"identifier__not": rpps(1)}, [0, 2]),
    ({"_id": "003-" + national_id(2)}, [2]),
    ({"_id": "unknown"}, []),
    ({"identifier_type": "RPPS"}, [0, 1, 2]),
    ({"identifier_type": "FINEG"}, []),
    ({"active": "true"}, [0, 1, 2]),
    ({"active__not": "true"}, []),
    ({"data_information_system": "RPPS"}, [0, 1, 2]),
    ({"data_information_system": "FINESS"}, []),
    ({"data_registration_authority": "ARS/ARS/ARS"}, [2]),
    ({"qualification_code": "60"}, [0, 1]),
    ({"qualification_code": "10"}, [2]),
    ({"qualification_code": "SM26"}, [2]),
    ({"qualification_code": "10,60"}, [0, 1, 2]),
    ({"qualification_code__not": "60"}, [2]),
    ({"qualification_code": "DE09"}, [1]),
    ({"qualification_code": "M"}, [2]),
    ({"qualification_code": "NOTHING"}, []),
    ({"number_smartcard": "9900000001"}, [1]),
    ({"number_smartcard": "990000000"}, [0, 1]),
    ({"type_smartcard": "CPF"}, [0]),
    ({"mailbox_mss": "camille.exemple-1@"}, [1]),
    ({"mailbox_mss": "CAMILLE.EXEMPLE-1@"}, [1]),
    ({"mailbox_mss__contains": "mssante.invalid"}, [1]),
    ({"mailbox_mss__exact": "camille"}, []),
]


def test_practitioners_are_found_by_each_parameter(directory: SmallDirectory) -> None:
    """Tokens with and without system, texts, codes of professions, skills and diplomas, cards, mailboxes."""
    doctor = person(
        2, profession="10", category="M", skill_type="S", skill="SM26", registration_authority="ARS/ARS/ARS"
    )
    directory.publish(
        {
            PA: [person(0), person(1), doctor],
            DIPL: [person(1, diploma_type="DE", diploma="DE09", diploma_label="Infirmier")],
            CARDS: [card(0, card_type="CPF"), card(1)],
            MAIL: [mailbox(1)],
        }
    )
    with at_desk(directory) as desk:
        for asked, expected in PEOPLE:
            assert ids(desk, P, **asked) == _people(*expected), asked


def test_a_code_is_looked_for_in_its_own_system(directory: SmallDirectory) -> None:
    """``system|code`` finds nothing where the same code is one of another table."""
    directory.publish({PA: [person(1)]})
    table = "https://mos.esante.gouv.fr/NOS/TRE_{}/FHIR/TRE-{}"
    with at_desk(directory) as desk:
        professions = table.format("G15-ProfessionSante", "G15-ProfessionSante")
        modes = table.format("R23-ModeExercice", "R23-ModeExercice")
        assert ids(desk, P, qualification_code=f"{professions}|60") == _people(1)
        assert ids(desk, P, qualification_code=f"{modes}|60") == []
        assert len(ids(desk, R, role=f"{modes}|S")) == 1
        assert ids(desk, R, role=f"{professions}|S") == []


SITUATIONS: Cases = [
    ({"practitioner": "003-" + national_id(1)}, ["S", "L"]),
    ({"practitioner": "Practitioner/003-" + national_id(1)}, ["S", "L"]),
    ({"practitioner__Practitioner": "003-" + national_id(1)}, ["S", "L"]),
    ({"practitioner__identifier": f"{naming.RPPS}|{rpps(2)}"}, ["B"]),
    ({"organization": "001-F990000001"}, ["S"]),
    ({"organization": "Organization/001-F990000002"}, ["L", "B"]),
    ({"organization__identifier": f"{naming.FINESS}|990000001"}, ["S"]),
    ({"organization": "001-F990000002", "practitioner": "003-" + national_id(1)}, ["L"]),
    ({"role": "L"}, ["L"]),
    ({"role": "L,B"}, ["L", "B"]),
    ({"role__not": "L"}, ["S", "B"]),
    ({"role": "FON-01"}, ["B"]),
    ({"role": "GENR01"}, ["B"]),
    ({"role": "NOTHING"}, []),
    ({"active": "true"}, ["S", "L", "B"]),
    ({"active": "false"}, []),
    ({"data_registration_authority": "CNOM/CNOM/CNOM"}, ["B"]),
    ({"mailbox_mss": "camille.exemple-1@"}, ["S"]),
    ({"identifier": "unknown"}, []),
]


def test_situations_are_found_by_who_where_and_how(directory: SmallDirectory) -> None:
    """References by identifier or whole, codes of mode, function and kind, and the mailbox someone has there."""
    other = person(
        2, **hospital(2), mode="B", role="FON-01", kind="GENR01", registration_authority="CNOM/CNOM/CNOM"
    )
    directory.publish(
        {
            PA: [person(1, **hospital(1)), person(1, **hospital(2), mode="L"), other],
            MAIL: [mailbox(1, structure_identifier="990000001", structure_id_type="1")],
        }
    )
    with at_desk(directory) as desk:
        for asked, expected in SITUATIONS:
            found = resources(desk, R, **asked)
            assert sorted(_mode(one) for one in found) == sorted(expected), asked
            if found:
                names = ",".join(one["id"] for one in found)
                assert ids(desk, R, _id=names) == [one["id"] for one in found]


def _mode(situation: Json) -> str:
    told = [coding for concept in situation["code"] for coding in concept["coding"]]
    return str(next(coding["code"] for coding in told if "TRE_R23" in coding["system"]))


PLACES: Cases = [
    ({"name": "hôpital"}, [1, 2, 3]),
    ({"name": "clinique"}, [3]),
    ({"name__contains": "invente 2"}, [2]),
    ({"name__exact": "HOPITAL INVENTE 2"}, [2]),
    ({"name__exact": "hopital invente 2"}, []),
    ({"address_city": "lyon"}, [1, 2]),
    ({"address_city": "Saint"}, [3]),
    ({"address_city": "St"}, [3]),
    ({"address_postalcode": "42"}, [3]),
    ({"address_postalcode__exact": "69003"}, [1, 2]),
    ({"address_line": "de la gare"}, [2]),
    ({"address": "lyon"}, [1, 2]),
    ({"address": "42000"}, [3]),
    ({"identifier": "990000001"}, [1]),
    ({"identifier": "F990000001"}, [1]),
    ({"identifier": "1990000001"}, [1]),
    ({"identifier": f"{naming.FINESS}|990000001"}, [1]),
    ({"identifier": f"{naming.SIRENE}|990000001"}, []),
    ({"identifier": f"{naming.FINESS}|"}, [1, 2, 3]),
    ({"identifier__not": "990000001"}, [2, 3]),
    ({"identifier_type": "FINEG"}, [1, 2, 3]),
    ({"identifier_type": "SIRET"}, []),
    ({"type": "SA05"}, [2]),
    ({"type": "GEOGRAPHICAL-ENTITY"}, [1, 2, 3]),
    ({"type": "LEGAL-ENTITY"}, []),
    ({"data_information_system": "FINESS"}, [1, 2, 3]),
    ({"_id": "001-F990000003"}, [3]),
    ({"active": "false"}, []),
    ({"partof": "Organization/001-F990000001"}, []),
    ({"name": "hopital", "address_line": "gare"}, []),
    ({"name": "hopital", "address_line__contains": "gare"}, [2]),
]


def test_organizations_are_found_by_name_place_and_number(directory: SmallDirectory) -> None:
    """Accents and case aside; numbers with and without their system."""
    third = hospital(3, trade_name="CLINIQUE", postal_code="42000", commune="42218", commune_label="Saint-Étienne")
    places = [hospital(1), hospital(2, street="DE LA GARE", sector="SA05"), third]
    directory.publish({PA: [person(number, **place) for number, place in enumerate(places)]})
    with at_desk(directory) as desk:
        for asked, expected in PLACES:
            assert ids(desk, O, **asked) == [f"001-F99000000{number}" for number in expected], asked


def test_a_delta_is_what_changed_between_two_publications(directory: SmallDirectory) -> None:
    """``_lastUpdated`` gives who arrived, changed or left since, however long ago, and nobody else."""
    directory.publish(world(9))
    second = world(10)
    second[PA][3]["family_name"] = "AUTRE NOM"
    del second[PA][0]
    directory.publish(second)
    directory.publish(second)
    with at_desk(directory, departed=True) as desk:
        changed = ids(desk, P, _lastUpdated="ge2026-11-02", _count="1")
        assert sorted(changed) == sorted(_people(0, 3, 9))
        assert ids(desk, P, _lastUpdated="gt2026-11-03") == []
        assert len(ids(desk, P, _lastUpdated="lt2026-11-02T06:00:00Z")) == 7
        assert ids(desk, P, _lastUpdated="ge2026-11-02", family="autre") == _people(3)
        assert len(ids(desk, R, _lastUpdated="2026-11-02")) == 2
        assert len(ids(desk, P, _lastUpdated="ne2026-11-02")) == 7
        assert len(ids(desk, P, _lastUpdated="2026")) == 10


def test_a_place_moves_when_its_description_does(directory: SmallDirectory) -> None:
    """An organisation is of the publication that brought its newest description."""
    directory.publish({PA: [person(1, **hospital(1)), person(2, **hospital(2))]})
    directory.publish({PA: [person(1, **hospital(1)), person(2, **hospital(2, phone="0472000001"))]})
    with at_desk(directory) as desk:
        (moved,) = resources(desk, O, _lastUpdated="ge2026-11-02")
        assert moved["id"] == "001-F990000002"
        assert moved["meta"]["lastUpdated"] == "2026-11-02T06:00:00Z"
        assert ids(desk, O, _lastUpdated="lt2026-11-02") == ["001-F990000001"]


def test_no_reference_of_a_page_dangles_when_all_is_included(directory: SmallDirectory) -> None:
    """Every page with ``_include=*`` holds what its own resources refer to, each once."""
    directory.publish(world(30))
    with at_desk(directory) as desk:
        for page in bundles(desk, R, _include="*", _count="4"):
            found = [entry["resource"] for entry in page["entry"]]
            names = [f"{one['resourceType']}/{one['id']}" for one in found]
            wanted = {
                one[element]["reference"]
                for one in found
                for element in ("practitioner", "organization")
                if element in one
            }
            assert wanted <= set(names)
            assert len(names) == len(set(names))
            assert all(entry["fullUrl"].endswith(name) for entry, name in zip(page["entry"], names, strict=True))


def test_an_organization_brings_those_who_work_there(directory: SmallDirectory) -> None:
    """``_revinclude`` adds the situations at the organisations of the page, and no others."""
    directory.publish({PA: [person(1, **hospital(1)), person(1, **hospital(2)), person(2, **hospital(2))]})
    with at_desk(directory) as desk:
        found = resources(desk, O, _id="001-F990000002", _revinclude="PractitionerRole:organization")
    assert [one["resourceType"] for one in found] == [O, R, R]
    assert {one["organization"]["reference"] for one in found[1:]} == {"Organization/001-F990000002"}
