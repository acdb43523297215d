"""``rpps-sync schedule``: the resident scheduler."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from rpps_sync.cli.output import Invocation, print_json, say, settings_of, table
from rpps_sync.errors import EXIT_INTERRUPTED, EXIT_TERMINATED


def schedule(
    ctx: typer.Context,
    listed: Annotated[
        bool, typer.Option("--list", help="Only list the jobs: the next time, and what became of the last one.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array; only with --list.")] = False,
) -> None:
    """Stay, and do every job of the timetable at its hour, each in a process of its own.

    What was missed is made up for at the start. SIGTERM stops it, and the job under way with it. See
    docs/schedule.md; systemd or cron do as well ('rpps-sync install-timer').
    """
    from pipelines.timetable import load_timetable

    settings = settings_of(ctx)
    timetable = load_timetable(settings.schedule_file)
    if listed or as_json:
        from pipelines.scheduling import standing

        jobs = standing(settings, timetable)
        if as_json:
            print_json(jobs)
        else:
            table("", ("job", "next", "last", "outcome", "what"), [_row(job) for job in jobs])
        return
    from pipelines.scheduling import serve

    say(
        f"scheduler started: {', '.join(job.id for job in timetable.jobs)}; 'rpps-sync schedule --list' tells when"
    )
    stopped = serve(settings, timetable, program_of(ctx))
    say(f"scheduler stopped by {stopped}")
    raise typer.Exit(EXIT_TERMINATED if stopped == "SIGTERM" else EXIT_INTERRUPTED)


def program_of(ctx: typer.Context) -> list[str]:
    """What starts this very program, with the global options given to it."""
    given = ctx.find_root().obj
    assert isinstance(given, Invocation)
    options = ["--config", str(given.config.absolute())] if given.config else []
    return [sys.executable, "-m", "rpps_sync", *options, "--verbose" if given.verbose else "--quiet"]


def _row(job: dict[str, object]) -> tuple[object, ...]:
    last = job["last"] if isinstance(job["last"], dict) else {}
    outcome = " ".join(str(last[key]) for key in ("outcome", "message") if last.get(key))
    return job["job"], job["next"], last.get("started_at"), outcome, job["title"]
