"""``db``: migrations, integrity and copies."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]


def test_upgrade_is_told_once_and_changes_nothing_twice(rpps_sync: Command) -> None:
    """The second upgrade finds the schema in place."""
    first, second = rpps_sync("db", "upgrade", "--json").json, rpps_sync("db", "upgrade", "--json").json
    assert first["from"] == ""
    assert second == {"from": first["to"], "to": first["to"]}


def test_current_says_what_is_and_what_is_needed(rpps_sync: Command) -> None:
    """Before the first upgrade there is no schema."""
    assert rpps_sync("db", "current").out.startswith("no schema (this version needs ")
    rpps_sync("db", "upgrade")
    found = rpps_sync("db", "current", "--json").json
    assert found["current"] == found["head"]


def test_backup_is_a_sound_copy(rpps_sync: Command, tmp_path: Path) -> None:
    """The copy opens by itself and holds the schema; no draft is left beside it."""
    rpps_sync("db", "upgrade")
    answer = rpps_sync("db", "backup", "copy.sqlite", "--json")
    assert answer.code == 0, answer.err
    copy = sqlite3.connect(tmp_path / "copy.sqlite")
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert copy.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
    copy.close()
    assert [path.name for path in tmp_path.glob("copy*")] == ["copy.sqlite"]


def test_backup_overwrites_nothing(rpps_sync: Command, tmp_path: Path) -> None:
    """A file that exists is kept, and the command is wrong usage."""
    rpps_sync("db", "upgrade")
    (tmp_path / "copy.sqlite").write_text("precious")
    assert rpps_sync("db", "backup", "copy.sqlite").code == 2
    assert (tmp_path / "copy.sqlite").read_text() == "precious"


def test_check_finds_a_damaged_page(rpps_sync: Command, home: Path) -> None:
    """A database with a page of garbage is called damaged, in words and with exit code 1."""
    assert rpps_sync("db", "upgrade").code == 0
    assert rpps_sync("db", "check", "--json").json == {"sound": True, "damages": []}
    file = home / "rpps-sync.sqlite"
    content = bytearray(file.read_bytes())
    content[-4096 * 3 : -4096 * 2] = b"\xff" * 4096
    file.write_bytes(bytes(content))
    answer = rpps_sync("db", "check")
    assert answer.code == 1
    assert answer.out or "error:" in answer.err


def test_lookup_before_any_run_names_the_command_to_run(rpps_sync: Command) -> None:
    """An empty home is no crash: the mend is the first run."""
    answer = rpps_sync("lookup", "99900000003")
    assert answer.code == 1
    assert "rpps-sync run" in answer.err or "rpps-sync db upgrade" in answer.err


def test_ledgers_of_a_new_database_are_empty(rpps_sync: Command) -> None:
    """Before the first night there is nothing to list, and nothing fails."""
    rpps_sync("db", "upgrade")
    for ledger in ("runs", "publications", "quarantine"):
        assert rpps_sync(ledger, "--json").json == []
        assert rpps_sync(ledger).code == 0
