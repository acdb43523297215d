"""``rpps-sync report``: the quality report of a run, written again from the ledger."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rpps_sync.cli.access import directory_of
from rpps_sync.cli.output import print_json, settings_of


class Language(StrEnum):
    """The languages of a report."""

    FRENCH = "fr"
    ENGLISH = "en"


def report(
    ctx: typer.Context,
    formats: Annotated[
        str, typer.Option("--format", help="html, json, pdf, xlsx, or several with commas.")
    ] = "html,json",
    out: Annotated[Path | None, typer.Option(help="Folder to write in; else the folder of the reports.")] = None,
    language: Annotated[Language | None, typer.Option(help="Else the LANGUAGE setting.")] = None,
    run: Annotated[str, typer.Option(metavar="RUN_ID", help="Which run; the last one by default.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Write the report of the last run, or of the one named, and print where it is."""
    from pipelines.reporting import rewrite_report, run_document

    settings = settings_of(ctx)
    names = tuple(dict.fromkeys(name.strip() for name in formats.split(",")))
    chosen = language.value if language else settings.language
    with directory_of(ctx) as connection:
        document = run_document(connection, run)
        paths = rewrite_report(connection, document, out or settings.reports, chosen, names)
    if as_json:
        print_json({"run_id": document["run_id"], "language": chosen, "files": [path.resolve() for path in paths]})
        return
    for path in paths:
        typer.echo(str(path.resolve()))
