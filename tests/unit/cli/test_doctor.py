"""``doctor``: what is missing or wrong, and the mend."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


def states(answer: Any) -> dict[str, str]:
    """The state of each thing looked at."""
    return {item["name"]: item["state"] for item in answer.json["checks"]}


def test_new_machine_is_healthy_and_stays_untouched(rpps_sync: Command, home: Path) -> None:
    """Before the first run nothing is wrong, and looking creates no database."""
    answer = rpps_sync("doctor", "--json")
    assert answer.code == 0, answer.out
    assert answer.json["healthy"] is True
    assert not (home / "rpps-sync.sqlite").exists()


def test_unreadable_settings_are_one_symptom_among_others(
    rpps_sync: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong value is named with its mend, and the rest of the machine is still looked at."""
    monkeypatch.setenv("RPPS_SYNC_LANGUAGE", "de")
    answer = rpps_sync("doctor", "--json")
    assert answer.code == 1
    assert states(answer)["settings"] == "wrong"
    assert states(answer)["python"] == "ok"


def test_home_that_is_a_file_is_wrong(rpps_sync: Command, home: Path) -> None:
    """A home that cannot hold anything is told before the night is."""
    home.write_text("")
    answer = rpps_sync("doctor", "--json")
    assert answer.code == 1
    assert states(answer)["home"] == "wrong"


def test_database_newer_than_the_program_is_wrong(rpps_sync: Command, home: Path) -> None:
    """A database from the future is left alone, and the mend says which program to install."""
    assert rpps_sync("db", "upgrade").code == 0
    with sqlite3.connect(home / "rpps-sync.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    answer = rpps_sync("doctor", "--json")
    assert answer.code == 1
    (database,) = (item for item in answer.json["checks"] if item["name"] == "database")
    assert "9999" in database["observed"]
    assert "later" in database["mend"]


def test_file_that_is_no_database_is_wrong(rpps_sync: Command, home: Path) -> None:
    """A damaged database is told in a sentence."""
    home.mkdir()
    (home / "rpps-sync.sqlite").write_text(
        "this is no database, although it is long enough to be read as one" * 20
    )
    answer = rpps_sync("doctor", "--json")
    assert answer.code == 1
    assert states(answer)["database"] == "wrong"


def test_mistyped_variable_is_worth_a_look(rpps_sync: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable without effect is reported, and is no failure."""
    monkeypatch.setenv("RPPS_SYNC_GRACE_PUBLICATION", "4")
    answer = rpps_sync("doctor", "--json")
    assert answer.code == 0
    assert states(answer)["variable RPPS_SYNC_GRACE_PUBLICATION"] == "warn"


def test_clock_before_the_last_run_is_wrong(
    rpps_sync: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that woke up in the past would call everything fresh."""
    rpps_sync("db", "upgrade")
    with sqlite3.connect(home / "rpps-sync.sqlite") as connection:
        connection.execute(
            "INSERT INTO runs (run_id, started_at, finished_at, outcome, summary)"
            " VALUES ('r', '2026-11-20 02:00:00', '2026-11-20 02:10:00', 'published', '{}')"
        )
    connection.close()
    monkeypatch.setenv("RPPS_SYNC_NOW", "2026-11-19T02:00:00Z")
    answer = rpps_sync("doctor", "--json")
    assert answer.code == 1
    assert [item["state"] for item in answer.json["checks"] if item["name"] == "clock"] == ["warn", "wrong"]


def test_people_read_a_table_with_the_mend(rpps_sync: Command, home: Path) -> None:
    """Without ``--json`` the same facts are a table."""
    home.write_text("")
    answer = rpps_sync("doctor")
    assert "WRONG" in answer.out
    assert "set RPPS_SYNC_HOME to a folder you own" in answer.out
