"""``rpps-sync claims``: take observations of Pro Santé Connect claims in, count them, and check one token."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from rpps_sync.cli.access import directory_of, engine_of
from rpps_sync.cli.output import print_json, progress, say, settings_of, table
from rpps_sync.errors import EXIT_FAILED, EXIT_TRY_LATER, TokenRefused, UsageError

if TYPE_CHECKING:
    from pipelines.claims_intake import IntakeSummary
    from rpps_sync.directory.intake_counts import ApplicationStatistics
    from rpps_sync.run_summary import InboxSummary

app = typer.Typer(
    name="claims",
    help="Observations of Pro Santé Connect claims: take them in, count them, check a token.",
    no_args_is_help=True,
)


class Format(StrEnum):
    """What a file of observations looks like."""

    LINES = "lines"  # JSON lines
    KEYCLOAK = "keycloak"  # an export of users


AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]


@app.command()
def ingest(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="JSON lines, one observation each; '-' reads standard input.")],
    source: Annotated[str, typer.Option(help="The observing application; it wins over what the lines say.")] = "",
    layout: Annotated[
        Format, typer.Option("--format", help="JSON lines, or users exported from Keycloak (docs/claims.md).")
    ] = Format.LINES,
    observed_at: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"],
            help="When a Keycloak export was made (UTC); by default the file's own date.",
        ),
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="The lines come in as they are seen: judge tokens by the clock, now.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take observations in and judge them: a userinfo alone is attested, with a valid token it is verified.

    Token times are judged at the line's observed_at, unless --live. Each refused line is told by number and
    reason, and the others are kept; the same observation twice counts once. Exits with 1 only when lines were
    refused and none was kept.
    """
    from pipelines.claims_intake import take_in, take_in_export, verifier_of
    from rpps_sync.directory.migrations import ensure_current

    settings = settings_of(ctx)
    verifier, grace = verifier_of(settings), settings.grace_publications
    _check_options(layout, source=source, observed_at=observed_at, live=live)
    with engine_of(ctx) as engine, _opened(file) as stream, progress("taking observations in") as bar:
        ensure_current(engine)
        if layout is Format.KEYCLOAK:
            at = _made_at(file, observed_at)
            summary = take_in_export(
                engine, stream, verifier, at=at, source=source, grace=grace, progress=bar.advance
            )
        else:
            summary = take_in(
                engine, stream, verifier, grace=grace, source=source, live=live, progress=bar.advance
            )
    _tell(summary, as_json=as_json)
    if summary.failed:
        raise typer.Exit(EXIT_FAILED)


@app.command()
def inbox(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Take in what applications left in the watched folder, now, as every night does.

    Exits with 75 when files must wait: the issuer gives no keys, a setting is missing, or a run is at work.
    """
    from pipelines.claims_inbox import take_in_inbox
    from pipelines.exclusive import alone
    from rpps_sync.directory.migrations import ensure_current

    settings = settings_of(ctx)
    with alone(settings) as engine, progress("taking observations in") as bar:
        ensure_current(engine)
        summary = take_in_inbox(engine, settings, progress=bar.advance)
    _tell_inbox(summary, as_json=as_json)
    if summary.waiting:
        raise typer.Exit(EXIT_TRY_LATER)


@app.command()
def stats(
    ctx: typer.Context,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Leave out what came in before that day.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Count what each application sent: kept and how far believed, known before, refused and why, last seen."""
    from rpps_sync.directory.intake_counts import statistics

    with directory_of(ctx) as connection:
        applications = statistics(connection, since.date() if since else None)
    if as_json:
        print_json([application.to_json() for application in applications])
        return
    columns = ("application", "attested", "verified", "known", "refused", "practitioners", "last seen")
    table("", columns, [_row(application) for application in applications])
    for application in applications:
        for reason, count in application.refused.most_common():
            say(f"{application.source or 'unnamed application'}: {count} refused, {reason}")


@app.command()
def show(
    ctx: typer.Context,
    identifier: Annotated[str, typer.Argument(metavar="ID", help="RPPS number, or another national identifier.")],
    as_json: AsJson = False,
) -> None:
    """Show all that is kept of what tokens told about one person, for a request of access (GDPR, article 15).

    Nothing of the open directory, which 'lookup' tells. With --json every row of every table.
    """
    from rpps_sync.directory import erasure
    from rpps_sync.identifiers import told_as

    with directory_of(ctx) as connection:
        held = erasure.held(connection, told_as(identifier.strip()))
    if as_json:
        print_json(held)
        return
    columns = ("source", "trust", "scope", "first_seen", "last_seen", "occurrences")
    table("", columns, [[row[column] for column in columns] for row in held["observations"]])
    rest = (f"{len(rows)} {name.replace('_', ' ')}" for name, rows in held.items() if name != "observations")
    typer.echo(f"and {', '.join(rest)}; --json tells all of it")


@app.command()
def verify(
    ctx: typer.Context,
    source: Annotated[str, typer.Option(help="The application it must be for; else any of ours.")] = "",
    as_json: AsJson = False,
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
        kind = kind_of(verifier.verify(text, at=clock.now(), application=source))
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


def _check_options(layout: Format, *, source: str, observed_at: datetime | None, live: bool) -> None:
    if layout is Format.KEYCLOAK and not source:
        raise UsageError("an export does not say which application its users are of", mend="give --source")
    if layout is Format.KEYCLOAK and live:
        raise UsageError("an export is not live", mend="leave --live out")
    if layout is Format.LINES and observed_at is not None:
        raise UsageError("JSON lines say themselves when they were observed", mend="leave --observed-at out")


def _made_at(file: str, told: datetime | None) -> datetime:
    from rpps_sync import clock

    if told is not None:
        return told.replace(tzinfo=UTC)
    return clock.now() if file == "-" else datetime.fromtimestamp(Path(file).stat().st_mtime, UTC)


def _row(application: ApplicationStatistics) -> tuple[object, ...]:
    return (
        application.source,
        application.attested,
        application.verified,
        application.duplicate,
        application.refused.total(),
        application.practitioners,
        application.last_seen,
    )


def _tell_inbox(summary: InboxSummary, *, as_json: bool) -> None:
    for file in summary.waiting:
        say(f"waiting: {file}")
    if as_json:
        print_json(asdict(summary))
        return
    refused = sum(summary.refused.values())
    typer.echo(
        f"{summary.files} files: {summary.accepted} accepted, {summary.duplicate} already known, "
        f"{refused} refused; {len(summary.waiting)} files waiting"
    )


def _tell(summary: IntakeSummary, *, as_json: bool) -> None:
    for line, reason in summary.refused_lines:
        say(f"line {line} refused: {reason}")
    if as_json:
        print_json(summary.to_json())
        return
    for name, count in summary.unknown_claims.most_common():
        say(f"unknown claim {name} ignored in {count} observations")
    if summary.passed_over:
        say(f"{summary.passed_over} users do not come from Pro Santé Connect, or are disabled")
    typer.echo(
        f"{summary.accepted} accepted ({summary.verified} verified), {summary.duplicate} already known, "
        f"{summary.refused.total()} refused, {len(summary.practitioners)} practitioners"
    )
