import pytest

from extract_builder import hospital, mailbox, national_id, person, rpps
from rpps_sync.directory.engine import reading
from rpps_sync.directory.enrichment import FIELDS, MOST, Enriched, Status, enrich
from rpps_sync.errors import UsageError
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory

PA, SF, MSS = ExtractKind.PERSONNE_ACTIVITE, ExtractKind.SAVOIRFAIRE, ExtractKind.MSSANTE


def answered(
    directory: SmallDirectory, *identifiers: str, fields: tuple[str, ...] = ("family_name",)
) -> list[Enriched]:
    """The answers to some identifiers."""
    with reading(directory.engine) as connection:
        return enrich(connection, identifiers, fields)


def test_each_identifier_has_one_answer_in_its_place(directory: SmallDirectory) -> None:
    """Whatever the form and the repetition, answers come in the order of the questions."""
    directory.publish({PA: [person(1), person(2), person(3)]})
    directory.publish({PA: [person(1), person(2)]})
    number = rpps(2)
    asked = (
        national_id(2),
        rpps(1),
        f" {number[:3]} {number[3:7]}-{number[7:]}",
        f"{rpps(1)}.0",
        rpps(3),
        rpps(4),
    )
    answers = answered(directory, *asked)
    assert [one.given for one in answers] == list(asked)
    assert [one.national_id for one in answers] == [national_id(number) for number in (2, 1, 2, 1, 3, 4)]
    assert [one.status for one in answers] == [Status.FOUND] * 4 + [Status.DEPARTED, Status.UNKNOWN]
    assert (answers[4].reason, dict(answers[4].values)) == ("2026-11-02", {})
    assert answers[0].values == {"family_name": ("EXEMPLE 2",)}


@pytest.mark.parametrize(
    ("identifier", "status", "reason"),
    [
        ("", Status.MALFORMED, "empty"),
        ("12345", Status.MALFORMED, "malformed"),
        ("99900000004", Status.MALFORMED, "bad-key"),
        ("9.99E+10", Status.MALFORMED, "rounded-by-a-spreadsheet"),
        ("3990000001/00042", Status.OUT_OF_SCOPE, "employee_card"),
        ("0b6c3a52-96a1-4d5c-8c39-8e3f5f0e4f01", Status.OUT_OF_SCOPE, "psi"),
        ("ANS20211229110213", Status.OUT_OF_SCOPE, "test_bed"),
        ("0690000011", Status.OUT_OF_SCOPE, "adeli"),
    ],
)
def test_what_cannot_be_found_says_why(
    directory: SmallDirectory, identifier: str, status: Status, reason: str
) -> None:
    """A wrong identifier is told apart from one that the extract never contains."""
    directory.publish({PA: [person(1)]})
    (answer,) = answered(directory, identifier)
    assert (answer.status, answer.reason) == (status, reason)


def test_a_field_holds_all_its_values(directory: SmallDirectory) -> None:
    """Two workplaces give two values, sorted, each once; every field can be chosen."""
    second = hospital(2, postal_code="75012", commune="75112", commune_label="Paris 12e  Arrondissement")
    directory.publish(
        {
            PA: [person(1, **hospital(1)), person(1, **second), person(1, mode="L", **hospital(1))],
            SF: [person(1, skill_type="S", skill="SM26", skill_label="Qualifié MG")],
            MSS: [mailbox(1)],
        }
    )
    (answer,) = answered(directory, rpps(1), fields=tuple(FIELDS))
    told = answer.values
    assert told["department"] == ("69", "75")
    assert told["commune_code"] == ("69383", "75112")
    assert told["structure"] == ("HOPITAL INVENTE 1", "HOPITAL INVENTE 2")
    assert told["profession"] == ("Infirmier",)
    assert told["skill"] == ("Qualifié MG",)
    assert told["mailbox"] == ("camille.exemple-1@infirmier.mssante.invalid",)
    assert told["phone"] == ()


def test_too_many_identifiers_or_an_unknown_field_are_refused(directory: SmallDirectory) -> None:
    """The bound of one call is told, and the fields that exist."""
    directory.publish({PA: [person(1)]})
    with pytest.raises(UsageError, match=str(MOST + 1)):
        answered(directory, *[rpps(1)] * (MOST + 1))
    with pytest.raises(UsageError, match="surname"):
        answered(directory, rpps(1), fields=("surname",))
