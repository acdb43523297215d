"""``rpps-sync enrich``: columns of the directory added to somebody else's table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from rpps_sync.cli.access import directory_of
from rpps_sync.cli.output import print_json, printable, progress, say
from rpps_sync.errors import UsageError


def enrich(
    ctx: typer.Context,
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="CSV, Parquet or XLSX file, by the end of its name.")
    ],
    target: Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="New file; CSV, Parquet or XLSX.")],
    id_column: Annotated[str, typer.Option(metavar="NAME", help="Column of the identifiers.")] = "",
    match: Annotated[
        str,
        typer.Option(
            metavar="TRAIT=COLUMN,…",
            help="Find people by family=, given=, profession=, postal_code=, structure=… (docs/matching.md) "
            "where there is no known identifier.",
        ),
    ] = "",
    fields: Annotated[
        str,
        typer.Option(metavar="NAMES", help="Fields to add, comma-separated (docs/enrichment.md); the usual ones."),
    ] = "",
    prefix: Annotated[str, typer.Option(help="Goes before the names of the added columns.")] = "rpps_",
    as_json: Annotated[bool, typer.Option("--json", help="The summary as one JSON document.")] = False,
) -> None:
    """Add columns of the directory to a table that has a column of identifiers; each row keeps its place.

    RPPS numbers are taken with 11 or 12 digits, with spaces or hyphens. Each row is told found, departed, unknown,
    malformed (with the reason) or out of scope. With --match, rows without a known identifier are matched by what
    they say of people: certain, probable, several or none. The table is read and written in bounded memory.
    """
    from pipelines.enriching import Order, enrich_table
    from rpps_sync.directory.enrichment import USUAL_FIELDS

    chosen = tuple(name.strip() for name in fields.split(",") if name.strip()) or USUAL_FIELDS
    order = Order(source, target, id_column, chosen, prefix, _columns(match))
    with directory_of(ctx) as connection, progress(f"enriching {source.name}") as bar:
        summary = enrich_table(connection, order, progress=bar.advance)
    if as_json:
        print_json(summary)
        return
    typer.echo(printable(_told(summary)))
    say(f"publication {summary['publication']}. Source: Annuaire Santé (ANS)")


def _columns(match: str) -> dict[str, str]:
    """The column of each trait.

    Raises:
        UsageError: this is no list of them.
    """
    pairs = [pair.partition("=") for pair in match.split(",") if pair.strip()]
    if bad := [trait for trait, equals, column in pairs if not equals or not column.strip()]:
        raise UsageError(f"--match: '{bad[0]}' has no column", mend="write family=COLUMN,given=COLUMN…")
    return {trait.strip(): column.strip() for trait, _, column in pairs}


def _told(summary: dict[str, Any]) -> str:
    counts = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in summary["by_status"].items())
    matched = ", ".join(f"{count} {verdict}" for verdict, count in summary.get("by_match", {}).items())
    told = f"{summary['output']}: {summary['rows']} rows: {counts}"
    return f"{told}; matched: {matched}" if matched else told
