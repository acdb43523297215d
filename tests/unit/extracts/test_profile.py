import polars as pl
import pytest
from stdnum import luhn

from extract_builder import hospital, person, stream
from rpps_sync.extracts.profile import luhn_is_valid
from rpps_sync.extracts.scan import scan
from rpps_sync.publication import ExtractKind

PA = ExtractKind.PERSONNE_ACTIVITE


def test_codes_are_counted_with_their_labels() -> None:
    """Each code column gives its distinct codes, their labels and how many lines carry them."""
    lines = [person(1), person(2), person(3, profession="10", profession_label="Médecin")]
    values = scan(stream(PA, lines), PA).profile.values["profession"]
    assert values.rows() == [("60", "Infirmier", 2), ("10", "Médecin", 1)]


def test_empty_codes_are_not_values() -> None:
    """A person without speciality adds nothing to the specialities."""
    assert scan(stream(PA, [person(1)]), PA).profile.values["skill"].is_empty()


def test_filled_cells_are_counted_by_column() -> None:
    """Completeness is the number of non-empty cells."""
    filled = scan(stream(PA, [person(1, **hospital(1)), person(2)]), PA).profile.filled
    assert (filled["finess"], filled["family_name"], filled["department"]) == (1, 2, 0)


def test_exact_repetitions_are_counted() -> None:
    """A line published twice is one duplicate."""
    profile = scan(stream(PA, [person(1), person(1), person(2)]), PA).profile
    assert (profile.lines, profile.duplicates, profile.practitioners) == (3, 1, 2)


def test_wrong_keys_and_prefixes_are_told_apart() -> None:
    """Identifiers are grouped by shape: type, length, digits, key, prefix."""
    good = person(1)
    wrong = person(2) | {"identifier": good["identifier"][:-1] + "x"}
    shapes = scan(stream(PA, [good, wrong]), PA).profile.identifiers
    assert {(row["digits"], row["luhn"], row["prefixed"]) for row in shapes.to_dicts()} == {
        (True, True, True),
        (False, False, False),
    }


@pytest.mark.parametrize("number", ["0", "18", "123456782", "99900000011", "99999999999", "00000000000"])
def test_the_luhn_key_of_a_column_agrees_with_the_library(number: str) -> None:
    """The vectorised key gives the answer of python-stdnum."""
    answer = pl.DataFrame({"n": [number]}).select(luhn_is_valid(pl.col("n"))).item()
    assert answer == luhn.is_valid(number)


def test_an_empty_file_has_an_empty_profile() -> None:
    """A header without lines is measured, not failed: the checks decide."""
    profile = scan(stream(PA, []), PA).profile
    assert (profile.lines, profile.practitioners, profile.identifiers.height) == (0, 0, 0)
