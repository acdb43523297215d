"""``rpps-sync freshness``: how old is what is served, and is that acceptable."""

from __future__ import annotations

from typing import Annotated

import typer

from rpps_sync.cli.access import directory_of
from rpps_sync.cli.output import print_json, settings_of, table
from rpps_sync.errors import EXIT_STALE


def freshness(
    ctx: typer.Context,
    check: Annotated[bool, typer.Option("--check", help="Exit with 4 when an objective is in error.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """Tell the state of every freshness objective, now: ok, warn, error or no_data."""
    from pipelines.freshness import states
    from rpps_sync import clock
    from rpps_sync.freshness.objectives import title_of
    from rpps_sync.freshness.states import in_error

    language = settings_of(ctx).language
    with directory_of(ctx) as connection:
        assessed = states(connection, clock.now(), language)
    rows = [
        {
            "objective": state.objective,
            "title": title_of(state.objective, language),
            "state": state.state,
            "observed": state.observed,
            "limit": state.limit,
            "since": state.since,
        }
        for state in assessed
    ]
    if as_json:
        print_json(rows)
    else:
        columns = ("state", "title", "observed", "limit", "objective")
        table("", columns, [[row[column] for column in columns] for row in rows])
    if check and in_error(assessed):
        raise typer.Exit(EXIT_STALE)
