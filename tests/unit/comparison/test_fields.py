import pytest

from rpps_sync.comparison.fields import PLACE_FIELDS, SEVERITIES, email, keys_of, phone, same_name, street
from rpps_sync.practitioner import Structure


@pytest.mark.parametrize(
    "written",
    [
        "0199001234",
        "01 99 00 12 34",
        "01.99.00.12.34",
        "+33199001234",
        "+33 199001234",
        "+33 (0)1 99 00 12 34",
        "0033199001234",
    ],
)
def test_phone_is_the_same_however_it_is_written(written: str) -> None:
    """Every form seen in the files is one number."""
    assert phone(written) == "0199001234"


def test_truncated_phone_stays_what_it_is() -> None:
    """A number that is no French number is compared by its digits."""
    assert (phone("01990"), phone("+32 2 555 12 12"), phone("")) == ("01990", "3225551212", "")


def test_street_and_email_have_one_form() -> None:
    """Leading zeros, repetition letters, accents, case."""
    assert street("007", "T", "AV", "de l'Opéra") == "7 TER AV DE L OPERA"
    assert street("", "", "", "Les Lilas") == "LES LILAS"
    assert email(" Nom@Exemple.FR ") == "nom@exemple.fr"


def test_structure_is_known_by_each_of_its_identifiers() -> None:
    """The legal entity is not one of them: many sites share it."""
    assert keys_of(Structure(technical_id="F1", finess="2a0000001", finess_legal="x", siren="y")) == [
        "technical:F1",
        "finess:2A0000001",
    ]


def test_names_are_the_same_when_compatible() -> None:
    """Case, accents and one name out of two."""
    assert same_name("Élodie", "ELODIE")
    assert same_name("MARTIN EP DURAND", "MARTIN")
    assert not same_name("MARTIN", "DURAND")


def test_every_place_field_has_a_severity() -> None:
    """No comparable field without one."""
    assert {field.name for field in PLACE_FIELDS} <= SEVERITIES.keys()
