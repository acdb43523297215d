import re
from importlib import resources

from rpps_sync.nomenclature import code_system, retired_codes, systems, table, table_ids, use, wordings

DATA = resources.files("rpps_sync.nomenclature").joinpath("data")


def test_every_table_tells_its_source_and_has_all_its_codes() -> None:
    """A line lost or doubled in an edit does not match the number declared."""
    use(None)
    declared = DATA.joinpath("tables.toml").read_text(encoding="utf-8")
    counts = {name: int(count) for name, count in re.findall(r"^(\w+) = .*?codes = (\d+)", declared, re.MULTILINE)}
    assert {name: len(table(name).labels) for name in table_ids()} == counts
    assert all(table(name).source and table(name).title for name in table_ids())


def test_every_file_of_codes_is_declared_and_used() -> None:
    """A table that no column uses would be kept up to date for nobody."""
    files = {file.name for file in DATA.iterdir() if file.name.endswith(".csv")}
    declared = DATA.joinpath("tables.toml").read_text(encoding="utf-8")
    assert files == set(re.findall(r'file = "([^"]+)"', declared))
    assert {one.id for name in systems() for one in code_system(name).tables} == set(table_ids())


def test_code_ended_in_one_table_and_alive_in_another_has_not_ended() -> None:
    """Psychologists left the health professions for the protected titles; ambulance drivers just left."""
    assert "93" not in retired_codes("profession")
    assert "36" in retired_codes("profession")


def test_abbreviated_labels_are_compared_with_nothing() -> None:
    """The state diplomas are known by short names only."""
    assert wordings("diploma") == {}
    assert wordings("mode")["S"] == "Salarié"


def test_wording_nobody_read_is_no_reference() -> None:
    """An empty label is not a label."""
    assert "42" not in wordings("profession")
