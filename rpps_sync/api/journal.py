"""What surrounds each request: limits of size and time, headers of security, the access log and the counters.

The log line of a request has its route (``/v1/practitioners/{id}``), never its path or its query; whom it was
about is told under a pseudonym (:mod:`rpps_sync.api.pseudonyms`), and who asked by the id of the key.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rpps_sync.api import access_log, problems
from rpps_sync.api.problems import Problem
from rpps_sync.api.pseudonyms import pseudonym

BODY_BYTES = 16 * 1024 * 1024
BODY_SECONDS = 30.0  # for a whole body to arrive
QUERY_BYTES = 4096  # of a query string
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})  # asked every few seconds by machines
Count = Callable[[str, str, int, float], None]


class Journal:
    """The outermost layer of the application.

    Args:
        app: what is inside.
        count: told the route, the method, the status and the seconds of each request.
        secret: of the pseudonyms.
    """

    def __init__(self, app: ASGIApp, count: Count, secret: bytes) -> None:
        self._app = app
        self._count = count
        self._secret = secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, and write down what became of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        entry = _Entry(scope, send)
        try:
            _refuse_unusable(scope)
            await self._app(scope, _bounded(receive), entry.send)
        except Problem as error:
            if not entry.status:
                told = problems.response(error.status, error.reason, error.detail, mend=error.mend)
                await told(scope, receive, entry.send)
        finally:
            self._write(scope, entry)

    def _write(self, scope: Scope, entry: _Entry) -> None:
        seconds = time.perf_counter() - entry.began
        route = getattr(scope.get("route"), "path", "") or "(none)"
        status = entry.status or 499  # the client left first
        method = scope["method"] if scope["method"] in METHODS else "OTHER"  # a client may invent any
        self._count(route, method, status, seconds)
        if route in QUIET and status < 400:
            return
        state = scope.get("state", {})
        key, subject = state.get("key"), state.get("subject")
        told: dict[str, Any] = {"subject": pseudonym(self._secret, subject)} if subject else {}
        access_log.write(
            entry.id,
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
            bytes=entry.bytes,
            key_id=key.id if key else None,
            client=access_log.address_of((scope.get("client") or ("",))[0]),
            **told,
        )


class _Entry:
    """One request as it goes by."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.id = secrets.token_hex(8)
        self.began = time.perf_counter()
        self.status = 0
        self.bytes = 0
        self._send = send
        scope.setdefault("state", {})["request_id"] = self.id

    async def send(self, message: Message) -> None:
        """Hand a part of the answer on, with the headers that all answers have."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message["headers"], *HEADERS, (b"x-request-id", self.id.encode())]
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
        await self._send(message)


def _refuse_unusable(scope: Scope) -> None:
    if len(scope["query_string"]) > QUERY_BYTES:
        told = f"the query is longer than {QUERY_BYTES} bytes"
        raise Problem(414, "query-too-long", told, mend="ask for less at once")
    if b"%00" in scope["query_string"] or "\x00" in scope["path"]:
        raise Problem(422, "nul", "the address holds a NUL character", mend="leave it out")


def _bounded(receive: Receive) -> Receive:
    """The same, with one deadline and one limit of size for all of the body."""
    deadline = time.monotonic() + BODY_SECONDS
    arrived, size = False, 0

    async def receive_bounded() -> Message:
        nonlocal arrived, size
        if arrived:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), max(0.0, deadline - time.monotonic()))
        except TimeoutError as error:
            told = f"the body did not arrive within {BODY_SECONDS:g} seconds"
            raise Problem(408, "too-slow", told, mend="try again") from error
        size += len(message.get("body", b""))
        if size > BODY_BYTES:
            told = f"the body has more than {BODY_BYTES} bytes"
            raise Problem(413, "too-large", told, mend="send it in several parts")
        arrived = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    return receive_bounded
