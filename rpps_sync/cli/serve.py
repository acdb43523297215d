"""``rpps-sync serve``: the HTTP API."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from rpps_sync.cli.output import Invocation, print_json, say, settings_of
from rpps_sync.errors import UsageError

NEEDED = ("fastapi", "prometheus_client", "uvicorn")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
GRACE_SECONDS = 5  # that answers under way have when the server stops


def serve(
    ctx: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on; else API_HOST.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 0: a free one. Else API_PORT.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Processes; else API_WORKERS.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Tell the address as one JSON document.")] = False,
) -> None:
    """Answer other applications over HTTP (docs/api.md), on this machine alone unless --host says otherwise.

    TLS is for a proxy before it (docs/security.md). Needs the 'api' extra, and keys: 'rpps-sync keys create'.
    """
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise UsageError(
            f"the API needs libraries that are not installed: {', '.join(missing)}",
            mend="pip install 'rpps-sync[api]'",
            reason="extra-missing",
        )
    from rpps_sync.directory.engine import open_engine
    from rpps_sync.directory.migrations import ensure_current

    settings = settings_of(ctx)
    engine = open_engine(settings.database)
    ensure_current(engine)
    engine.dispose()
    with tempfile.TemporaryDirectory(prefix="rpps-sync-serve-") as shared:
        _hand_over(ctx, Path(shared))
        _run(
            settings.api_host if host is None else host,
            settings.api_port if port is None else port,
            workers or settings.api_workers,
            as_json=as_json,
        )


def _hand_over(ctx: typer.Context, shared: Path) -> None:
    """Tell the workers, which are processes of their own, what they must know."""
    from rpps_sync.api.app import CONFIG, SHARED

    given = ctx.find_root().obj
    if isinstance(given, Invocation):
        if given.config is not None:
            os.environ[CONFIG] = str(given.config.resolve())
        if given.quiet:
            os.environ["RPPS_SYNC_SERVE_QUIET"] = "1"
    os.environ[SHARED] = str(shared)
    figures = shared / "figures"
    figures.mkdir()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(figures)


def _run(host: str, port: int, workers: int, *, as_json: bool) -> None:
    import uvicorn

    port = _free(host, port)
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    if as_json:
        print_json({"address": address, "workers": workers})
        sys.stdout.flush()
    else:
        say(f"serving {address} with {workers} workers; Ctrl-C stops it")
    if host not in LOOPBACK:
        say("beyond this machine keys and data would travel in clear: put TLS before it (docs/security.md)")
    uvicorn.run(
        "rpps_sync.api.app:from_environment",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_config=None,
        access_log=False,  # it would write paths, which hold RPPS numbers
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        forwarded_allow_ips="127.0.0.1",
    )


def _free(host: str, port: int) -> int:
    """The port, once sure that it can be listened on.

    Raises:
        UsageError: it cannot.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise UsageError(
                f"{host} port {port} cannot be listened on: {error.strerror or error}",
                mend="stop what listens there, or give another --host or --port",
                reason="address",
            ) from error
        return int(trial.getsockname()[1])
