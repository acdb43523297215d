import io

import pytest

from extract_builder import text
from gate_visits import PA, night_of, nurses, profile, speaking, visit
from rpps_sync.extracts.scan import scan
from rpps_sync.run_summary import CheckStatus


@pytest.mark.parametrize(("columns", "trailing"), [(48, False), (52, True), (56, True)])
def test_older_vintage_passes_and_says_which_checks_it_cannot_meet(columns: int, trailing: bool) -> None:
    """A file of 2018 has no sector column: its check is skipped, neither green nor red."""
    old = scan(io.BytesIO(text(PA, nurses(60), columns=columns, trailing=trailing).encode()), PA).profile
    results = visit(old)
    assert speaking(results) == {}
    assert results["columns.required"].rows == columns
    if columns == 48:
        assert results["codes.unknown.sector"].status is CheckStatus.SKIPPED
        assert results["codes.unknown.sector"].observed == "column absent from this vintage"


def test_new_column_is_told_by_its_name() -> None:
    """The ANS added a column: the file is published, and somebody reads the release notes."""
    header, *rows = text(PA, nurses(60)).splitlines()
    wider = "\n".join([f"{header}|Code surprise", *(f"{row}|S1" for row in rows), ""])
    results = visit(scan(io.BytesIO(wider.encode()), PA).profile)
    assert speaking(results) == {"columns.unknown": "warning"}
    assert results["columns.unknown"].samples == ("Code surprise",)


def test_known_alias_is_only_information() -> None:
    """The restricted extracts write 'Code fonction' for the same column."""
    results = visit(profile(nurses(30), header=("Code rôle", "Code fonction")))
    assert speaking(results) == {}
    assert str(results["columns.aliased"].severity) == "info"
    assert results["columns.aliased"].samples == ("Code fonction",)


def test_column_that_empties_overnight_is_named() -> None:
    """A mode of exercise lost on half of the lines is data lost at the source."""
    past = [night_of(profile(nurses(400)))]
    results = visit(profile([*nurses(200), *nurses(400, mode="", mode_label="")[200:]]), history=past)
    assert speaking(results) == {"filled.rates": "error"}
    assert results["filled.rates"].samples == ("mode", "mode_label")
    assert "mode: 200 / 400 (50.0%)" in results["filled.rates"].observed


def test_column_filled_a_little_less_than_yesterday_is_no_news() -> None:
    """One line out of two hundred is everyday life."""
    past = [night_of(profile(nurses(400)))]
    assert speaking(visit(profile([*nurses(398), *nurses(400, mode="")[398:]]), history=past)) == {}


def test_people_without_a_family_name_betray_a_shift() -> None:
    """A few empty names are usual, hundreds are not."""
    few = visit(profile([*nurses(290), *nurses(300, family_name="")[290:]]))
    many = visit(profile(nurses(300, family_name="")))
    assert few["filled.name.family_name"].success
    assert speaking(many) == {"filled.name.family_name": "error"}
    assert many["filled.name.family_name"].observed == "0 / 300 (0.0%)"


def test_professions_left_empty_are_an_error() -> None:
    """An exercise without profession opens no right."""
    assert speaking(visit(profile(nurses(100, profession="", profession_label="")))) == {
        "filled.exercise.profession": "error"
    }
