"""``nomenclature``: which code tables are in force, and how newer ones come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rpps_sync.nomenclature import use

Command = Callable[..., Any]

MODES = "code,label,status\nS,Salarié,active\nL,Libéral,active\nB,Bénévole,deprecated\nR,Remplaçant,active\n"


@pytest.fixture(autouse=True)
def _tables_of_the_package() -> Iterator[None]:
    """Commands name the folder of their home: the next test starts without it."""
    yield
    use(None)


@pytest.fixture
def nos(tmp_path: Path) -> str:
    """A folder with one newer table."""
    folder = tmp_path / "nos"
    folder.mkdir()
    (folder / "TRE_R23-ModeExercice.csv").write_text(MODES, encoding="utf-8")
    (folder / "notes.txt").write_text("")
    return str(folder)


def test_every_table_tells_where_it_comes_from(rpps_sync: Command) -> None:
    """Version, date and source, and whether a code missing from it is unknown."""
    tables = {one["table"]: one for one in rpps_sync("nomenclature", "list", "--json").json}
    assert len(tables) == 21
    assert tables["G15"].pop("source").startswith("terminology guide of the ANS")
    assert tables["G15"] == {
        "table": "G15",
        "title": "Professions de santé",
        "codes": 30,
        "retired": 6,
        "complete": True,
        "version": "1.12.0",
        "date": "2026-07",
        "origin": "package",
    }
    assert "Professions de santé" in rpps_sync("nomenclature", "list").out


def test_one_table_is_shown_by_its_number(rpps_sync: Command) -> None:
    """With or without TRE, in any case."""
    shown = rpps_sync("nomenclature", "show", "tre_r09", "--json").json
    assert shown["codes"][2] == {
        "code": "F",
        "label": "Fonctionnaire d'Etat ou de collectivité locale",
        "status": "deprecated",
    }
    answer = rpps_sync("nomenclature", "show", "R09")
    assert "Agent public" in answer.out
    assert "1.12.0 2026-07" in answer.err


def test_unknown_table_is_an_error_that_says_where_to_look(rpps_sync: Command) -> None:
    """R999 does not exist."""
    answer = rpps_sync("nomenclature", "show", "R999")
    assert answer.code == 1
    assert "nomenclature list" in answer.err


def test_update_tells_what_changed_and_what_was_left_alone(rpps_sync: Command, nos: str, home: Path) -> None:
    """Then the newer table is the one in force."""
    answer = rpps_sync("nomenclature", "update", "--from", nos)
    assert "L: Libéral, indépendant, artisan, commerçant → Libéral" in answer.out
    assert "left alone: notes.txt" in answer.err
    assert (home / "nomenclature" / "R23.json").is_file()
    shown = rpps_sync("nomenclature", "show", "R23", "--json").json
    assert (shown["origin"], shown["source"]) == ("update", "TRE_R23-ModeExercice.csv")


def test_update_speaks_json_and_a_dry_run_writes_nothing(rpps_sync: Command, nos: str, home: Path) -> None:
    """A script can ask first."""
    told = rpps_sync("nomenclature", "update", "--from", nos, "--dry-run", "--json").json
    assert told["dry_run"]
    assert told["tables"][0]["added"] == ["R"]
    assert told["tables"][0]["ended"] == ["B", "I"]
    assert told["left_alone"] == [{"file": "notes.txt", "why": "neither a CSV nor the JSON of a table (TRE)"}]
    assert not (home / "nomenclature").exists()


def test_refused_update_ends_with_the_code_of_a_wrong_use(rpps_sync: Command, tmp_path: Path) -> None:
    """There is no such folder."""
    assert rpps_sync("nomenclature", "update", "--from", str(tmp_path / "nowhere")).code == 2
