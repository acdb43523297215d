"""``rpps-sync findings`` and ``compare``: where tokens and the directory disagree, and who is late."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rpps_sync.cli.access import directory_of, engine_of
from rpps_sync.cli.output import print_json, print_line, progress, say, settings_of, table
from rpps_sync.errors import UsageError

if TYPE_CHECKING:
    from rpps_sync.directory.findings import Filters
    from rpps_sync.finding import Finding, Verdict
    from rpps_sync.reporting.worklists import Worklist

app = typer.Typer(
    name="findings",
    help="Where tokens and the directory disagree: which side is late, since when.",
    no_args_is_help=True,
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]
All = Annotated[
    bool, typer.Option("--all", help="Every verdict: agreements, out of scope and resolved findings too.")
]
OfVerdict = Annotated[list[str] | None, typer.Option(help="Only this verdict; may be repeated.")]
OfField = Annotated[str, typer.Option(help="Only this field, e.g. activity.structure.")]
OfSource = Annotated[str, typer.Option(help="Only what this application saw.")]
OfPerson = Annotated[str, typer.Option("--id", help="Only this practitioner (RPPS or national id).")]


class Status(StrEnum):
    """Where a finding stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Format(StrEnum):
    """How findings are exported."""

    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"


class Group(StrEnum):
    """What delays are told apart by."""

    FIELD = "field"
    PROFESSION = "profession"
    AUTHORITY = "authority"
    SOURCE = "source"


class Recipient(StrEnum):
    """Whom worklists are for."""

    AUTHORITY = "authority"
    APPLICATION = "application"


class Language(StrEnum):
    """The languages of a worklist."""

    FRENCH = "fr"
    ENGLISH = "en"


OfStatus = Annotated[Status | None, typer.Option(help="Only those in this state.")]
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


_UNNAMED = (
    "people are shown by their pseudonyms, without names: whoever corrects cannot find them by these lists; "
    "--with-identifiers names them"
)
_NAMED = (
    "these lists name people, although the database does not: keep them accordingly; "
    "whom the directory never knew keeps the pseudonym"
)


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
    found = _found(ctx, _filters(everything, verdict, field, source, national_id, status))
    if as_json:
        print_json([finding.to_json() for finding in found])
        return
    if sys.stdout.isatty():
        table("", _STACKS, [_stacked(finding) for finding in found])
    else:
        table("", _COLUMNS, [_cells(finding) for finding in found])


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
    import json

    documents = [
        finding.to_json()
        for finding in _found(ctx, _filters(everything, verdict, field, source, national_id, status))
    ]
    chosen = Format.JSON if as_json else form
    if out is None and chosen is not Format.CSV:
        if chosen is Format.JSON:
            print_json(documents)
        for document in documents if chosen is Format.NDJSON else ():
            print_line(document)
        return
    if chosen is Format.CSV:
        content = _csv(documents)
    elif chosen is Format.JSON:
        content = (json.dumps(documents, ensure_ascii=False, indent=2) + "\n").encode()
    else:
        content = "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents).encode()
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


@app.command()
def lags(
    ctx: typer.Context,
    by: Annotated[Group | None, typer.Option(help="Tell the delays of each one apart.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say how long the late side takes to catch up: median and 90th percentile, in days.

    Differences that still stand count as delays that still run (Kaplan-Meier). Where too few have ended to tell, a
    figure is empty in JSON, and the table says how long they were watched ("over 12").
    """
    from rpps_sync.directory.lags import By, distributions
    from rpps_sync.directory.lags import lags as known_lags

    with directory_of(ctx) as connection:
        told = distributions(known_lags(connection), By(by) if by else None)
    documents = [item.to_json() for item in told]
    if as_json:
        print_json({"by": by.value if by else None, "lags": documents})
        return
    columns = ("group", "late_side", "caught_up", "running", "median_days", "p90_days", "longest_days")
    table("", columns, [[item.shown(column) for column in columns] for item in told])
    if any(item.median_days is None or item.p90_days is None for item in told):
        say("over N: too few delays had ended by the N days watched to tell how much longer than that they last")


@app.command()
def worklist(
    ctx: typer.Context,
    by: Annotated[Recipient, typer.Option(help="Whom the lists are for.")],
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write one CSV per recipient there.")] = None,
    with_claims: Annotated[
        bool, typer.Option("--with-claims", help="Also what comes from the token alone: personal data.")
    ] = False,
    with_identifiers: Annotated[
        bool, typer.Option("--with-identifiers", help="Name people where PSEUDONYMOUS hides them.")
    ] = False,
    language: Annotated[Language | None, typer.Option(help="Else the LANGUAGE setting.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say who has to correct what: by authority, with the way of correction; by application, with advice.

    The files open in Excel in French (UTF-8 with a mark, semicolons); no cell is read as a formula. Without
    --with-claims they hold what is published, and what is to be done about it. With PSEUDONYMOUS, people bear
    their pseudonyms and no name, unless --with-identifiers is given; in clear that option changes nothing.
    """
    from pipelines.worklists import Recipient as For
    from pipelines.worklists import worklists, write

    chosen = language.value if language else settings_of(ctx).language
    if settings_of(ctx).pseudonymous:
        say(_NAMED if with_identifiers else _UNNAMED)
    with directory_of(ctx) as connection:
        lists = worklists(connection, For(by.value), chosen, claims=with_claims, identifiers=with_identifiers)
    files = write(lists, out) if out else []
    if as_json:
        print_json(_worklists(lists, files))
        return
    named = [path.name for path in files] or [""] * len(lists)
    rows = [
        [item.name, len(item.rows), " ".join(item.advice), name] for item, name in zip(lists, named, strict=True)
    ]
    table("", (by.value, "lines", "advice", "file"), rows)


def _worklists(lists: Sequence[Worklist], files: Sequence[Path]) -> list[dict[str, Any]]:
    paths: Sequence[Path | None] = files or [None] * len(lists)
    return [
        {"name": item.name, "rows": list(item.rows), "advice": list(item.advice), "file": path}
        for item, path in zip(lists, paths, strict=True)
    ]


def compare(ctx: typer.Context, as_json: AsJson = False) -> None:
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


def _filters(
    everything: bool, verdict: list[str] | None, field: str, source: str, national_id: str, status: Status | None
) -> Filters:
    from rpps_sync.directory.findings import Filters
    from rpps_sync.finding import FindingStatus
    from rpps_sync.identifiers import RPPS, RPPS_NUMBER

    person = RPPS + national_id if RPPS_NUMBER.fullmatch(national_id) else national_id
    wanted = FindingStatus(status.value) if status else None
    return Filters(everything, _verdicts(verdict or []), field, source, person, wanted)


def _found(ctx: typer.Context, filters: Filters) -> list[Finding]:
    from pipelines.comparison import agreements
    from rpps_sync.directory.findings import find

    with directory_of(ctx) as connection:
        found = find(connection, filters)
        if filters.wants_agreements:
            known = {finding.judgement.id for finding in found}  # a resolved finding already tells its agreement
            anew = agreements(connection, filters, grace=settings_of(ctx).grace_publications)
            found += [finding for finding in anew if finding.judgement.id not in known]
    return found


def _csv(documents: list[dict[str, Any]]) -> bytes:
    from rpps_sync.finding import COLUMNS
    from rpps_sync.reporting.worklists import to_csv

    rows = [
        {name: "" if document[name] is None else str(document[name]) for name in COLUMNS} for document in documents
    ]
    return to_csv(rows, COLUMNS)


def _verdicts(names: list[str]) -> tuple[Verdict, ...]:
    from rpps_sync.finding import Verdict

    unknown = [name for name in names if name not in list(Verdict)]
    if unknown:
        raise UsageError(f"'{unknown[0]}' is no verdict", mend=f"one of {', '.join(Verdict)}")
    return tuple(Verdict(name) for name in names)


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
