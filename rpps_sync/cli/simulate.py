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


@app.command()
def tokens(
    folder: Folder,
    out: Annotated[Path, typer.Option("--out", help="File of observations to write, one JSON per line.")],
    observed: Annotated[int, typer.Option(help="How many people sign in.")] = 2_000,
    seed: Annotated[int, typer.Option(help="Same seed, same people on the same days.")] = 1,
    source: Annotated[str, typer.Option(help="The application that observes.")] = "dpi-demo",
    issuer: Annotated[
        str, typer.Option(help="Issuer of the tokens.")
    ] = "https://psc.simulator.invalid/auth/realms/esante-wallet",
    client_id: Annotated[str, typer.Option(help="Audience of the tokens.")] = "rpps-sync-demo",
    grace: Annotated[int, typer.Option(help="N of the verdicts, for the truth.")] = 3,
    late: Annotated[
        float,
        typer.Option(min=0.0, max=1.0, help="Share that arrives on a later day (arrivals.json tells which)."),
    ] = 0.0,
    refused: Annotated[
        list[int] | None,
        typer.Option(help="A day whose publication is never served; repeatable; not the first nor the last."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write PSC observations over those days, the issuer's public keys, and what should be found (truth.jsonl)."""
    from rpps_sync.simulator.issuer import new_issuer
    from rpps_sync.simulator.tokens import write_tokens
    from rpps_sync.simulator.truth import counts

    with output.progress("signing in", total=observed) as bar:
        written = write_tokens(
            folder,
            out,
            issuer=new_issuer(issuer, client_id),
            observed=observed,
            seed=seed,
            source=source,
            grace=grace,
            late=late,
            refused=refused or (),
            progress=bar.advance,
        )
    expected = dict(sorted(counts(written.expected).items()))
    if as_json:
        totals = {name: getattr(written, name) for name in ("observations", "signed", "practitioners")}
        output.print_json(totals | {"expected": expected})
        return
    output.table("", ("expected verdict", "findings"), expected.items())
    output.say(f"{written.observations:,} observations of {written.practitioners:,} people in {out}")
    output.say(f"next: rpps-sync claims ingest {out}")
