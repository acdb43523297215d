"""``rpps-sync nomenclature``: the code tables (NOS) that codes of the extracts are looked for in."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rpps_sync.cli.output import print_json, say, settings_of, table

if TYPE_CHECKING:
    from rpps_sync.nomenclature import CodeTable
    from rpps_sync.nomenclature.update import TableUpdate, Update

app = typer.Typer(
    name="nomenclature", help="The code tables (NOS) that codes are looked for in.", no_args_is_help=True
)


@app.command("list")
def list_(
    ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False
) -> None:
    """List the tables in force, with their version, date and source."""
    from rpps_sync.nomenclature import table as code_table
    from rpps_sync.nomenclature import table_ids

    _use_kept(ctx)
    tables = [_about(code_table(name)) for name in table_ids()]
    if as_json:
        print_json(tables)
        return
    columns = ("table", "title", "codes", "retired", "complete", "version", "date", "origin", "source")
    table("", columns, [[_cell(one[column]) for column in columns] for one in tables])


@app.command()
def show(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="TABLE", help="Its number: R38, G15…")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, codes included.")] = False,
) -> None:
    """Show one table: its codes, their labels, and those that ended."""
    from rpps_sync.nomenclature import table as code_table

    _use_kept(ctx)
    shown = code_table(name.upper().removeprefix("TRE_"))
    rows = [{"code": code, "label": label, "status": shown.status(code)} for code, label in shown.labels.items()]
    if as_json:
        print_json(_about(shown) | {"codes": rows})
        return
    told = " ".join(part for part in (shown.version, shown.date) if part)
    say(f"{shown.id}, {shown.title}: {shown.source}{f' ({told})' if told else ''}")
    table("", ("code", "label", "status"), [tuple(row.values()) for row in rows])


@app.command()
def update(
    ctx: typer.Context,
    folder: Annotated[
        Path,
        typer.Option("--from", metavar="DIR", help="Folder of NOS files: CodeSystem JSON of the ANS, or CSV."),
    ],
    force: Annotated[
        bool, typer.Option("--force", help="Take in a table that lost half of its codes, is a part, or is older.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Bring the tables up to date from a folder; what changed is told code by code.

    Read are the JSON files of the terminology guide of the ANS (CodeSystem-TRE-R38-….json) and CSV files with the
    columns code,label,status (TRE_R38-….csv). All tables are taken in, or none. They are kept in the folder
    nomenclature of RPPS_SYNC_HOME and stand in for those of the package; removing a file there undoes its update.
    """
    from rpps_sync import clock
    from rpps_sync.nomenclature.update import update as take_in

    kept = _use_kept(ctx)
    done = take_in(folder, kept, clock.now().date(), force=force, dry_run=dry_run)
    if as_json:
        print_json({"dry_run": dry_run, **_document(done)})
        return
    columns = ("table", "file", "date", "codes", "added", "ended", "resumed", "relabelled")
    table("", columns, [_row(one) for one in done.tables])
    for one in done.left_alone:
        say(f"left alone: {one.file.name}: {one.why}")
    say("nothing was changed (--dry-run)" if dry_run else f"kept in {kept}; the next run checks codes by them")


def _use_kept(ctx: typer.Context) -> Path:
    """Make the tables of this home the ones in force, and say where they are."""
    from rpps_sync.nomenclature import use

    folder = settings_of(ctx).nomenclature
    use(folder)
    return folder


def _about(one: CodeTable) -> dict[str, Any]:
    return {
        "table": one.id,
        "title": one.title,
        "codes": len(one.labels),
        "retired": len(one.retired),
        "complete": one.complete,
        "version": one.version,
        "date": one.date,
        "origin": one.origin,
        "source": one.source,
    }


def _document(done: Update) -> dict[str, Any]:
    left = [{"file": one.file.name, "why": one.why} for one in done.left_alone]
    return {"tables": [asdict(one) for one in done.tables], "left_alone": left}


def _row(one: TableUpdate) -> tuple[object, ...]:
    words = "; ".join(f"{item.code}: {item.before or '∅'} → {item.after}" for item in one.relabelled)
    lists = (", ".join(codes) for codes in (one.added, one.ended, one.resumed))
    return (one.table, one.file, one.date, one.codes, *lists, words)


def _cell(value: Any) -> Any:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
