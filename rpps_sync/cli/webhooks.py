"""``rpps-sync webhooks``: who is told of changes, whether it arrives, and with which secret it is signed."""

from __future__ import annotations

import getpass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rpps_sync.cli.access import directory_of, engine_of
from rpps_sync.cli.feed_filters import Kind, Several, choice_of
from rpps_sync.cli.output import is_quiet, print_json, say, settings_of, table
from rpps_sync.errors import EXIT_FAILED

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from rpps_sync.directory.webhooks import Webhook

app = typer.Typer(name="webhooks", help="Applications that are told of changes, signed.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]
WebhookId = Annotated[str, typer.Argument(metavar="ID", help="The id that 'webhooks list' shows.")]


@app.command()
def add(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="https://…; http:// for this machine alone.")],
    name: Annotated[str, typer.Option(help="The application that listens.")],
    since: Annotated[
        str, typer.Option(metavar="CURSOR|DATE", help="The first change to tell; else from now on.")
    ] = "",
    kind: Annotated[list[Kind] | None, typer.Option(help="Only these; may be repeated.")] = None,
    field: Annotated[str, typer.Option(metavar="NAME", help="Only fields that begin so: activity, skill…")] = "",
    person: Annotated[str, typer.Option("--id", metavar="ID", help="Only this practitioner.")] = "",
    profession: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="Only people of these, before or after; repeatable.")
    ] = None,
    skill: Several = None,
    department: Several = None,
    commune: Several = None,
    postal_code: Several = None,
    as_json: AsJson = False,
) -> None:
    """Enter an application that is told of changes. Its secret is shown once, on standard output.

    Messages follow the Standard Webhooks convention: see docs/webhooks.md for the receiver's side. An address that
    is not on the Internet has to be named in RPPS_SYNC_WEBHOOK_HOSTS.
    """
    import asyncio

    from rpps_sync.directory import webhooks
    from rpps_sync.directory.changes import newest
    from rpps_sync.directory.engine import writing
    from rpps_sync.directory.migrations import ensure_current
    from rpps_sync.webhooks import signing
    from rpps_sync.webhooks.addresses import Allowed, check

    settings = settings_of(ctx)
    choice = choice_of(kind, field, person, profession, skill, department, commune, postal_code)
    with engine_of(ctx) as engine:
        ensure_current(engine)
        address = str(asyncio.run(check(url, Allowed.of(settings.webhook_hosts))))
        key = signing.key_of(settings)
        with writing(engine) as connection:
            webhook = webhooks.create(
                connection,
                name,
                address,
                choice,
                cursor=_cursor(connection, since),
                key_check=signing.check_of(key),
                by=getpass.getuser(),
            )
            end = newest(connection)
    _show(webhook.to_json(end), signing.secret(key, webhook.id, webhook.secret_version), as_json=as_json)


@app.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the subscribers: how far each has heard, and what goes wrong."""
    from rpps_sync.directory import webhooks
    from rpps_sync.directory.changes import newest

    with directory_of(ctx) as connection:
        end = newest(connection)
        rows = [webhook.to_json(end) for webhook in webhooks.every(connection)]
    if as_json:
        print_json(rows)
        return
    columns = ("id", "name", "state", "behind", "delivered_at", "failures", "failure", "next_at", "filters", "url")
    shown = [row | {"filters": _in_words(row["filters"])} for row in rows]
    table("", columns, [[row[column] for column in columns] for row in shown])


@app.command()
def remove(ctx: typer.Context, webhook_id: WebhookId, as_json: AsJson = False) -> None:
    """Let a subscriber go: nothing is sent to it any more."""
    from rpps_sync.directory import webhooks

    webhook, end = _changed(ctx, lambda connection: webhooks.remove(connection, webhook_id))
    if as_json:
        print_json(webhook.to_json(end))
        return
    say(f"{webhook.id} ({webhook.name}) is removed")


@app.command()
def enable(
    ctx: typer.Context,
    webhook_id: WebhookId,
    since: Annotated[
        str, typer.Option(metavar="CURSOR|DATE", help="From where; else from where it stopped.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Deliver again, at once, to a subscriber that failed or was disabled; nothing was lost meanwhile."""
    from rpps_sync.directory import webhooks

    webhook, end = _changed(
        ctx,
        lambda connection: webhooks.enable(
            connection, webhook_id, cursor=_cursor(connection, since) if since else None
        ),
    )
    if as_json:
        print_json(webhook.to_json(end))
        return
    say(f"{webhook.id} ({webhook.name}) is told again, from cursor {webhook.cursor}")


@app.command("test")
def send_test(ctx: typer.Context, webhook_id: WebhookId, as_json: AsJson = False) -> None:
    """Send a signed message that says nothing, and say what became of it; exit code 1 when it did not arrive."""
    from pipelines.subscribers import try_out
    from rpps_sync.directory import webhooks

    with directory_of(ctx) as connection:
        webhook = webhooks.get(connection, webhook_id)
    failure = try_out(settings_of(ctx), webhook)
    if as_json:
        print_json({"id": webhook.id, "delivered": not failure, "failure": failure})
    else:
        typer.echo(failure or "delivered")
    if failure:
        raise typer.Exit(EXIT_FAILED)


@app.command()
def deliver(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Deliver what is due to everybody, in order, and try again what failed.

    The night does it at its end, the scheduler every quarter of an hour; with cron, as often will do. Exits with 0
    whatever receivers answer: 'webhooks list' and 'doctor' tell who fails.
    """
    from dataclasses import asdict

    from pipelines.subscribers import deliver as deliver_now

    done = deliver_now(settings_of(ctx))
    if as_json:
        print_json(asdict(done))
    elif not is_quiet():
        failing = f"; failing: {', '.join(done.failing)}" if done.failing else ""
        disabled = f"; disabled: {', '.join(done.disabled)}" if done.disabled else ""
        typer.echo(f"{done.changes} changes in {done.messages} messages delivered{failing}{disabled}")


@app.command()
def rotate(
    ctx: typer.Context,
    webhook_id: WebhookId,
    overlap: Annotated[int, typer.Option(min=0, max=720, help="Hours that the old secret signs too.")] = 24,
    as_json: AsJson = False,
) -> None:
    """Replace the secret of a subscriber; for some hours both sign, so that no message is lost on the way."""
    from rpps_sync.directory import webhooks
    from rpps_sync.webhooks import signing

    key = signing.key_of(settings_of(ctx))
    check, hours = signing.check_of(key), timedelta(hours=overlap)
    webhook, end = _changed(
        ctx, lambda connection: webhooks.renew(connection, webhook_id, key_check=check, overlap=hours)
    )
    _show(webhook.to_json(end), signing.secret(key, webhook.id, webhook.secret_version), as_json=as_json)


def _changed(ctx: typer.Context, change: Any) -> tuple[Webhook, int]:
    from rpps_sync.directory.changes import newest
    from rpps_sync.directory.engine import writing
    from rpps_sync.directory.migrations import ensure_current

    with engine_of(ctx) as engine:
        ensure_current(engine)
        with writing(engine) as connection:
            return change(connection), newest(connection)


def _cursor(connection: Connection, since: str) -> int:
    from rpps_sync.clock import parse_instant
    from rpps_sync.directory.changes import cursor_at, newest

    if not since:
        return newest(connection)
    return int(since) if since.isdecimal() else cursor_at(connection, parse_instant(since))


def _in_words(filters: dict[str, Any]) -> str:
    told = {name: value if isinstance(value, str) else ", ".join(value) for name, value in filters.items()}
    return "; ".join(f"{name}: {value}" for name, value in told.items() if value)


def _show(document: dict[str, Any], secret: str, *, as_json: bool) -> None:
    if as_json:
        print_json(document | {"secret": secret})
        return
    say(f"webhook {document['id']} of {document['name']}. Keep its secret now: it is not shown again")
    typer.echo(secret)
