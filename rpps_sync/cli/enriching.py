"""``rpps-sync enrich``: columns of the directory added to somebody else's table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from rpps_sync.cli.access import directory_of
from rpps_sync.cli.output import print_json, printable, progress, say


def enrich(
    ctx: typer.Context,
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="CSV, Parquet or XLSX file, by the end of its name.")
    ],
    target: Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="New file; CSV, Parquet or XLSX.")],
    id_column: Annotated[str, typer.Option(metavar="NAME", help="Column of the identifiers.")],
    fields: Annotated[
        str,
        typer.Option(metavar="NAMES", help="Fields to add, comma-separated (docs/enrichment.md); the usual ones."),
    ] = "",
    prefix: Annotated[str, typer.Option(help="Goes before the names of the added columns.")] = "rpps_",
    as_json: Annotated[bool, typer.Option("--json", help="The summary as one JSON document.")] = False,
) -> None:
    """Add columns of the directory to a table that has a column of identifiers; each row keeps its place.

    RPPS numbers are taken with 11 or 12 digits, with spaces or hyphens. Each row is told found, departed, unknown,
    malformed (with the reason) or out of scope. The table is read and written in bounded memory.
    """
    from pipelines.enriching import Order, enrich_table
    from rpps_sync.directory.enrichment import USUAL_FIELDS

    chosen = tuple(name.strip() for name in fields.split(",") if name.strip()) or USUAL_FIELDS
    order = Order(source, target, id_column, chosen, prefix)
    with directory_of(ctx) as connection, progress(f"enriching {source.name}") as bar:
        summary = enrich_table(connection, order, progress=bar.advance)
    if as_json:
        print_json(summary)
        return
    typer.echo(printable(_told(summary)))
    say(f"publication {summary['publication']}. Source: Annuaire Santé (ANS)")


def _told(summary: dict[str, Any]) -> str:
    counts = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in summary["by_status"].items())
    return f"{summary['output']}: {summary['rows']} rows: {counts}"
