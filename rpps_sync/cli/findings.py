"""``rpps-sync findings`` and ``compare``: where tokens and the directory disagree, and who is late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rpps_sync.cli.access import directory_of, engine_of
from rpps_sync.cli.output import print_json, progress, settings_of, table
from rpps_sync.errors import UsageError

if TYPE_CHECKING:
    from rpps_sync.finding import Finding, Verdict

app = typer.Typer(
    name="findings",
    help="Where tokens and the directory disagree: which side is late, since when.",
    no_args_is_help=True,
)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]
_COLUMNS = (
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


@app.command("list")
def list_(
    ctx: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Every verdict: agreements, out of scope and resolved findings too.")
    ] = False,
    verdict: Annotated[list[str] | None, typer.Option(help="Only this verdict; may be repeated.")] = None,
    field: Annotated[str, typer.Option(help="Only this field, e.g. activity.structure.")] = "",
    source: Annotated[str, typer.Option(help="Only what this application saw.")] = "",
    national_id: Annotated[str, typer.Option("--id", help="Only this practitioner (RPPS or national id).")] = "",
    as_json: AsJson = False,
) -> None:
    """List what asks something of somebody, gravest first."""
    from pipelines.comparison import agreements
    from rpps_sync.directory.findings import Filters, find
    from rpps_sync.identifiers import RPPS, RPPS_NUMBER

    person = RPPS + national_id if RPPS_NUMBER.fullmatch(national_id) else national_id
    filters = Filters(everything, _verdicts(verdict or []), field, source, person)
    with directory_of(ctx) as connection:
        found = find(connection, filters)
        if filters.wants_agreements:
            known = {finding.judgement.id for finding in found}  # a resolved finding already tells its agreement
            anew = agreements(connection, filters, grace=settings_of(ctx).grace_publications)
            found += [finding for finding in anew if finding.judgement.id not in known]
    if as_json:
        print_json([finding.to_json() for finding in found])
        return
    table("", _COLUMNS, [_cells(finding) for finding in found])


@app.command()
def show(
    ctx: typer.Context,
    finding_id: Annotated[str, typer.Argument(metavar="ID", help="The id that 'findings list' shows.")],
    as_json: AsJson = False,
) -> None:
    """Show one finding with its evidence: what both sides said, and when."""
    from rpps_sync.directory.findings import get

    with directory_of(ctx) as connection:
        document = get(connection, finding_id).to_json()
    if as_json:
        print_json(document)
        return
    evidence = document.pop("evidence")
    table("", ("", ""), list(document.items()))
    for side in ("directory", "claim"):
        said = evidence.get(side, [])
        columns = list(said[0]) if said else []
        table(side, columns, [[_plain(span[column]) for column in columns] for span in said])


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


def _verdicts(names: list[str]) -> tuple[Verdict, ...]:
    from rpps_sync.finding import Verdict

    unknown = [name for name in names if name not in list(Verdict)]
    if unknown:
        raise UsageError(f"'{unknown[0]}' is no verdict", mend=f"one of {', '.join(Verdict)}")
    return tuple(Verdict(name) for name in names)


def _cells(finding: Finding) -> list[object]:
    document = finding.to_json()
    return [document[column] for column in _COLUMNS]


def _plain(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list) else value
