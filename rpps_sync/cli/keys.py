"""``rpps-sync keys``: who may ask the API, and what."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rpps_sync.cli.access import directory_of, engine_of
from rpps_sync.cli.output import print_json, say, settings_of, table

if TYPE_CHECKING:
    from rpps_sync.directory.api_keys import ApiKey

app = typer.Typer(name="keys", help="Keys of the API: who may ask what.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]
KeyId = Annotated[str, typer.Argument(metavar="ID", help="The id that 'keys list' shows.")]


class Scope(StrEnum):
    """What a key opens."""

    READ = "read"
    CLAIMS = "claims"
    AUDIT = "audit"
    ADMIN = "admin"


@app.command()
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Option(help="The application or the person who will have it.")],
    scope: Annotated[
        list[Scope],
        typer.Option(
            help="read: the directory now; claims: telling sign-ins; audit: also the past and who left; "
            "admin: all. May be repeated."
        ),
    ],
    source: Annotated[
        str, typer.Option(metavar="APP", help="The application as which it tells claims; else its name.")
    ] = "",
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="Days until it stops by itself.")] = None,
    rate: Annotated[
        int | None, typer.Option(min=0, help="Requests a minute; 0: no limit. Else API_RATE_PER_MINUTE.")
    ] = None,
    quota: Annotated[
        int | None, typer.Option(min=0, help="Requests a day (UTC); 0: no limit. Else API_DAILY_QUOTA.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. It is shown once, on standard output, and kept as a digest alone."""
    from rpps_sync import clock
    from rpps_sync.directory import api_keys
    from rpps_sync.directory.engine import writing
    from rpps_sync.directory.migrations import ensure_current

    with engine_of(ctx) as engine:
        ensure_current(engine)
        with writing(engine) as connection:
            key, secret = api_keys.create(
                connection,
                name,
                [api_keys.KeyScope(one.value) for one in scope],
                source=source,
                expires_at=clock.now() + timedelta(days=days) if days else None,
                rate_per_minute=rate,
                daily_quota=quota,
            )
    _show(key, secret, as_json=as_json)


@app.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the keys, withdrawn ones included, with when each was last used (to some seconds)."""
    from rpps_sync.clock import iso
    from rpps_sync.directory import api_keys

    with directory_of(ctx) as connection:
        used = api_keys.last_used(connection)
        rows = [
            key.to_json() | {"last_used": iso(used[key.id]) if key.id in used else None}
            for key in api_keys.every(connection)
        ]
    if as_json:
        print_json(rows)
        return
    columns = ("id", "name", "scopes", "source", "state", "created_at", "expires_at", "last_used")
    shown = [row | {"scopes": ", ".join(row["scopes"])} for row in rows]
    table("", columns, [[row[column] for column in columns] for row in shown])


@app.command()
def revoke(ctx: typer.Context, key_id: KeyId, as_json: AsJson = False) -> None:
    """Withdraw a key; a server that runs stops taking it within five seconds."""
    from rpps_sync.directory import api_keys
    from rpps_sync.directory.engine import writing
    from rpps_sync.directory.migrations import ensure_current

    with engine_of(ctx) as engine:
        ensure_current(engine)
        with writing(engine) as connection:
            key = api_keys.revoke(connection, key_id)
    if as_json:
        print_json(key.to_json())
        return
    say(f"{key.id} ({key.name}) is withdrawn")


@app.command()
def rotate(
    ctx: typer.Context,
    key_id: KeyId,
    overlap: Annotated[int, typer.Option(min=0, max=720, help="Hours that the old key works on.")] = 24,
    as_json: AsJson = False,
) -> None:
    """Replace a key by a new one that opens the same; the old one works on for some hours. No restart."""
    from rpps_sync.directory import api_keys
    from rpps_sync.directory.engine import writing
    from rpps_sync.directory.migrations import ensure_current

    with engine_of(ctx) as engine:
        ensure_current(engine)
        with writing(engine) as connection:
            key, secret = api_keys.rotate(connection, key_id, overlap=timedelta(hours=overlap))
    _show(key, secret, as_json=as_json)


@app.command()
def pseudonym(
    ctx: typer.Context,
    identifier: Annotated[str, typer.Argument(metavar="ID", help="RPPS number or national identifier.")],
    as_json: AsJson = False,
) -> None:
    """Tell under which pseudonym the access log speaks of somebody, for whoever audits it."""
    from rpps_sync.api.pseudonyms import pseudonym as pseudonym_of
    from rpps_sync.api.pseudonyms import secret_of
    from rpps_sync.identifiers import national_id_of

    subject = pseudonym_of(secret_of(settings_of(ctx).home), national_id_of(identifier))
    if as_json:
        print_json({"subject": subject})
        return
    typer.echo(subject)


def _show(key: ApiKey, secret: str, *, as_json: bool) -> None:
    if as_json:
        document: dict[str, Any] = key.to_json() | {"key": secret}
        print_json(document)
        return
    say(f"key {key.id} of {key.name}, scopes: {', '.join(key.scopes)}. Keep it now: nobody can show it again")
    typer.echo(secret)
