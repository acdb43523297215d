"""Where an application's observations go: a watched folder of this machine, or the API of rpps-sync."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from rpps_sync.errors import UsageError

SOURCE, INBOX, URL, KEY = (f"RPPS_SYNC_CLIENT_{name}" for name in ("SOURCE", "INBOX", "URL", "KEY"))
CLIENT_VARIABLES = (SOURCE, INBOX, URL, KEY)

FILES_WAITING = 10_000  # beyond that nobody takes them in: dropping is better than filling the disk
_SECONDS = 10.0  # for one request
_ATTEMPTS = 3
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


class Undelivered(Exception):
    """Observations could not be handed over; the message says why and repeats nothing of them."""


class Destination(Protocol):
    """Somewhere to hand observations over to."""

    @property
    def linger(self) -> float:
        """Seconds that observations may wait for others to go with them."""

    def deliver(self, lines: Sequence[bytes]) -> None:
        """Hand over observations, one JSON document each.

        Raises:
            Undelivered: they could not be; they are lost.
        """


@dataclass(frozen=True, slots=True)
class Inbox:
    """The watched folder of rpps-sync: one file for each delivery, complete when it appears under its name."""

    folder: Path
    linger: float = 30.0

    def deliver(self, lines: Sequence[bytes]) -> None:
        """Write a file under another name, then give it its own.

        Raises:
            Undelivered: the folder is not there, not writable or overfull, or the disk is full.
        """
        name = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}-{secrets.token_hex(4)}"
        draft = self.folder / f"{name}.part"
        try:
            if sum(1 for _ in os.scandir(self.folder)) >= FILES_WAITING:
                raise Undelivered(f"more than {FILES_WAITING} files wait in the folder")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o660)
            with os.fdopen(descriptor, "wb") as file:
                file.writelines(line + b"\n" for line in lines)
            draft.replace(draft.with_suffix(".jsonl"))
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise Undelivered(error.strerror or "the folder cannot be written") from None


@dataclass(frozen=True, slots=True)
class Api:
    """The address ``/v1/claims`` of rpps-sync, with a key of the scope ``claims``."""

    url: str
    key: str
    linger: float = 2.0  # what is told live must be told at once

    def deliver(self, lines: Sequence[bytes]) -> None:
        """Post an array; tried again when the server is busy or away.

        Raises:
            Undelivered: it was refused, or the server stayed away.
        """
        why = ""
        for attempt in range(_ATTEMPTS):
            time.sleep(attempt)
            why, again = self._posted(b"[" + b",".join(lines) + b"]")
            if not why:
                return
            if not again:
                break
        raise Undelivered(why)

    def _posted(self, body: bytes) -> tuple[str, bool]:
        """Why a request failed, or nothing, and whether trying again may help."""
        import httpx  # noqa: PLC0415 - nobody who writes to a folder needs it

        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        try:
            answer = httpx.post(self.url, content=body, headers=headers, timeout=_SECONDS, follow_redirects=False)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__, True
        return ("", False) if answer.is_success else (f"HTTP {answer.status_code}", answer.status_code in _AGAIN)


def destination(inbox: str | Path = "", url: str = "", key: str = "") -> Destination:
    """A folder, or the address of the API and its key.

    Raises:
        UsageError: neither of the two, both, an address that would show the key, or no key.
    """
    if bool(inbox) is bool(url):
        raise UsageError(
            "observations need one place to go: a folder or an address", mend=f"set {INBOX}, or {URL} and {KEY}"
        )
    if inbox:
        return Inbox(Path(inbox))
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise UsageError("the key must not travel in clear", mend=f"give {URL} an https address")
    if not key:
        raise UsageError("the address of the API needs a key", mend=f"set {KEY}")
    return Api(url, key)


def from_environment(environment: Mapping[str, str]) -> tuple[str, Destination]:
    """The application's name and the destination that the variables describe.

    Raises:
        UsageError: they do not describe any.
    """
    given = [environment.get(name, "") for name in CLIENT_VARIABLES]
    source, inbox, url, key = given
    if not source:
        raise UsageError("the observing application has no name", mend=f"set {SOURCE}")
    return source, destination(inbox, url, key)


def as_line(observation: Mapping[str, object]) -> bytes:
    """One observation as a JSON document on one line."""
    return json.dumps(observation, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
