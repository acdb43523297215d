import csv
import io

import pytest

from extract_builder import hospital, person, stream
from rpps_sync.errors import NotFound
from rpps_sync.publication import ExtractKind
from rpps_sync.quality.rows import offending, search, write_csv

PA = ExtractKind.PERSONNE_ACTIVITE
HEALTHY = [person(number, **hospital(number)) for number in range(20)]


def _found(name: str, *lines: dict[str, str]) -> list[dict[str, str]]:
    """The lines behind a result, as a spreadsheet would read them."""
    file = io.StringIO(newline="")
    write_csv(offending(stream(PA, [*HEALTHY, *lines]), PA, search(name, PA)), file)
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
    "text", ["=1+1", "+33199", "-2", "@SUM(A1)", " =cmd|' /C calc'!A0".replace("|", "!"), "\t=1"]
)
def test_cell_that_a_spreadsheet_would_compute_is_text(text: str) -> None:
    """A name in a public file must not run anything on the machine of who corrects it."""
    (row,) = _found("codes.unknown.mode", person(40, mode="?", family_name=text))
    assert row["family_name"] == f"'{text}"


def test_what_is_missing_has_no_line_and_says_where_to_look() -> None:
    """Lost people are in no line of tonight's file."""
    with pytest.raises(NotFound, match="is missing") as told:
        search("volume.lines", PA)
    assert "checks compare" in told.value.mend


def test_result_that_no_check_gives_is_refused() -> None:
    """A misspelt name is not an empty answer."""
    with pytest.raises(NotFound, match="no check"):
        search("format.stars", PA)


def test_result_named_without_its_column_lists_the_names_that_exist() -> None:
    """The person at 3 a.m. types half of a name; the answer is the other half."""
    with pytest.raises(NotFound) as told:
        search("format.structure", PA)
    assert "format.structure.siret" in told.value.mend
