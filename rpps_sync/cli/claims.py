"""``rpps-sync claims``: take observations of Pro Santé Connect claims in, and check one token."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from rpps_sync.cli.access import engine_of
from rpps_sync.cli.output import print_json, progress, say, settings_of
from rpps_sync.errors import EXIT_FAILED, TokenRefused, UsageError

if TYPE_CHECKING:
    from pipelines.claims_intake import IntakeSummary

app = typer.Typer(
    name="claims",
    help="Observations of Pro Santé Connect claims: take them in, check a token.",
    no_args_is_help=True,
)


@app.command()
def ingest(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="JSON lines, one observation each; '-' reads standard input.")],
    source: Annotated[str, typer.Option(help="The observing application; it wins over what the lines say.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Take observations in and judge them: a userinfo alone is attested, with a valid token it is verified.

    Token times are judged at the line's observed_at. Each refused line is told by number and reason, and the
    others are kept; the same line twice counts once. Exits with 1 only when lines were refused and none was kept.
    """
    from pipelines.claims_intake import take_in, verifier_of
    from rpps_sync.directory.migrations import ensure_current

    settings = settings_of(ctx)
    verifier = verifier_of(settings)
    with engine_of(ctx) as engine, _opened(file) as stream, progress("taking observations in") as bar:
        ensure_current(engine)
        summary = take_in(
            engine, stream, verifier, grace=settings.grace_publications, source=source, progress=bar.advance
        )
    _tell(summary, as_json=as_json)
    if summary.failed:
        raise typer.Exit(EXIT_FAILED)


@app.command()
def verify(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Check one token from standard input, now: accepted, or the reason; nothing of it is shown.

    Exits with 1 when the token is refused.
    """
    import sys

    from pipelines.claims_intake import verifier_of
    from rpps_sync import clock
    from rpps_sync.limits import LIMITS
    from rpps_sync.psc.tokens import kind_of

    verifier = verifier_of(settings_of(ctx))
    text = sys.stdin.buffer.read(LIMITS.token_bytes + 2).decode("ascii", errors="replace").strip()
    try:
        kind = kind_of(verifier.verify(text, at=clock.now()))
    except TokenRefused as refusal:
        if as_json:
            print_json({"accepted": False, "reason": refusal.reason})
        else:
            typer.echo(f"refused: {refusal.reason} ({refusal.what})")
        raise typer.Exit(EXIT_FAILED) from None
    if as_json:
        print_json({"accepted": True, "kind": str(kind)})
    else:
        typer.echo(f"accepted: {kind}")


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    import sys

    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(file).open("rb")  # noqa: SIM115 - closed below; the error is told only for the opening
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", mend="check the path") from error
    with stream:
        yield stream


def _tell(summary: IntakeSummary, *, as_json: bool) -> None:
    for line, reason in summary.refused_lines:
        say(f"line {line} refused: {reason}")
    if as_json:
        print_json(summary.to_json())
        return
    typer.echo(
        f"{summary.accepted} accepted, {summary.duplicate} already known, {summary.refused.total()} refused, "
        f"{len(summary.practitioners)} practitioners"
    )
