"""How Streamlit is started: on this machine only, without telemetry, in the colours of the reports."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from contextlib import closing
from ipaddress import ip_address
from pathlib import Path

from dashboards.session import Launch, start_with
from rpps_sync.errors import UsageError

APP = Path(__file__).parent / "app.py"

_OPTIONS: dict[str, str | int | bool] = {
    "browser.gatherUsageStats": False,  # no request leaves the machine
    "server.headless": True,  # opens no browser, asks for no e-mail
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",  # never a traceback on a screen
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
        host: an address of the loopback.
        port: to listen on.
        origins: addresses under which a reverse proxy of this machine offers it (``https://annuaire.chu.example``).
        announce: tells people where it is.

    Raises:
        UsageError: others than this machine could come, and nobody would ask who they are; or the port is taken.
    """
    ensure_local(host)
    _ensure_free(host, port)
    start_with(launch)
    announce(f"dashboard on http://{f'[{host}]' if ':' in host else host}:{port}; stop it with Ctrl-C")
    from streamlit.web import bootstrap  # noqa: PLC0415 - a second to import: after what may be refused

    ask_nobody_for_our_address()
    options = streamlit_options(host, port) | {"server_corsAllowedOrigins": list(origins)}
    bootstrap.load_config_options(options)
    bootstrap.run(str(APP), is_hello=False, args=[], flag_options=options)


def streamlit_options(host: str, port: int) -> dict[str, str | int | bool]:
    """Streamlit's options, under the names that its command line gives them."""
    options = _OPTIONS | {"server.address": host, "server.port": port, "theme.font": _FONTS}
    for mode, colours in (("light", _LIGHT), ("dark", _DARK)):
        options |= {f"theme.{mode}.{name}": colour for name, colour in colours.items()}
    return {name.replace(".", "_"): value for name, value in options.items()}


def ask_nobody_for_our_address() -> None:
    """Keep Streamlit from asking a host of Amazon for the public address of this machine.

    It would, to judge the origin of a visitor that it does not know; ours are those of ``origins``.
    """
    from streamlit import net_util  # noqa: PLC0415 - as above

    net_util.get_external_ip = lambda: None


def ensure_local(host: str) -> None:
    """Without sign-in, only this machine may come.

    Raises:
        UsageError: the address is not one of the loopback.
    """
    try:
        local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise UsageError(
            f"the dashboard asks nobody who they are: it does not listen on {host}",
            mend="keep --host 127.0.0.1, behind a reverse proxy that signs people in (docs/dashboard.md)",
            reason="not-loopback",
        )


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
