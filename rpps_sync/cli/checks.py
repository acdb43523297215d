"""``rpps-sync checks``: what stands and the lines behind it, what is known, scores, one day beside another."""

from __future__ import annotations

import getpass
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rpps_sync.cli.access import directory_of, engine_of
from rpps_sync.cli.output import print_json, print_line, say, settings_of, table
from rpps_sync.errors import NotFound, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

app = typer.Typer(
    name="checks", help="Results of the checks: list, lines behind them, acknowledge, compare, score."
)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]
OfPublication = Annotated[
    str | None, typer.Option("--publication", metavar="ID", help="Of this one; else of the one looked at last.")
]


@app.command("list")
def list_(
    ctx: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Every check that is declared, with its bounds.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List what stands: results that neither passed nor were skipped, since when, and what is known of them."""
    if everything:
        _declared(as_json=as_json)
        return
    from rpps_sync.directory.standing import standing_results

    with directory_of(ctx) as connection:
        rows = standing_results(connection)
    if as_json:
        print_json(rows)
        return
    columns = ("severity", "file", "name", "failing", "first_seen", "last_seen", "acknowledged_because")
    table("", columns, [[row[column] for column in columns] for row in rows])
    say(f"{len(rows)} standing, {sum(row['acknowledged_as'] is not None for row in rows)} of them acknowledged")


@app.command()
def ack(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of a standing result (codes.unknown.role).")],
    because: Annotated[str, typer.Option(help="Why it is no news; shown in the reports.")],
    extract: Annotated[str, typer.Option(metavar="NAME", help="Of this extract only.")] = "",
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who says so; else the system user.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say that a warning is known: it stays in the report, and quiet until it changes."""
    from rpps_sync.directory.engine import writing
    from rpps_sync.directory.migrations import ensure_current
    from rpps_sync.directory.standing import acknowledge

    with engine_of(ctx) as engine:
        ensure_current(engine)
        with writing(engine) as connection:
            files = acknowledge(connection, name, extract, by or getpass.getuser(), because)
    if as_json:
        print_json({"name": name, "extracts": files, "because": because})
        return
    say(f"{name} ({', '.join(file or 'the publication' for file in files)}): known, and quiet until it changes")


@app.command()
def rows(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of a result (format.structure.siret, keys.rpps-luhn).")],
    extract: Annotated[
        str, typer.Option(metavar="NAME", help="The extract; needed when the check looks at several.")
    ] = "",
    publication: OfPublication = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help="Where to; else stdout.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document a line on standard output, in place of the CSV.")
    ] = False,
) -> None:
    """Write all rows behind a result as CSV: semicolons, UTF-8, safe to open in a spreadsheet.

    They are read from the archive, refused publications included. Behind a volume are the people who left and the
    groups that lost them; behind codes that shifted, the people and both codes. What a spreadsheet would take for
    a formula is given an apostrophe.
    """
    from pipelines.evidence import evidence

    kind = _extract_of(name, extract)
    if out and as_json:
        raise UsageError("--json goes to standard output, not to a file", mend="leave out one of --json and --out")
    if out and out.exists():
        raise UsageError(f"{out} exists", mend="name a file that does not exist yet")
    with directory_of(ctx) as connection:
        chosen = publication or _last_looked_at(connection)
        with evidence(connection, settings_of(ctx).archive, chosen, name, kind) as found:
            count = _write_rows(found, out, as_json=as_json)
    say(f"{count} rows behind {name} in publication {chosen}" + (f", in {out}" if out else ""))


def _write_rows(found: Iterator[Any], out: Path | None, *, as_json: bool) -> int:
    """Write rows where they are asked for; a file that could not be written whole is not left behind."""
    from rpps_sync.quality.rows import write_csv

    if as_json:
        written = 0
        for frame in found:
            for row in frame.iter_rows(named=True):
                print_line(row)
            written += frame.height
        return written
    if out is None:
        return write_csv(found, sys.stdout)
    try:
        with out.open("w", encoding="utf-8-sig", newline="") as file:
            return write_csv(found, file)
    except BaseException:
        out.unlink(missing_ok=True)
        raise


@app.command()
def compare(
    ctx: typer.Context,
    publication: Annotated[str | None, typer.Argument(help="A publication; else the one looked at last.")] = None,
    against: Annotated[
        str | None, typer.Option(metavar="ID", help="With this one; else the one served before.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare a publication, refused or not, with a former one: lines by extract, profession, place, authority."""
    from dataclasses import asdict

    from rpps_sync.quality.comparison import gaps

    with directory_of(ctx) as connection:
        ledger = _publications(connection)
        after = _chosen(ledger, publication)
        before = _chosen(ledger, against) if against else _served_before(ledger, after)
    found = gaps(before["metrics"], after["metrics"])
    if as_json:
        moved = [asdict(gap) | {"change": gap.change} for gap in found]
        print_json({"publication": after["id"], "against": before["id"], "gaps": moved})
        return
    lines = [(gap.dimension, gap.group, gap.before, gap.after, f"{gap.change:+}") for gap in found]
    table(f"{after['id']} against {before['id']}", ("dimension", "group", "before", "after", "change"), lines)


@app.command()
def score(
    ctx: typer.Context,
    by: Annotated[
        str, typer.Option(help="publication (the trend), extract, profession or authority.")
    ] = "publication",
    publication: OfPublication = None,
    as_json: AsJson = False,
) -> None:
    """Show the quality scores: completeness, validity, uniqueness, consistency, timeliness (docs/quality.md)."""
    parts = {"extract": "extracts", "profession": "professions", "authority": "authorities"}
    if by not in ("publication", *parts):
        raise UsageError(f"no scores by '{by}'", mend="choose publication, extract, profession or authority")
    with directory_of(ctx) as connection:
        ledger = _publications(connection)
    if by == "publication":
        wanted = [row for row in ledger if publication in (None, row["id"])]
        scores = {row["id"]: row["metrics"].get("scores", {}).get("publication", {}) for row in wanted}
    else:
        scores = _chosen(ledger, publication)["metrics"].get("scores", {}).get(parts[by], {})
    if as_json:
        print_json(scores)
        return
    names = ("score", "completeness", "validity", "uniqueness", "consistency", "timeliness")
    table("", (by, *names), [(key, *(_percent(one.get(name)) for name in names)) for key, one in scores.items()])


def _percent(share: float | None) -> str:
    """Rounded down, as in the report: only what is whole is told so."""
    return "" if share is None else f"{math.floor(share * 10_000 + 1e-6) / 100:.2f} %"


def _declared(*, as_json: bool) -> None:
    from rpps_sync.quality.declarations import load_checks

    checks = load_checks().checks
    if as_json:
        print_json([check.model_dump(mode="json") for check in checks])
        return
    told = [(check.family, check.id, check.gravest, check.title.en) for check in checks]
    table("", ("family", "check", "gravest", "title"), told)


def _extract_of(name: str, extract: str) -> Any:
    from rpps_sync.publication import ExtractKind
    from rpps_sync.quality.rows import declared

    files = declared(name).files
    if extract:
        if extract not in files:
            raise UsageError(f"'{name}' does not look at '{extract}'", mend=f"choose among {', '.join(files)}")
        return ExtractKind(extract)
    if len(files) > 1:
        raise UsageError(f"'{name}' looks at several extracts", mend=f"--extract {files[0]} (or another of them)")
    return files[0] if files else ExtractKind.PERSONNE_ACTIVITE


def _last_looked_at(connection: Connection) -> str:
    from rpps_sync.directory.quarantine import last_looked_at

    found = last_looked_at(connection)
    if found is None:
        raise NotFound("no publication was looked at yet", mend="run 'rpps-sync run' first")
    return found


def _publications(connection: Connection) -> list[Mapping[str, Any]]:
    """Every publication looked at with its figures, newest first."""
    from rpps_sync.directory.ledger import figures

    return figures(connection)


def _chosen(ledger: list[Mapping[str, Any]], publication: str | None) -> Mapping[str, Any]:
    found = next((row for row in ledger if publication in (None, row["id"])), None)
    if found is None:
        what = (
            f"no publication '{publication}' was looked at" if publication else "no publication was looked at yet"
        )
        raise NotFound(what, mend="'rpps-sync publications' lists them")
    return found


def _served_before(ledger: list[Mapping[str, Any]], after: Mapping[str, Any]) -> Mapping[str, Any]:
    older = ledger[ledger.index(after) + 1 :]
    found = next((row for row in older if row["seq"] is not None), None)
    if found is None:
        raise NotFound(f"nothing was served before {after['id']}", mend="name another one with --against")
    return found
