"""``rpps-sync db``: migrations, integrity and copies of the database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rpps_sync.cli.access import engine_of
from rpps_sync.cli.output import print_json, progress, say, settings_of
from rpps_sync.errors import EXIT_FAILED

app = typer.Typer(name="db", help="Migrations, integrity and copies of the database.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]


@app.command()
def upgrade(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Create the schema, or bring it to the revision this version needs, in one transaction."""
    from rpps_sync.directory import migrations

    with engine_of(ctx) as engine:
        before = migrations.current(engine)
        migrations.upgrade(engine)
        after = migrations.current(engine)
    if as_json:
        print_json({"from": before, "to": after})
    else:
        say(f"the database is at revision {after}" + (" already" if before == after else ""))


@app.command()
def current(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Print the revision of the database and the one this version needs."""
    from rpps_sync.directory import migrations

    with engine_of(ctx) as engine:
        found, needed = migrations.current(engine), migrations.head()
    if as_json:
        print_json({"current": found, "head": needed})
    else:
        typer.echo(f"{found or 'no schema'} (this version needs {needed})")


@app.command()
def check(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Read the whole database and the whole archive and say what is damaged; exit code 1 when something is."""
    from rpps_sync.directory import migrations, upkeep
    from rpps_sync.publisher.archive import Archive

    with engine_of(ctx) as engine:
        migrations.ensure_current(engine)
        damages = upkeep.damages(engine)
    with progress("reading the archive") as bar:
        damages += Archive(settings_of(ctx).archive).damages(progress=bar.advance)
    if as_json:
        print_json({"sound": not damages, "damages": damages})
    else:
        for line in damages or ["the database and the archive are sound"]:
            typer.echo(line)
    if damages:
        raise typer.Exit(EXIT_FAILED)


@app.command()
def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="The copy to write; must not exist.")],
    as_json: AsJson = False,
) -> None:
    """Copy the directory to one file, while it serves or a night runs; 'db restore' puts it back anywhere."""
    from rpps_sync.directory import backup, migrations

    with engine_of(ctx) as engine:
        migrations.ensure_current(engine)
        with progress("copying the directory"):
            size = backup.backup(engine, file)
    if as_json:
        print_json({"file": str(file), "bytes": size})
    else:
        say(f"{file} written, {size:,} bytes; 'rpps-sync db restore {file}' puts it back, here or elsewhere")


@app.command()
def copy(
    ctx: typer.Context,
    into: Annotated[str, typer.Option(metavar="URL", help="Empty database (postgresql://…, sqlite:///FILE).")],
    as_json: AsJson = False,
) -> None:
    """Copy everything into an empty database of either kind, and verify it: history, feed, ledgers, findings.

    The copy is of one moment, and is complete or not there. The database in service is only read; runs made after
    that moment are not in the copy. Go on there by setting RPPS_SYNC_DATABASE_URL to URL.
    """
    from rpps_sync.directory import transfer
    from rpps_sync.directory.engine import open_engine

    with engine_of(ctx) as source, progress("copying") as bar:
        target = open_engine(into)
        try:
            copied = transfer.copy(source, target, progress=bar.advance)
        finally:
            target.dispose()
    rows = sum(held.rows for held in copied.values())
    if as_json:
        tables = {name: {"rows": held.rows, "digest": f"{held.total:016x}"} for name, held in copied.items()}
        print_json({"rows": rows, "tables": tables})
    else:
        say(f"{rows} rows of {len(copied)} tables copied, and found equal when read again")


@app.command()
def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A copy made by 'db backup', on either kind of database.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a directory that is not empty.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a copy back into the database in force, in one transaction; damaged and newer copies are refused."""
    from pipelines.exclusive import alone
    from rpps_sync.directory import backup

    with alone(settings_of(ctx)) as engine, progress("restoring the directory"):
        done = backup.restore(engine, file, overwrite=overwrite)
    if as_json:
        print_json(
            {
                "file": str(file),
                "revision": done.revision,
                "publication": done.publication or None,
                "practitioners": done.practitioners,
            }
        )
    else:
        served = f"publication {done.publication} is served" if done.publication else "it holds no publication"
        say(f"{file} restored: {served}, {done.practitioners:,} practitioners; the archive is not part of a copy")
