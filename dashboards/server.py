"""How Streamlit is started: where it listens, who signs in, no telemetry, the colours of the reports."""

from __future__ import annotations

import signal
import socket
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashboards.identity import login_section
from dashboards.session import Launch, start_with
from rpps_sync.directory.engine import open_engine
from rpps_sync.errors import UsageError
from rpps_sync.settings import Settings

if TYPE_CHECKING:
    from streamlit.starlette import App

APP = Path(__file__).parent / "app.py"

_OPTIONS: dict[str, str | int | bool] = {
    "browser.gatherUsageStats": False,  # no request leaves the machine
    "server.headless": True,  # opens no browser, asks for no e-mail
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",  # never a traceback on a screen
    "client.showErrorLinks": False,  # they lead to other hosts
    "logger.hideWelcomeMessage": True,
}
_FONTS = '"Inter", "Segoe UI", system-ui, -apple-system, "Noto Sans", "Liberation Sans", Arial, sans-serif'
_LIGHT = {
    "backgroundColor": "#fbfaf7",
    "secondaryBackgroundColor": "#f1efe9",
    "textColor": "#1b2128",
    "primaryColor": "#1f5687",
    "linkColor": "#1f5687",
    "borderColor": "#8b8f94",
}
_DARK = {
    "backgroundColor": "#14171a",
    "secondaryBackgroundColor": "#1b1f23",
    "textColor": "#e8e6e1",
    "primaryColor": "#2f73a8",
    "linkColor": "#8cc0ea",
    "borderColor": "#6b747d",
}


def serve(
    launch: Launch, host: str, port: int, *, origins: Sequence[str] = (), announce: Callable[[str], None]
) -> None:
    """Run the application until it is stopped (Ctrl-C, SIGTERM), and say where it is.

    Args:
        launch: what the pages need to know.
        host: to listen on; without sign-in, an address of the loopback.
        port: to listen on.
        origins: addresses under which a reverse proxy offers it, beside DASHBOARD_URL.
        announce: tells people where it is.

    Raises:
        UsageError: others than this machine could come, and nobody would ask who they are; the port is taken; or
            the identity provider cannot be named.
    """
    settings = launch.settings
    ensure_asked(host, settings.dashboard_sign_in)
    _ensure_free(host, port)
    here = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    address = settings.dashboard_url.rstrip("/") or here
    oidc = "oidc" in settings.dashboard_sign_in
    if oidc and not settings.dashboard_url and not _is_loopback(host):
        raise UsageError(
            "the identity provider must be told where people open the dashboard",
            mend="set DASHBOARD_URL, such as https://annuaire.chu.example",
            reason="oidc-settings",
        )
    secrets = {"auth": login_section(settings, address)} if oidc else None
    start_with(launch)
    offered = frozenset({address, *(origin.rstrip("/") for origin in origins)})
    app = _application(launch, secrets, offered)
    announce(f"dashboard on {address}; stop it with Ctrl-C")
    _warn(host, settings, announce)
    app.run(config=streamlit_options(host, port, offered - {here}))


def _application(launch: Launch, secrets: Mapping[str, Any] | None, origins: frozenset[str]) -> App:
    """Everything imported and ready: the first visitor does not wait for it."""
    _hush()
    from starlette.middleware import Middleware  # noqa: PLC0415 - a second to import: after what may be refused
    from streamlit.starlette import App  # noqa: PLC0415 - idem

    from dashboards import places, trouble  # noqa: F401, PLC0415 - idem; the pages, so that nobody waits for them
    from dashboards.gate import Gate, Guarded  # noqa: PLC0415 - idem

    ask_nobody_for_our_address()
    for stop in (signal.SIGTERM, signal.SIGINT):  # the library ends the server, then tells whoever listened before
        signal.signal(stop, lambda _signal, _frame: None)
    secure = all(origin.startswith("https:") for origin in origins)
    engine = open_engine(launch.settings.database)
    gate = Gate(engine, launch.sessions, origins, secure=secure)
    routes = gate.routes() if launch.settings.dashboard_sign_in else []
    return App(
        APP,
        secrets=secrets,
        routes=routes,
        middleware=[Middleware(Guarded)],
        on_script_error=trouble.show,
    )


def _hush() -> None:
    """Keep from the log what the libraries say of themselves: nobody here can mend it."""
    from authlib import deprecate  # noqa: PLC0415 - before its other modules: it shows its warnings always
    from streamlit.logger import get_logger  # noqa: PLC0415 - as above

    warnings.filterwarnings("ignore", "The httpx module", deprecate.AuthlibDeprecationWarning)
    get_logger("streamlit.runtime.caching.cache_data_api").setLevel("ERROR")


def _warn(host: str, settings: Settings, announce: Callable[[str], None]) -> None:
    """Say what an operator would regret not knowing."""
    if not _is_loopback(host) and not settings.dashboard_url.startswith("https:"):
        announce("beyond this machine keys and data would travel in clear: put TLS before it (docs/security.md)")


def streamlit_options(host: str, port: int, origins: Iterable[str] = ()) -> dict[str, Any]:
    """Streamlit's options, by their names."""
    options: dict[str, Any] = _OPTIONS | {"server.address": host, "server.port": port, "theme.font": _FONTS}
    for mode, colours in (("light", _LIGHT), ("dark", _DARK)):
        options |= {f"theme.{mode}.{name}": colour for name, colour in colours.items()}
    return options | {"server.corsAllowedOrigins": sorted(origins)}


def ask_nobody_for_our_address() -> None:
    """Keep Streamlit from asking a host of Amazon for the public address of this machine.

    It would, to judge the origin of a visitor that it does not know; ours are those of ``origins``.
    """
    from streamlit import net_util  # noqa: PLC0415 - as above

    net_util.get_external_ip = lambda: None


def ensure_asked(host: str, sign_in: Sequence[str]) -> None:
    """Without sign-in, only this machine may come.

    Raises:
        UsageError: the address is not one of the loopback, and nobody would be asked who they are.
    """
    if not sign_in and not _is_loopback(host):
        raise UsageError(
            f"the dashboard asks nobody who they are: it does not listen on {host}",
            mend="set DASHBOARD_SIGN_IN to 'key' or 'oidc', or keep --host 127.0.0.1 (docs/dashboard.md)",
            reason="not-loopback",
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _ensure_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UsageError(
                f"port {port} of {host} cannot be listened on: {error.strerror}",
                mend="another program, or another dashboard, has it: choose one with --port",
                reason="port-taken",
            ) from error
