"""The command line: one module per group of commands, each importing its heavy libraries where it needs them.

``rpps-sync --help`` must answer at once, so nothing here imports more than Typer.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from rpps_sync import __version__
from rpps_sync.cli import (
    alerts,
    checks,
    claims,
    config,
    database,
    demonstration,
    directory,
    findings,
    keys,
    ledgers,
    night,
    nomenclature,
    privacy,
    simulate,
    webhooks,
)
from rpps_sync.cli.comparing import compare
from rpps_sync.cli.dashboard import dashboard
from rpps_sync.cli.doctor import doctor
from rpps_sync.cli.enriching import enrich
from rpps_sync.cli.failures import tell
from rpps_sync.cli.fetching import fetch
from rpps_sync.cli.freshness import freshness
from rpps_sync.cli.output import Invocation, begin, complain, leave_pipe
from rpps_sync.cli.quarantine import quarantine
from rpps_sync.cli.replay import replay
from rpps_sync.cli.report import report
from rpps_sync.cli.schedule import schedule
from rpps_sync.cli.searching import search
from rpps_sync.cli.serve import serve
from rpps_sync.cli.timer import install_timer
from rpps_sync.errors import EXIT_INTERRUPTED, EXIT_OK, EXIT_TERMINATED

STOP_SECONDS = 8.0  # a service manager kills what is still there after ten or more

app = typer.Typer(
    name="rpps-sync",
    help="A local, dated and checked copy of the French directory of health professionals (RPPS), "
    "and what is stale: the directory, the token, or the source.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"rpps-sync {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    ctx: typer.Context,
    config: Annotated[
        Path | None, typer.Option(help="Settings file; else rpps-sync.toml here or in RPPS_SYNC_HOME.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but results and errors.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log every step (DEBUG).")] = False,
    version: Annotated[  # noqa: ARG001 - handled by its callback
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    from rpps_sync import logs

    ctx.obj = Invocation(config, quiet, verbose)
    begin(ctx.obj)
    logs.configure(quiet=quiet, verbose=verbose)


app.command()(night.run)
app.command()(schedule)
app.command("install-timer")(install_timer)
app.command()(demonstration.demo)
app.command()(directory.lookup)
app.command()(search)
app.command()(enrich)
app.command()(directory.changes)
app.command()(fetch)
app.command()(night.check)
app.command()(night.accept)
app.command()(replay)
app.command()(freshness)
app.command()(report)
app.command()(dashboard)
app.add_typer(ledgers.runs)
app.command()(ledgers.publications)
app.command()(quarantine)
app.add_typer(claims.app)
app.command()(compare)
app.add_typer(findings.app)
app.command()(serve)
app.add_typer(keys.app)
app.command()(privacy.forget)
app.command()(privacy.purge)
app.command()(privacy.pseudonymise)
app.add_typer(checks.app)
app.add_typer(nomenclature.app)
app.add_typer(simulate.app)
app.add_typer(database.app)
app.add_typer(config.app)
app.add_typer(alerts.app)
app.add_typer(webhooks.app)
app.command()(doctor)


def main() -> NoReturn:
    """Run the command named on the command line, and exit with its code (docs/exit-codes.md)."""
    _stand_in_for_closed_streams()
    signal.signal(signal.SIGTERM, _terminated)
    signal.signal(signal.SIGINT, _interrupted)
    code = _run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        leave_pipe()
    sys.exit(code)


def _stand_in_for_closed_streams() -> None:
    """Give closed standard streams to the null device: else the next file opened would bear their number."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)
            if null != number:
                os.dup2(null, number)
                os.close(null)
            setattr(sys, name, os.fdopen(number, mode))


def _run(arguments: list[str]) -> int:
    try:
        code = typer.main.get_command(app).main(arguments, prog_name="rpps-sync", standalone_mode=False)
    except Exception as error:  # noqa: BLE001 - the one place that stands between an error and a person
        return tell(error, as_json="--json" in arguments)
    return code if isinstance(code, int) else EXIT_OK


def _terminated(_signal: int, _frame: FrameType | None) -> NoReturn:
    _stop("SIGTERM", EXIT_TERMINATED)


def _interrupted(_signal: int, _frame: FrameType | None) -> NoReturn:
    _stop("Ctrl-C", EXIT_INTERRUPTED)


def _stop(cause: str, code: int) -> NoReturn:
    """Roll back and leave; when a library does not let go in time, leave as if killed: it costs nothing more."""
    complain(f"stopped by {cause}; what was served before is still served")
    logging.disable()  # a library that is cut short would tell where, at length
    deadline = threading.Timer(STOP_SECONDS, os._exit, (code,))
    deadline.daemon = True
    deadline.start()
    raise SystemExit(code)
