"""Ask an rpps-sync server: the client that waits, and the one for ``async`` programs; both retry and page.

with Client("https://rpps.example.org", key) as client:
    client.practitioner("99900000011").family_name
    for hit in client.search(family="martin", department=["69"]): ...
    client.enrich(identifiers, fields=["profession", "mailbox"])
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Any, Self, TypeVar

import httpx

from rpps_sync.client import calls
from rpps_sync.client.calls import Call
from rpps_sync.client.frames import joined
from rpps_sync.client.results import Change, Enriched, Hit, Match, Practitioner, Verdict
from rpps_sync.errors import NotFound, RppsSyncError

Answer = TypeVar("Answer")
ATTEMPTS = 4
SECONDS = 40.0  # of one request; a long poll takes up to thirty
LONGEST_PAUSE = 30.0  # that the client waits because the server says so
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


class Refused(RppsSyncError):
    """The server refused, with a problem document.

    Attributes:
        status: of the answer.
        document: the problem; ``errors`` names the fields.
    """

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        super().__init__(
            str(document.get("detail", f"HTTP {status}")),
            mend=str(document.get("mend", "")),
            reason=str(document.get("reason", "")),
        )
        self.status = status
        self.document = document


class Unknown(Refused, NotFound):
    """Nobody and nothing answers to that name (404), or not any more (410)."""


class Unreachable(RppsSyncError):
    """No usable answer within the retries."""


class Client:
    """Asks, and waits for the answer.

    Args:
        address: of the server, ``https://…``.
        key: made with ``rpps-sync keys create``.
        transport: another way to send requests, for tests and special networks.
    """

    def __init__(self, address: str, key: str, *, transport: httpx.BaseTransport | None = None) -> None:
        self._http = httpx.Client(**_options(address, key), transport=transport)

    def __enter__(self) -> Self:
        """Usable in a ``with`` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def practitioner(self, identifier: str, *, as_of: str = "") -> Practitioner:
        """One practitioner, now or at a past date (scope ``audit``).

        Raises:
            Unknown: nobody bears the identifier, or not any more.
            Refused: the identifier is malformed, or the key does not open this.
            Unreachable: the server stays away.
        """
        return self.send(calls.practitioner(identifier, as_of))

    def search(self, **wanted: Any) -> Iterator[Hit]:
        """Everybody who answers, page after page: ``q``, ``family``, ``profession``, ``department`` and others."""
        cursor = ""
        while True:
            page = self.send(calls.search(wanted, cursor))
            yield from page.hits
            if not (cursor := page.next):
                return

    def enrich(self, identifiers: Iterable[str], fields: Sequence[str] = ()) -> Iterator[Enriched]:
        """One result for each identifier, in their order, however many there are."""
        for some in calls.batches(identifiers, calls.AT_ONCE):
            yield from self.send(calls.enrich(some, fields))

    def match(self, people: Iterable[Mapping[str, str]]) -> Iterator[Match]:
        """Who is meant by each description: ``family``, ``given``, ``postal_code`` and others."""
        for some in calls.batches(people, calls.MATCHED_AT_ONCE):
            yield from self.send(calls.match(some))

    def changes(self, since: str | int = 0, *, follow: bool = False, **filters: Any) -> Iterator[Change]:
        """What moved since a cursor or a date; ``follow``: for ever, as it moves. Keep the last ``cursor``."""
        while True:
            page = self.send(calls.changes(since, 30 if follow else 0, filters))
            yield from page.changes
            if not page.more and not follow:
                return
            since = page.next

    def verify(self, userinfo: Mapping[str, Any] | str, **tokens: str) -> list[Verdict]:
        """The verdicts on one userinfo, now; the server keeps nothing of it."""
        return self.send(calls.verify(userinfo, tokens))

    def enrich_frame(self, frame: Any, column: str, fields: Sequence[str] = ()) -> Any:
        """A pandas table with columns of the directory added; several values are joined with ``; ``."""
        return joined(frame, self.enrich(frame[column].astype("string").fillna(""), fields))

    def send(self, call: Call[Answer]) -> Answer:
        """Send one request, again when the server is busy or away.

        Raises:
            Refused: the server refused.
            Unreachable: it stays away.
        """
        for attempt in range(ATTEMPTS):
            try:
                answer = self._http.request(call.method, call.path, params=call.params, json=call.body)
            except httpx.TransportError as error:
                _last(attempt, error)
                time.sleep(2.0**attempt / 4)
                continue
            if answer.status_code in _AGAIN and attempt + 1 < ATTEMPTS:
                time.sleep(_pause(answer, attempt))
                continue
            return call.read(_document(answer))
        raise AssertionError  # pragma: no cover - the last attempt returns or raises


class AsyncClient:
    """The same for ``async`` programs."""

    def __init__(self, address: str, key: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._http = httpx.AsyncClient(**_options(address, key), transport=transport)

    async def __aenter__(self) -> Self:
        """Usable in an ``async with`` block."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def practitioner(self, identifier: str, *, as_of: str = "") -> Practitioner:
        """As :meth:`Client.practitioner`."""
        return await self.send(calls.practitioner(identifier, as_of))

    async def search(self, **wanted: Any) -> AsyncIterator[Hit]:
        """As :meth:`Client.search`."""
        cursor = ""
        while True:
            page = await self.send(calls.search(wanted, cursor))
            for hit in page.hits:
                yield hit
            if not (cursor := page.next):
                return

    async def enrich(self, identifiers: Iterable[str], fields: Sequence[str] = ()) -> AsyncIterator[Enriched]:
        """As :meth:`Client.enrich`."""
        for some in calls.batches(identifiers, calls.AT_ONCE):
            for one in await self.send(calls.enrich(some, fields)):
                yield one

    async def match(self, people: Iterable[Mapping[str, str]]) -> AsyncIterator[Match]:
        """As :meth:`Client.match`."""
        for some in calls.batches(people, calls.MATCHED_AT_ONCE):
            for one in await self.send(calls.match(some)):
                yield one

    async def changes(
        self, since: str | int = 0, *, follow: bool = False, **filters: Any
    ) -> AsyncIterator[Change]:
        """As :meth:`Client.changes`."""
        while True:
            page = await self.send(calls.changes(since, 30 if follow else 0, filters))
            for change in page.changes:
                yield change
            if not page.more and not follow:
                return
            since = page.next

    async def verify(self, userinfo: Mapping[str, Any] | str, **tokens: str) -> list[Verdict]:
        """As :meth:`Client.verify`."""
        return await self.send(calls.verify(userinfo, tokens))

    async def send(self, call: Call[Answer]) -> Answer:
        """As :meth:`Client.send`."""
        for attempt in range(ATTEMPTS):
            try:
                answer = await self._http.request(call.method, call.path, params=call.params, json=call.body)
            except httpx.TransportError as error:
                _last(attempt, error)
                await asyncio.sleep(2.0**attempt / 4)
                continue
            if answer.status_code in _AGAIN and attempt + 1 < ATTEMPTS:
                await asyncio.sleep(_pause(answer, attempt))
                continue
            return call.read(_document(answer))
        raise AssertionError  # pragma: no cover - the last attempt returns or raises


def _options(address: str, key: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
    return {"base_url": address.rstrip("/"), "headers": headers, "timeout": SECONDS, "follow_redirects": False}


def _last(attempt: int, error: Exception) -> None:
    if attempt + 1 == ATTEMPTS:
        raise Unreachable(
            f"the server does not answer ({type(error).__name__})", mend="check the address and the way to it"
        ) from error


def _pause(answer: httpx.Response, attempt: int) -> float:
    told = answer.headers.get("retry-after", "")
    return min(float(told), LONGEST_PAUSE) if told.isdecimal() else 2.0**attempt / 4


def _document(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        told = {}
    if answer.is_success and isinstance(told, dict):
        return told
    kind = Unknown if answer.status_code in (404, 410) else Refused
    raise kind(answer.status_code, told if isinstance(told, dict) else {})
