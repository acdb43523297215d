"""Where messages may go, and what cannot talk this server into another place."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from mail_server import certificate
from rpps_sync.errors import UsageError
from rpps_sync.webhooks import signing
from rpps_sync.webhooks.addresses import Allowed, check, parsed
from rpps_sync.webhooks.posting import NotTaken, Poster, trust
from webhook_receiver import receiving

PROOF = {"webhook-id": "msg", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
INSIDE = (
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "127.0.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - not bound: refused
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "fe80::1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "2002:a00:1::1",
    "ff02::1",
)


@pytest.mark.parametrize("address", INSIDE)
def test_what_only_this_server_can_reach_is_not_for_messages(address: str) -> None:
    """Private, local, shared and reserved addresses, also those that hide in IPv6, unless the operator says so."""
    assert not Allowed().permits("dpi.invalid", ip_address(address))
    assert Allowed.of(["dpi.invalid"]).permits("dpi.invalid", ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_the_internet_needs_no_permission(address: str) -> None:
    """Receivers out there are reached over TLS; no list of them is kept."""
    assert Allowed().permits("dpi.invalid", ip_address(address))


def test_the_operator_names_hosts_endings_and_networks() -> None:
    """Exactly those, and nothing that merely looks like them."""
    allowed = Allowed.of(["dpi.chu.invalid", "*.pui.invalid", "10.20.0.0/16", "fd12::/16"])
    inside = ip_address("192.168.0.9")
    assert allowed.permits("a.pui.invalid", inside)
    assert not any(
        allowed.permits(host, inside)
        for host in ("pui.invalid", "xpui.invalid", "x.dpi.chu.invalid", "dpi.chu.invalid.x")
    )
    assert allowed.permits("x.invalid", ip_address("10.20.255.1"))
    assert allowed.permits("x.invalid", ip_address("::ffff:10.20.0.1"))
    assert not allowed.permits("x.invalid", ip_address("10.21.0.1"))
    for wrong in ("10.20.0.0/99", "*.", ""):
        with pytest.raises(UsageError, match="WEBHOOK_HOSTS"):
            Allowed.of([wrong])


@pytest.mark.parametrize(
    "text",
    ["", "dpi.invalid", "ftp://dpi.invalid", "https://", "https://u:p@dpi.invalid", "https://dpi.invalid/#x",
     "https://dpi.invalid:99999", "https://dpi.invalid/\x00", "https://[::1", f"https://dpi.invalid/{'x' * 2000}"],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_not_repeated(text: str) -> None:
    """It may hold a password; the person who typed it knows it."""
    with pytest.raises(UsageError) as refused:
        parsed(text)
    assert refused.value.reason == "bad-address"
    assert "u:p" not in refused.value.what


def test_a_name_that_leads_elsewhere_a_moment_later_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked up once, judged, and the connection goes to the judged address with the name in its headers."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        if host != "rebinding.invalid":
            return real(host, port, *rest, **more)
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "10.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with receiving() as receiver:
        receiver.secret = signing.secret(b"key", "hook", 1)
        port = receiver.url.rsplit(":", 1)[1]
        poster = Poster(Allowed.of(["127.0.0.1"]), ssl.create_default_context())
        with pytest.raises(NotTaken, match=r"rebinding\.invalid answered 401"):
            asyncio.run(poster.post(f"http://rebinding.invalid:{port}", PROOF, b"{}"))
        assert receiver.posted[0].headers["host"] == f"rebinding.invalid:{port.partition('/')[0]}"
    assert asked == ["rebinding.invalid"]
    with pytest.raises(UsageError, match=r"is at 10\.0\.0\.1"):
        asyncio.run(check("https://rebinding.invalid/", Allowed()))


def test_the_certificate_must_be_of_the_name_and_not_of_the_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Going straight to a judged address weakens nothing: whoever answers there proves the name."""
    real, authority = socket.getaddrinfo, certificate(tmp_path)
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *rest, **more: real("127.0.0.1", *rest, **more))
    poster = Poster(Allowed.of(["mail.invalid", "other.invalid"]), trust(authority))
    with receiving(authority) as receiver:
        receiver.secret = "whsec_AAAA"
        port = receiver.url.split(":")[2]
        for host, said in (
            ("mail.invalid", "answered 401"),
            ("other.invalid", "certificate is not to be"),
        ):
            with pytest.raises(NotTaken, match=said):
                asyncio.run(poster.post(f"https://{host}:{port}", PROOF, b"{}"))
        assert len(receiver.posted) == 1


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[str]]]:
    """A proxy that lets nobody through, and remembers who asked for what."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            """Refuse."""
            asked.append(self.path)
            self.send_error(502)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_the_proxy_of_the_house_is_used_where_there_is_one(
    proxy: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks names up that this machine cannot; those of NO_PROXY and bare addresses go straight."""
    address, asked = proxy
    monkeypatch.setenv("HTTPS_PROXY", address)
    monkeypatch.setenv("NO_PROXY", "straight.invalid")
    poster = Poster(Allowed(), ssl.create_default_context())
    with pytest.raises(NotTaken, match=r"dpi\.invalid cannot be reached"):
        asyncio.run(poster.post("https://dpi.invalid/rpps", {}, b"{}"))
    assert asked == ["dpi.invalid:443"]
    with pytest.raises(NotTaken, match=r"straight\.invalid is not known here"):
        asyncio.run(poster.post("https://straight.invalid/", {}, b"{}"))
    with pytest.raises(NotTaken, match="not on the Internet"):
        asyncio.run(poster.post("https://10.0.0.1/", {}, b"{}"))
    assert asked == ["dpi.invalid:443"]
