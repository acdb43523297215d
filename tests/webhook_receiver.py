"""A receiver of webhooks on loopback: it checks every message with the library of the convention."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError


@dataclass(frozen=True)
class Posted:
    """A message that came in, believed or not."""

    path: str
    headers: dict[str, str]
    body: bytes
    believed: bool

    @property
    def id(self) -> str:
        """Its name."""
        return self.headers["webhook-id"]

    @property
    def data(self) -> dict[str, Any]:
        """What it says."""
        told: dict[str, Any] = json.loads(self.body)["data"]
        return told

    @property
    def cursors(self) -> list[int]:
        """Of its changes, in their order."""
        return [change["cursor"] for change in self.data.get("changes", [])]


@dataclass
class Receiver:
    """What came in, and how it is answered."""

    url: str = ""
    secret: str = ""
    posted: list[Posted] = field(default_factory=list)
    answer: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0  # before it answers
    before_answer: Callable[[Posted], None] = lambda _: None
    most_at_once: int = 0
    at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def taken(self) -> list[Posted]:
        """The messages that were believed."""
        return [one for one in self.posted if one.believed]

    @property
    def cursors(self) -> list[int]:
        """Of all changes, in the order in which they came."""
        return [cursor for one in self.taken for cursor in one.cursors]

    def verify(self, headers: dict[str, str], body: bytes) -> bool:
        """Whether the library believes a message."""
        try:
            Verifier(self.secret).verify(body, headers)
        except WebhookVerificationError:
            return False
        return True


@contextmanager
def receiving(certificate: Path | None = None) -> Iterator[Receiver]:
    """A receiver, over TLS when a certificate is given (its key is beside it)."""
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Take a message, or not."""
            with told.lock:
                told.at_once += 1
                told.most_at_once = max(told.most_at_once, told.at_once)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            one = Posted(self.path, headers, body, bool(told.secret) and told.verify(headers, body))
            time.sleep(told.seconds)
            told.before_answer(one)
            with told.lock:
                told.posted.append(one)
                told.at_once -= 1
            self.send_response(told.answer if one.believed else 401)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign] # senders that are killed hang up
        if certificate is not None:
            tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            tls.load_cert_chain(certificate, certificate.with_name("key.pem"))
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        told.url = f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}/hook"
        try:
            yield told
        finally:
            server.shutdown()
            thread.join()
