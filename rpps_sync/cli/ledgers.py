"""``rpps-sync runs`` and ``publications``: what was done, and what was published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from rpps_sync.cli.access import directory_of
from rpps_sync.cli.output import print_json, say, table

AsJson = Annotated[bool, typer.Option("--json", help="One JSON array.")]


runs = typer.Typer(name="runs", help="What was done, run by run.", invoke_without_command=True)


@runs.callback()
def list_runs(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 30,
    as_json: AsJson = False,
) -> None:
    """List the runs, newest first: when, how long, and how they ended; 'runs show' tells one step by step."""
    from rpps_sync.directory import ledger

    if ctx.invoked_subcommand:
        return
    with directory_of(ctx) as connection:
        rows = ledger.runs(connection, limit)
    if as_json:
        print_json(rows)
        return
    columns = ("run_id", "started_at", "finished_at", "outcome", "message")
    table("", columns, [[row.get(column) for column in columns] for row in rows])


@runs.command()
def show(
    ctx: typer.Context,
    run_id: Annotated[str, typer.Argument(metavar="[RUN]", help="Its identifier; the last run by default.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Tell one run step by step: how long each took, where it is or stopped, and what came of it."""
    from rpps_sync.directory import ledger
    from rpps_sync.errors import NotFound

    with directory_of(ctx) as connection:
        found = ledger.run(connection, run_id)
    if found is None:
        what = f"no run is named '{run_id}'" if run_id else "there was no run yet"
        raise NotFound(what, mend="'rpps-sync runs' lists them", reason="unknown-run")
    if as_json:
        print_json(found)
        return
    for line in _told(found):
        typer.echo(line)
    table("", ("step", "seconds", "share", "what"), list(_steps(found)))


def _told(run: Mapping[str, Any]) -> Iterator[str]:
    yield f"run {run['run_id']}: {run['outcome']}"
    yield f"started {run['started_at']}, ended {run['finished_at'] or '-'}" + (
        f", on {run['host']} (process {run['pid']})" if run.get("host") else ""
    )
    if run["outcome"] == "running":
        yield f"in the step '{run['step'] or '-'}' since {run['heartbeat_at']}"
    for name in ("message", "mend"):
        if run.get(name):
            yield f"{name}: {run[name]}"
    if publication := run.get("publication"):
        yield f"publication {publication['id']}, deposited {publication['published_at']}"
    for channel in run.get("channels", ()):
        yield f"channel {channel['name']}: {channel['state']} {channel['message']}".rstrip()
    if delta := run.get("delta"):
        people = delta["practitioners"]
        yield (
            f"practitioners: {people['total']} ({people['added']} arrived, {people['changed']} changed, "
            f"{people['departed']} departed)"
        )
    if run.get("peak_rss"):
        yield f"memory: {run['peak_rss'] / 2**20:.0f} MB at most"


def _steps(run: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Each step in its order, with a bar for its share; the one under way, or killed, comes last."""
    from pipelines.night import STEPS

    timings: Mapping[str, float] = run.get("timings") or {}
    whole = sum(timings.values()) or 1.0
    for name, seconds in timings.items():
        bar = "█" * round(20 * seconds / whole)
        yield name, f"{seconds:.2f}", bar, STEPS.get(name, "")
    last = run.get("step")
    if last and last not in timings:
        yield last, "", "", f"{STEPS.get(last, '')}: begun {run['heartbeat_at']}, not ended"


def publications(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the publications looked at, refused ones with their reasons, accepted ones with who and why."""
    from rpps_sync.directory import ledger

    with directory_of(ctx) as connection:
        rows = ledger.publications(connection)
    if as_json:
        print_json(rows)
        return
    columns = ("id", "status", "published_at", "practitioners", "accepted_by", "accepted_because")
    table("", columns, [[row[column] for column in columns] for row in rows])
    for row in rows:
        if row["reasons"] and row["status"] == "refused":
            say(f"{row['id']} refused: {'; '.join(map(str, row['reasons']))}")
