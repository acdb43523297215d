"""A publisher on loopback that misbehaves on demand, and downloads from it over real HTTP."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from rpps_sync.errors import ExtractRefused, PublisherUnreachable
from rpps_sync.limits import LIMITS, Limits
from rpps_sync.publication import ExtractKind, PublishedFile
from rpps_sync.publisher.catalogue import resource
from rpps_sync.publisher.layouts import layout
from rpps_sync.publisher.online import OnlineSource
from rpps_sync.publisher.retries import AT_ONCE
from rpps_sync.publisher.sources import Fetched, quiet

PA = ExtractKind.PERSONNE_ACTIVITE
BODY = (layout(PA).header + "\n" + ("999|" + "|" * 54 + "\n") * 4000).encode()
ETAG = '"deposit-1"'
DATED = "/resources/20261120-081200/ps-libreacces-personne-activite.txt"
QUICK = replace(LIMITS, read_seconds=0.3, connect_seconds=1.0)

Behaviour = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers one request as the publisher was told to."""

    protocol_version = "HTTP/1.1"
    server: Publisher

    def do_GET(self) -> None:
        """Answer the catalogue, lead to the dated address, and there behave as told."""
        self.close_connection = True
        if self.path.startswith("/api/1/datasets/r/"):
            answer(self, 302, b"", Location=f"{self.server.url}{self.server.dated}")
        elif self.path.startswith("/api/1/datasets/"):
            self.server.catalogue(self)
        else:
            self.server.requests.append(self.headers)
            behaviours = self.server.behaviours
            (behaviours.pop(0) if len(behaviours) > 1 else behaviours[0])(self)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that the library gives it
        """Say nothing."""


class Publisher(ThreadingHTTPServer):
    """A publisher of one extract; ``behaviours`` are its next answers, the last one for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.behaviours: list[Behaviour] = [honest]
        self.requests: list[Message] = []
        self.stopping = threading.Event()
        self.dated = DATED
        self.entry: dict[str, Any] = {
            "id": resource(PA).id,
            "last_modified": "2026-11-20T08:12:00+00:00",
            "filesize": len(BODY),
            "checksum": {"type": "sha1", "value": hashlib.sha1(BODY, usedforsecurity=False).hexdigest()},
            "url": f"{self.url}{DATED}",
        }
        self.catalogue: Behaviour = lambda handler: answer(
            handler, 200, json.dumps({"resources": [self.entry]}).encode()
        )

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let clients hang up: they do when they refuse an answer."""


def answer(handler: Handler, status: int, body: bytes, **headers: str) -> None:
    """A complete answer; names of headers are written with underscores."""
    head(handler, status, **{"Content-Length": str(len(body)), **headers})
    handler.wfile.write(body)


def head(handler: Handler, status: int, **headers: str) -> None:
    """The first lines of an answer."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Connection", "close")
    handler.end_headers()


def honest(handler: Handler, body: bytes = BODY, etag: str = ETAG) -> None:
    """What a good server does: validators, conditions and ranges."""
    validators = {"ETag": etag, "Last-Modified": "Fri, 20 Nov 2026 08:12:00 GMT"}
    if handler.headers.get("If-None-Match") == etag:
        answer(handler, 304, b"", **validators)
    elif handler.headers.get("Range") and handler.headers.get("If-Range") == etag:
        start = int(handler.headers["Range"].removeprefix("bytes=").rstrip("-"))
        part = f"bytes {start}-{len(body) - 1}/{len(body)}"
        answer(handler, 206, body[start:], Content_Range=part, **validators)
    else:
        answer(handler, 200, body, **validators)


def cut(handler: Handler, *, at: int = 100_000, etag: str = ETAG) -> None:
    """A body that stops before its announced end."""
    head(handler, 200, Content_Length=str(len(BODY)), ETag=etag)
    handler.wfile.write(BODY[:at])


def reset(handler: Handler) -> None:
    """A connection that is torn down in the middle of the body."""
    cut(handler)
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    handler.connection.close()


def cut_chunks(handler: Handler) -> None:
    """A chunked body without its last chunk."""
    head(handler, 200, Transfer_Encoding="chunked", ETag='W/"weak"')
    handler.wfile.write(b"%x\r\n" % 100_000 + BODY[:100_000] + b"\r\n")


def unmarked(handler: Handler, body: bytes) -> None:
    """A body whose end is the end of the connection."""
    head(handler, 200)
    handler.wfile.write(body)


def drip(handler: Handler) -> None:
    """One byte from time to time, for ever."""
    head(handler, 200, Content_Length=str(len(BODY)))
    while not handler.server.stopping.wait(0.05):
        handler.wfile.write(b"x")
        handler.wfile.flush()


def drip_headers(handler: Handler) -> None:
    """Headers that come byte by byte, for ever."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    while not handler.server.stopping.wait(0.05):
        handler.wfile.write(b"x")
        handler.wfile.flush()


def endless(handler: Handler) -> None:
    """A body that does not end."""
    head(handler, 200, Transfer_Encoding="chunked")
    while not handler.server.stopping.is_set():
        handler.wfile.write(b"%x\r\n" % len(BODY) + BODY + b"\r\n")


def silent(handler: Handler) -> None:
    """No answer at all."""
    handler.server.stopping.wait(30)


def status(handler: Handler, code: int, **headers: str) -> None:
    """An answer of which only the status matters."""
    answer(handler, code, b"no", **headers)


def source(publisher: Publisher, limits: Limits = QUICK) -> OnlineSource:
    """The publisher as a night would ask it, without patience."""
    return OnlineSource(f"{publisher.url}/api/1", limits=limits, policy=AT_ONCE)


def fetch(
    publisher: Publisher,
    into: Path,
    previous: PublishedFile | None = None,
    *,
    limits: Limits = QUICK,
    progress: Callable[[int], None] = quiet,
) -> Fetched | None:
    """The extract of persons, on disk beside nothing else."""
    asked = source(publisher, limits)
    return asked.fetch(asked.discover([PA])[0], into / "pa.txt", previous, progress)


def came(publisher: Publisher, into: Path) -> Fetched:
    """What came, once its digest was compared with the bytes on disk."""
    fetched = fetch(publisher, into)
    assert fetched is not None
    assert fetched.sha256 == hashlib.sha256((into / "pa.txt").read_bytes()).hexdigest()
    return fetched


def refusal(publisher: Publisher, into: Path, *, limits: Limits = QUICK) -> ExtractRefused:
    """How the extract is refused: nothing is left on disk, and what is still served is said."""
    with pytest.raises(ExtractRefused, match="former publication is still served") as told:
        fetch(publisher, into, limits=limits)
    assert list(into.iterdir()) == []
    assert told.value.exit_code == 3
    assert told.value.mend
    return told.value


def unreachable(publisher: Publisher, into: Path, *, limits: Limits = QUICK) -> PublisherUnreachable:
    """How the publisher is found away: nothing is left on disk, and it is tried again later."""
    with pytest.raises(PublisherUnreachable, match="former publication is still served") as error:
        fetch(publisher, into, limits=limits)
    assert list(into.iterdir()) == []
    assert error.value.exit_code == 75
    return error.value


def previous_file(publisher: Publisher, **changes: Any) -> PublishedFile:
    """The file of a former night, as the archive remembers it."""
    day = datetime(2026, 11, 20, 8, 12, tzinfo=UTC)
    address = f"{publisher.url}/api/1/datasets/r/{resource(PA).id}"
    return replace(PublishedFile(PA, address, day, day, 1, "", 1, etag=ETAG), **changes)


@contextmanager
def misbehaving() -> Iterator[Publisher]:
    """A publisher at work for as long as the block runs."""
    with Publisher() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.stopping.set()
        server.shutdown()
        thread.join()
