import csv
import io

import pytest

from extract_builder import hospital, person, stream
from rpps_sync.errors import NotFound
from rpps_sync.publication import ExtractKind
from rpps_sync.quality.rows import Side, Sources, rows_behind, write_csv

PA = ExtractKind.PERSONNE_ACTIVITE
HEALTHY = [person(number, **hospital(number)) for number in range(20)]


def _found(name: str, *lines: dict[str, str]) -> list[dict[str, str]]:
    """The lines behind a result, as a spreadsheet would read them."""
    file = io.StringIO(newline="")
    tonight = Side((PA,), lambda kind: stream(kind, [*HEALTHY, *lines]))
    write_csv(rows_behind(name, PA, Sources(tonight)), file)
    return list(csv.DictReader(io.StringIO(file.getvalue()), delimiter=";"))


def test_lines_behind_a_rule_come_with_their_number_and_the_cells_at_fault() -> None:
    """The person who corrects must find them again in the file."""
    (row,) = _found("format.structure.siret", person(40, siret="7328293200007"))
    assert (row["line"], row["siret"], row["national_id"]) == ("22", "7328293200007", person(40)["national_id"])


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("keys.rpps-luhn", {"identifier": "99900000018", "national_id": "899900000018"}),
        ("keys.prefix", {"identifier": person(3)["identifier"]}),
        ("filled.name.given_name", {"given_name": ""}),
        ("codes.unknown.mode", {"mode": "?"}),
        ("codes.retired", {"category": "F"}),
        ("format.address.department", {"postal_code": "13001", "commune": "69383"}),
        ("text.damaged.text-damaged", {"family_name": "GÃ©RARD"}),
        ("format.rise.doctor-skill", {"profession": "10"}),
    ],
)
def test_lines_behind_every_kind_of_result_can_be_had(name: str, fault: dict[str, str]) -> None:
    """What the check counted is what is listed."""
    assert len(_found(name, person(40, **fault))) == 1


@pytest.mark.parametrize(
    "text", ["=1+1", "+33 1 99", "-2+3", "@SUM(A1)", " =cmd|' /C calc'!A0".replace("|", "!"), "\t=1"]
)
def test_cell_that_a_spreadsheet_would_compute_is_text(text: str) -> None:
    """A name in a public file must not run anything on the machine of who corrects it."""
    (row,) = _found("codes.unknown.mode", person(40, mode="?", family_name=text))
    assert row["family_name"] == f"'{text}"


NOBODY = Sources(Side((PA,), lambda kind: stream(kind, HEALTHY)))


def test_check_of_the_header_says_why_it_has_no_row() -> None:
    """A column that is missing is missing on every line."""
    with pytest.raises(NotFound, match="the header") as told:
        rows_behind("columns.required", PA, NOBODY)
    assert "checks compare" in told.value.mend


def test_lost_people_of_a_first_publication_say_that_there_was_none_before() -> None:
    """Who left is in the publication before, which the archive may no longer have."""
    with pytest.raises(NotFound, match="nothing to compare with"):
        list(rows_behind("volume.practitioners", PA, NOBODY))


def test_result_that_no_check_gives_is_refused() -> None:
    """A misspelt name is not an empty answer."""
    with pytest.raises(NotFound, match="no check"):
        rows_behind("format.stars", PA, NOBODY)


def test_result_named_without_its_column_lists_the_names_that_exist() -> None:
    """The person at 3 a.m. types half of a name; the answer is the other half."""
    with pytest.raises(NotFound) as told:
        rows_behind("format.structure", PA, NOBODY)
    assert "format.structure.siret" in told.value.mend
