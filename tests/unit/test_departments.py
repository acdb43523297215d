import pytest

from rpps_sync.departments import department_of, normalised_department


@pytest.mark.parametrize(
    ("commune", "postal_code", "department"),
    [
        ("69383", "75001", "69"),
        ("2A004", "20000", "2A"),
        ("", "20137", "2A"),
        ("", "20200", "2B"),
        ("", "20600", "2B"),
        ("97411", "", "974"),
        ("97801", "97150", "978"),
        ("", "98800", "988"),
        ("", "34295", "34"),
        ("99132", "GL", ""),
        ("", "", ""),
    ],
)
def test_a_place_is_in_the_department_of_its_commune(commune: str, postal_code: str, department: str) -> None:
    """The commune decides, the postal code stands in, Corsica and overseas included; abroad there is none."""
    assert department_of(commune, postal_code) == department


def test_what_the_extract_says_wins() -> None:
    """The day the publisher fills its column, it is believed."""
    assert department_of("69383", "69003", "42") == "42"


@pytest.mark.parametrize(("typed", "code"), [("1", "01"), (" 2a ", "2A"), ("974", "974")])
def test_a_department_is_understood_as_people_type_it(typed: str, code: str) -> None:
    """Leading zeros and capitals may be missing."""
    assert normalised_department(typed) == code
