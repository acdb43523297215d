"""``rpps-sync dashboard``: the application for people, in a browser."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from rpps_sync.cli.output import Invocation, say, settings_of
from rpps_sync.errors import UsageError

if TYPE_CHECKING:
    from rpps_sync.cli.symptom import Symptom


def dashboard(
    ctx: typer.Context,
    host: Annotated[
        str, typer.Option(help="Address to listen on; loopback only, unless people sign in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8501,
    origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL", help="Address under which a reverse proxy offers it, beside DASHBOARD_URL; repeatable."
        ),
    ] = None,
    allow_actions: Annotated[
        bool,
        typer.Option("--allow-actions", help="Let people act where nobody signs in; else the scope admin does."),
    ] = False,
) -> None:
    """Open the dashboard: tonight at a glance, one practitioner, quality, freshness, tokens, runs.

    It needs the 'dashboard' extra and reads the same database as the other commands. People sign in with a key or
    OIDC where DASHBOARD_SIGN_IN says so (docs/dashboard.md); else it listens on this machine only.
    """
    missing = [name for name in ("streamlit", "altair", "authlib") if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"the dashboard needs {' and '.join(missing)}, not installed here",
            mend="install the extra: pip install 'rpps-sync[dashboard]'",
            reason="extra-missing",
        )
    from dashboards.server import serve
    from dashboards.session import Launch
    from dashboards.sessions import Sessions
    from rpps_sync import pseudonyms
    from rpps_sync.cli.examination import examine
    from rpps_sync.freshness import objectives
    from rpps_sync.settings import settings_file

    settings, given = settings_of(ctx), ctx.find_root().obj
    config = given.config if isinstance(given, Invocation) else None
    pseudonyms.use(settings.pseudonym_secret())
    objectives.use(settings.home)

    def examined() -> list[Symptom]:
        return examine(lambda: settings, file=lambda: settings_file(config), online=False)

    sessions = Sessions(settings.dashboard_session_hours)
    launch = Launch(settings, config, allow_actions=allow_actions, sessions=sessions, examine=examined)
    serve(launch, host, port, origins=origin or (), announce=say)
