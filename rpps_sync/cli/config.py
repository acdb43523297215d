"""``rpps-sync config``: the settings in force."""

from __future__ import annotations

from typing import Annotated

import typer

from rpps_sync.cli.output import Invocation, print_json, say, settings_of, table

app = typer.Typer(name="config", help="The settings in force.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep ``config show`` a sub-command although it is alone."""


@app.command()
def show(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Print each setting, its value and where it came from; secrets are masked."""
    from rpps_sync.cli.origins import effective, unknown_variables
    from rpps_sync.settings import settings_file

    given = ctx.find_root().obj
    config = given.config if isinstance(given, Invocation) else None
    rows = effective(settings_of(ctx), config)
    strangers = unknown_variables()
    if as_json:
        settings = [{"name": row.name, "value": row.value, "origin": row.origin} for row in rows]
        print_json({"file": settings_file(config), "settings": settings, "unknown": list(strangers)})
        return
    table("", ("setting", "value", "from"), [(row.name, row.value, row.origin) for row in rows])
    for name, meant in strangers.items():
        say(f"{name} is no setting and has no effect{f'; {meant} was meant?' if meant else ''}")
