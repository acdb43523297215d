"""``rpps-sync runs`` and ``publications``: what was done, and what was published."""

from __future__ import annotations

from typing import Annotated

import typer

from rpps_sync.cli.access import directory_of
from rpps_sync.cli.output import print_json, say, table

AsJson = Annotated[bool, typer.Option("--json", help="One JSON array.")]


def runs(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 30,
    as_json: AsJson = False,
) -> None:
    """List the runs, newest first: when, how long, and how they ended."""
    from rpps_sync.directory import ledger

    with directory_of(ctx) as connection:
        rows = ledger.runs(connection, limit)
    if as_json:
        print_json(rows)
        return
    columns = ("run_id", "started_at", "finished_at", "outcome")
    table("", columns, [[row[column] for column in columns] for row in rows])


def publications(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the publications looked at, refused ones with their reasons, accepted ones with who and why."""
    from rpps_sync.directory import ledger

    with directory_of(ctx) as connection:
        rows = ledger.publications(connection)
    if as_json:
        print_json(rows)
        return
    columns = ("id", "status", "published_at", "practitioners", "accepted_by", "accepted_because")
    table("", columns, [[row[column] for column in columns] for row in rows])
    for row in rows:
        if row["reasons"] and row["status"] == "refused":
            say(f"{row['id']} refused: {'; '.join(map(str, row['reasons']))}")
