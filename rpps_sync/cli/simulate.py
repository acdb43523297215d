"""``rpps-sync simulate publish|serve|tokens``: a publisher and a PSC issuer with invented people."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from rpps_sync.cli import output

app = typer.Typer(
    name="simulate",
    help="A publisher and a PSC issuer that behave like the real ones, with invented people and known truth.",
    no_args_is_help=True,
)

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON on standard output.")]
Folder = Annotated[Path, typer.Argument(help="Folder written by 'simulate publish'.", metavar="DIR")]


@app.command()
def publish(
    out: Annotated[Path, typer.Option("--out", help="Folder to write day-1, day-2… into.")],
    practitioners: Annotated[int, typer.Option(help="Practitioners on the first day (1.2 lines each).")] = 10_000,
    days: Annotated[int, typer.Option(help="How many consecutive days.")] = 3,
    seed: Annotated[int, typer.Option(help="Same seed, same files.")] = 1,
    start: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First day; by default the last one is the newest past deposit."),
    ] = None,
    change_rate: Annotated[float, typer.Option(help="Share of the lines that change in a day.")] = 0.003,
    as_json: Json = False,
) -> None:
    """Write the extracts of several days, each with its catalogue."""
    from rpps_sync.simulator.publish import default_start
    from rpps_sync.simulator.publish import publish as write

    first = start.date() if start else default_start(days)
    with output.progress("publishing") as bar:
        written = write(
            out,
            practitioners=practitioners,
            first_day=first,
            days=days,
            seed=seed,
            change_rate=change_rate,
            progress=bar.advance,
        )
    if as_json:
        output.print_json([dataclasses.asdict(day) for day in written])
        return
    rows = [(day.folder, file.kind, f"{file.lines:,}", f"{file.bytes:,}") for day in written for file in day.files]
    output.table("", ("day", "extract", "lines", "bytes"), rows)
    output.say(f"next: rpps-sync simulate serve {out} --day 1, or rpps-sync run --from {out / 'day-1'}")


@app.command()
def serve(
    folder: Folder,
    day: Annotated[int, typer.Option(help="Which day to serve.")] = 1,
    port: Annotated[int, typer.Option(help="Port on loopback; 0 takes a free one.")] = 0,
    fault: Annotated[
        str | None,
        typer.Option(
            help="Misbehave: truncated, reset, slow, 429, 503, wrong-length, stale-catalogue, mixed-days, html, "
            "empty; 503:2 spoils two requests only."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Serve one day over HTTP as data.gouv.fr does, until interrupted."""
    import threading

    from rpps_sync.simulator.server import PublisherServer

    with PublisherServer(folder, day, fault=fault, port=port) as publisher:
        if as_json:
            output.print_line({"url": publisher.url, "catalog_url": publisher.catalog_url, "day": day})
        else:
            output.table("", ("RPPS_SYNC_CATALOG_URL",), [(publisher.catalog_url,)])
            output.say(f"serving day {day} of {folder}; stop with Ctrl-C")
        threading.Event().wait()
