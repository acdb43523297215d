"""``rpps-sync alerts``: incidents, and whether what is told of them arrives."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from rpps_sync.cli.access import directory_of
from rpps_sync.cli.output import is_quiet, print_json, say, settings_of, table
from rpps_sync.errors import EXIT_FAILED, UsageError

app = typer.Typer(name="alerts", help="Incidents, and who is told of them.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]


@app.command("list")
def list_(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many, open ones first.")] = 30,
    as_json: AsJson = False,
) -> None:
    """List the incidents, open ones first: the cause, since when, how long, and whether the messages arrived."""
    from datetime import timedelta

    from rpps_sync.directory import incidents
    from rpps_sync.freshness.ages import in_words

    language = settings_of(ctx).language
    with directory_of(ctx) as connection:
        rows = incidents.listed(connection, limit)
    if as_json:
        print_json(rows)
        return
    table(
        "",
        ("id", "state", "cause", "opened", "lasted", "symptoms", "not delivered"),
        [
            (
                row["id"],
                row["state"],
                row["cause"],
                row["opened_at"],
                in_words(timedelta(seconds=row["duration_seconds"]), language),
                "; ".join(symptom["said"] for symptom in row["symptoms"]),
                "; ".join(item["failure"] for item in row["notifications"] if item["failure"]),
            )
            for row in rows
        ],
    )


@app.command()
def check(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Look now: open, remind of and close incidents, and try again what was not delivered.

    The night does it at its end, the scheduler every quarter of an hour. With cron or systemd, once an hour tells
    of a night that did not take place. Exits with 0 whatever it finds.
    """
    from pipelines.alerting import check as look_now

    look = look_now(settings_of(ctx))
    if as_json:
        print_json(asdict(look))
    elif not is_quiet():
        typer.echo(f"open: {', '.join(look.open) or 'none'}; delivered: {look.delivered}, waiting: {look.waiting}")


@app.command("test")
def send_test(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Send a test message through every channel, and say what became of it; exit code 1 when one fails."""
    from pipelines.alerting import try_out

    told = try_out(settings_of(ctx))
    if not told:
        raise UsageError(
            "no channel is set up",
            mend="set RPPS_SYNC_ALERT_WEBHOOK_URL, or RPPS_SYNC_SMTP_HOST and RPPS_SYNC_ALERT_TO",
        )
    if as_json:
        print_json({"channels": {name: {"delivered": not why, "failure": why} for name, why in told.items()}})
    else:
        table("", ("channel", "result"), [(name, why or "delivered") for name, why in told.items()])
        say("see whether it arrived where somebody looks at night")
    if any(told.values()):
        raise typer.Exit(EXIT_FAILED)
