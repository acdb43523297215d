import csv
from importlib import resources

import pytest

from rpps_sync.errors import NotFound
from rpps_sync.nomenclature import code_system, known_codes, label, systems
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import layout

DATA = resources.files("rpps_sync.nomenclature").joinpath("data")


def test_professions_come_from_health_social_and_title_tables_together() -> None:
    """A psychologist (R95) and a social worker (R94) are as known as a doctor (G15)."""
    assert {"10", "41", "93", "71"} <= known_codes("profession")


def test_a_code_with_an_end_date_is_still_known() -> None:
    """A retired code in an old line is not an unknown code."""
    assert "F" in known_codes("category")


def test_a_label_seen_in_two_tables_is_the_first_ones() -> None:
    """Code 93 is a psychologist in the health table and in the table of protected titles."""
    assert label("profession", "93") == "Psychologue"


def test_wording_that_was_never_read_is_empty_rather_than_invented() -> None:
    """A code is known although its label is not."""
    assert "42" in known_codes("profession")
    assert label("profession", "42") == ""


def test_an_unheard_of_code_has_no_label() -> None:
    """The lookup of a new code answers nothing, and does not fail."""
    assert label("mode", "ZZ") == ""


def test_a_partial_table_never_makes_a_code_unknown() -> None:
    """Street types, state diplomas and hospital specialities are only known from what was seen."""
    assert not code_system("street_type").judges("IMP")
    assert not code_system("diploma").judges("DE99")
    assert not code_system("skill").judges("SCH99")


def test_a_skill_is_judged_only_by_the_table_its_shape_belongs_to() -> None:
    """SM99 would be a new ordinal speciality; CEX22 belongs to a table that is not shipped."""
    skills = code_system("skill")
    assert skills.judges("SM99")
    assert "SM99" not in known_codes("skill")
    assert not skills.judges("CEX22")


def test_skills_of_one_type_are_those_of_its_table() -> None:
    """Type S is the table of ordinal specialities."""
    assert "SM54" in known_codes("skill.S")
    assert "DSM213" not in known_codes("skill.S")


def test_a_complete_list_judges_every_code() -> None:
    """A mode of exercise that is not in R23 is an unknown code."""
    assert code_system("mode").judges("Z")


def test_asking_for_a_list_that_does_not_exist_says_where_they_are_declared() -> None:
    """A misspelt system is an error, never an empty list."""
    with pytest.raises(NotFound, match="profesion") as refused:
        known_codes("profesion")
    assert "systems.toml" in refused.value.mend


def test_every_declared_list_belongs_to_a_column_of_an_extract() -> None:
    """A list that no column uses would be checked by nobody; 'skill.S' is a part of 'skill'."""
    columns = {column.key for kind in ExtractKind for column in layout(kind).columns}
    names = set(systems())
    assert {name.split(".")[0] for name in names} <= columns
    assert all(known_codes(name) for name in names)


def test_no_table_holds_a_placeholder_label_or_a_repeated_code() -> None:
    """Labels are official wording or nothing, and a code has one line in its table."""
    for file in DATA.iterdir():
        if file.name.endswith(".csv"):
            rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
            codes = [row["code"] for row in rows]
            assert len(codes) == len(set(codes)), file.name
            assert {row["status"] for row in rows} <= {"active", "deprecated"}, file.name
            assert not [row for row in rows if "?" in row["label"] or "(idem)" in row["label"]], file.name
