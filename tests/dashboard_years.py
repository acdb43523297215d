"""A past of years for an installation that lived a night: its ledgers filled with copies of their rows."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from typing import Any

from dashboard_home import Home

FORMAT = "%Y-%m-%d %H:%M:%S.000000"  # of instants in SQLite


def filled(home: Home, *, nights: int, findings: int) -> None:
    """Add older nights, and findings and observations of other people, as copies of those lived (SQLite)."""
    with closing(sqlite3.connect(home.settings.home / "rpps-sync.sqlite")) as database:
        _fill(database, home, nights, findings)


def _fill(database: sqlite3.Connection, home: Home, nights: int, findings: int) -> None:
    for number in range(1, nights + 1):
        _night(database, home, number)
    people = [row[0] for row in database.execute("SELECT national_id FROM practitioners")]
    chance = random.Random(1)
    _copies(database, "findings", findings, {"id": None, "national_id": lambda: chance.choice(people)})
    _copies(database, "observations", findings, {"id": None, "national_id": lambda: chance.choice(people)})
    database.execute("DELETE FROM comparisons")
    _copies_of_people(database, people)
    database.commit()
    database.execute("ANALYZE")


def _night(database: sqlite3.Connection, home: Home, back: int) -> None:
    """The first publication and its run again, so many days before."""
    at = (home.morning - timedelta(days=back + 2)).strftime(FORMAT)
    for table, changed in (
        ("publications", {"id": f"older-{back}", "seq": -back, "published_at": at, "recorded_at": at}),
        ("runs", {"run_id": f"older-{back}", "started_at": at, "finished_at": at}),
    ):
        row = _row(database, f"SELECT * FROM {table} ORDER BY rowid LIMIT 1") | changed
        _insert(database, table, [row])
    feeds = [
        _dict(row) | {"publication_seq": -back} for row in _rows(database, "SELECT * FROM feed_changes LIMIT 40")
    ]
    unique = {(row["authority"], row["profession"]): row for row in feeds}
    _insert(database, "feed_changes", list(unique.values()))


def _copies(database: sqlite3.Connection, table: str, number: int, changed: dict[str, Any]) -> None:
    models = [_dict(row) for row in _rows(database, f"SELECT * FROM {table} LIMIT 200")]
    rows = []
    for place in range(number):
        fresh = {name: make() if make else f"copy{place:012}" for name, make in changed.items()}
        if table == "observations":
            del fresh["id"]
            rows.append({**models[place % len(models)], **fresh, "id": None})
        else:
            rows.append({**models[place % len(models)], **fresh})
    _insert(database, table, rows)


def _copies_of_people(database: sqlite3.Connection, people: Sequence[str]) -> None:
    said = '{"consistent": 9, "conflict": 1}'
    rows = [{"national_id": one, "source": "dpi", "publication_seq": 2, "by_verdict": said} for one in people]
    _insert(database, "comparisons", rows)


def _rows(database: sqlite3.Connection, statement: str) -> list[sqlite3.Row]:
    database.row_factory = sqlite3.Row
    return database.execute(statement).fetchall()


def _row(database: sqlite3.Connection, statement: str) -> dict[str, Any]:
    return _dict(_rows(database, statement)[0])


def _dict(row: sqlite3.Row) -> dict[str, Any]:
    return {name: row[name] for name in row.keys()}  # noqa: SIM118 - columns


def _insert(database: sqlite3.Connection, table: str, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        names = list(rows[0])
        marks = ", ".join(f":{name}" for name in names)
        database.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)
