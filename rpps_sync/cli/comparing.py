"""``rpps-sync compare``: judge all observations again."""

from __future__ import annotations

from typing import Annotated

import typer

from rpps_sync.cli.access import engine_of
from rpps_sync.cli.output import print_json, progress, settings_of, table


def compare(
    ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False
) -> None:
    """Judge all observations again, against the publication being served."""
    from pipelines.comparison import compare as compare_all
    from rpps_sync.directory.engine import writing
    from rpps_sync.directory.migrations import ensure_current

    grace = settings_of(ctx).grace_publications
    with engine_of(ctx) as engine, progress("comparing") as bar:
        ensure_current(engine)
        with writing(engine) as connection:
            summary = compare_all(connection, grace=grace, progress=bar.advance)
    if as_json:
        print_json({"observed": summary.observed, "by_verdict": dict(summary.by_verdict)})
        return
    typer.echo(f"{summary.observed} practitioners compared")
    table("", ("verdict", "fields"), list(summary.by_verdict.items()))
