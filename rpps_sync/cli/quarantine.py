"""``rpps-sync quarantine``: the lines that could not be read, and their bytes."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rpps_sync.cli.access import directory_of
from rpps_sync.cli.output import print_json, say, settings_of, table
from rpps_sync.errors import DirectoryError, NotFound, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from rpps_sync.settings import Settings


def quarantine(
    ctx: typer.Context,
    publication: Annotated[
        str | None, typer.Option(metavar="ID", help="Of this publication; else of the one looked at last.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every line ever set aside, with its run and date.")
    ] = False,
    extract: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of this extract only (personne-activite…).")
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the lines as they came, under the header of their extract."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON array; the bytes of a line in base64, as raw_base64.")
    ] = False,
) -> None:
    """List the lines that could not be read; their practitioners keep the last good version.

    A line that a later publication or version can read is no longer in the later list. At most the first 2600
    bytes of a line are kept; 'cut' says where there were more. 'rpps-sync check' reads an exported file.
    """
    if everything and (publication or export):
        raise UsageError("--all does not go with --publication or --export", mend="name one publication instead")
    with directory_of(ctx) as connection:
        rows = [row for row in _rows(connection, publication, everything) if extract in (None, row["kind"])]
    if export:
        say(_exported(rows, export, settings_of(ctx)))
    if as_json:
        print_json([_document(row) for row in rows])
    elif not export:
        _show(rows, everything=everything)


def _rows(connection: Connection, publication: str | None, everything: bool) -> list[dict[str, Any]]:
    from rpps_sync.directory import quarantine as ledger

    if everything:
        return ledger.ever(connection)
    chosen = publication or ledger.last_looked_at(connection)
    return ledger.of_publication(connection, chosen) if chosen else []


def _document(row: dict[str, Any]) -> dict[str, Any]:
    """The row as JSON holds it: any bytes, invalid text included, come back the same from base64."""
    told = {name: value for name, value in row.items() if name != "raw"}
    return told | {"raw_base64": base64.b64encode(row["raw"]).decode()}


def _show(rows: list[dict[str, Any]], *, everything: bool) -> None:
    columns = ["publication_id", "kind", "line_number", "reason", "detail", "national_id", "cut"]
    if everything:
        columns = ["set_aside_at", "run_id", *columns]
    table("", columns, [[_cell(row[column]) for column in columns] for row in rows])


def _cell(value: Any) -> Any:
    return {True: "yes", False: ""}[value] if isinstance(value, bool) else value


def _exported(rows: list[dict[str, Any]], file: Path, settings: Settings) -> str:
    kinds = sorted({row["kind"] for row in rows})
    if len(kinds) > 1:
        raise UsageError(
            f"lines of {', '.join(kinds)} do not fit in one file", mend="choose one with --extract, then the other"
        )
    if not rows:
        raise NotFound(
            "no line was set aside: there is nothing to export", mend="see 'rpps-sync quarantine --all'"
        )
    if file.exists():
        raise UsageError(f"{file} exists", mend="name a file that does not exist yet")
    header, origin = _header(settings, rows[0]["publication_id"], kinds[0])
    file.write_bytes(b"".join(line + b"\n" for line in (header, *(row["raw"] for row in rows))))
    cut = sum(row["cut"] for row in rows)
    return f"{file} written: {len(rows)} lines under the header of {origin}" + (f"; {cut} cut" if cut else "")


def _header(settings: Settings, publication_id: str, kind: str) -> tuple[bytes, str]:
    """The first line of the extract as it was archived, else that of its newest known vintage."""
    from rpps_sync.limits import LIMITS
    from rpps_sync.publication import ExtractKind
    from rpps_sync.publisher.archive import Archive
    from rpps_sync.publisher.layouts import layout

    archive = Archive(settings.archive)
    try:
        with archive.open(archive.load(publication_id), ExtractKind(kind)) as stream:
            line = stream.readline(LIMITS.header_bytes)
    except (NotFound, DirectoryError):
        return layout(ExtractKind(kind)).header.encode(), "the newest vintage: the archive no longer has that day"
    return line.rstrip(b"\r\n"), publication_id
