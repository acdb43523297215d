"""``rpps-sync findings``: where tokens and the directory disagree, which side is late, and who mends it."""

from __future__ import annotations

import getpass
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rpps_sync.cli.access import directory_of, engine_of
from rpps_sync.cli.finding_filters import (
    All,
    OfField,
    OfPerson,
    OfSource,
    OfStatus,
    OfVerdict,
    filters,
    found,
)
from rpps_sync.cli.lags import lags
from rpps_sync.cli.output import print_json, say, table
from rpps_sync.cli.worklist import worklist

if TYPE_CHECKING:
    from rpps_sync.finding import Finding

app = typer.Typer(
    name="findings",
    help="Where tokens and the directory disagree: which side is late, since when.",
    no_args_is_help=True,
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]
_COLUMNS = (
    "status",
    "severity",
    "verdict",
    "since",
    "national_id",
    "source",
    "field",
    "element",
    "claim_value",
    "directory_value",
    "registration_authority",
    "id",
)
_STACKS = ("id", "verdict", "practitioner", "field")


class Format(StrEnum):
    """How findings are exported."""

    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"


@app.command("list")
def list_(
    ctx: typer.Context,
    everything: All = False,
    verdict: OfVerdict = None,
    field: OfField = "",
    source: OfSource = "",
    national_id: OfPerson = "",
    status: OfStatus = None,
    as_json: AsJson = False,
) -> None:
    """List what asks something of somebody, gravest first; what was acknowledged comes last.

    On a terminal a finding takes three lines, values by their labels; in a pipe one line, as codes.
    """
    told = found(ctx, filters(everything, verdict, field, source, national_id, status))
    if as_json:
        print_json([finding.to_json() for finding in told])
        return
    if sys.stdout.isatty():
        table("", _STACKS, [_stacked(finding) for finding in told])
    else:
        table("", _COLUMNS, [_cells(finding) for finding in told])


@app.command()
def export(
    ctx: typer.Context,
    form: Annotated[
        Format, typer.Option("--format", help="csv (for Excel in French), json or ndjson.")
    ] = Format.CSV,
    out: Annotated[Path | None, typer.Option(help="File to write; else standard output.")] = None,
    everything: All = False,
    verdict: OfVerdict = None,
    field: OfField = "",
    source: OfSource = "",
    national_id: OfPerson = "",
    status: OfStatus = None,
    as_json: Annotated[bool, typer.Option("--json", help="As --format json.")] = False,
) -> None:
    """Write findings for other programs: the columns of 'findings list --json', and the same filters.

    The CSV is UTF-8 with a byte order mark and semicolons, without the evidence; no cell is read as a formula.
    """
    told = found(ctx, filters(everything, verdict, field, source, national_id, status))
    documents = [finding.to_json() for finding in told]
    content = _exported(Format.JSON if as_json else form, documents)
    if out is None:
        typer.echo(content, nl=False)
        return
    out.write_bytes(content)
    say(f"{out} written: {len(documents)} findings; it names people, keep it accordingly")


@app.command()
def ack(
    ctx: typer.Context,
    finding_id: Annotated[str, typer.Argument(metavar="ID", help="The id that 'findings list' shows.")],
    because: Annotated[str, typer.Option(help="Why it may stand; kept with the finding.")],
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who decides; else the system user.")] = None,
    as_json: AsJson = False,
) -> None:
    """Acknowledge a finding: it stays visible, comes last and asks nothing more until it changes.

    Another verdict or another value opens it again; when the sides agree it is resolved like any other.
    """
    from rpps_sync import clock
    from rpps_sync.directory.engine import writing
    from rpps_sync.directory.finding_history import acknowledge
    from rpps_sync.directory.findings import get
    from rpps_sync.directory.migrations import ensure_current

    with engine_of(ctx) as engine:
        ensure_current(engine)
        with writing(engine) as connection:
            finding = get(connection, finding_id)
            acknowledge(connection, finding, by=by or getpass.getuser(), because=because, at=clock.now())
            document = get(connection, finding_id).to_json()
    if as_json:
        print_json(document)
        return
    say(f"{finding_id} is acknowledged")


@app.command()
def show(
    ctx: typer.Context,
    finding_id: Annotated[str, typer.Argument(metavar="ID", help="The id that 'findings list' shows.")],
    as_json: AsJson = False,
) -> None:
    """Show one finding with its evidence (what both sides said, and when) and its history (who, when, why)."""
    from rpps_sync.directory.finding_history import history
    from rpps_sync.directory.findings import get

    with directory_of(ctx) as connection:
        document = get(connection, finding_id).to_json() | {"history": history(connection, finding_id)}
    if as_json:
        print_json(document)
        return
    evidence, events = document.pop("evidence"), document.pop("history")
    table("", ("", ""), list(document.items()))
    for side in ("directory", "claim"):
        said = evidence.get(side, [])
        columns = list(said[0]) if said else []
        table(side, columns, [[_plain(span[column]) for column in columns] for span in said])
    columns = ["at", "event", "verdict", "by", "because", "resolved_by", "lag_days"]
    table("history", columns, [[event[column] for column in columns] for event in events])


app.command()(lags)
app.command()(worklist)


def _exported(form: Format, documents: list[dict[str, Any]]) -> bytes:
    import json

    match form:
        case Format.CSV:
            return _csv(documents)
        case Format.JSON:
            return (json.dumps(documents, ensure_ascii=False, indent=2) + "\n").encode()
        case Format.NDJSON:
            return "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents).encode()


def _csv(documents: list[dict[str, Any]]) -> bytes:
    from rpps_sync.finding import COLUMNS
    from rpps_sync.reporting.worklists import to_csv

    rows = [
        {name: "" if document[name] is None else str(document[name]) for name in COLUMNS} for document in documents
    ]
    return to_csv(rows, COLUMNS)


def _cells(finding: Finding) -> list[object]:
    document = finding.to_json()
    return [document[column] for column in _COLUMNS]


def _stacked(finding: Finding) -> list[object]:
    """The same for a terminal of 80 to 120 columns."""
    from rpps_sync.comparison.wording import labelled

    told = finding.to_json()
    says = [
        f"{side}: {labelled(told['field'], told[name]) or '-'}"
        for side, name in (("token", "claim_value"), ("directory", "directory_value"))
    ]
    return [
        (told["id"], told["since"]),
        (told["verdict"], f"{told['severity']}, {told['status']}"),
        (told["national_id"], told["source"]),
        (f"{told['field']} {told['element']}", *says),
    ]


def _plain(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list) else value
