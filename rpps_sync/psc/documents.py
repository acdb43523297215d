"""Small JSON documents of the issuer, at an https address or in a file; bounded in size and time."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from rpps_sync.errors import PublisherUnreachable, UsageError
from rpps_sync.limits import LIMITS

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_MEND = (
    "check RPPS_SYNC_PSC_ISSUER and RPPS_SYNC_PSC_JWKS_URL, then take the same file in again: "
    "lines already kept count once"
)


def is_address(location: str) -> bool:
    """Whether a location is an address that may be asked: https, or http on loopback."""
    try:
        parts = urlsplit(location)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))


def same_place(left: str, right: str) -> bool:
    """Whether two addresses have the same scheme, host and port."""
    return urlsplit(left)[:2] == urlsplit(right)[:2]


def check_location(location: str) -> None:
    """Refuse a place that keys must not come from.

    Raises:
        UsageError: neither an address that may be asked, nor a file.
    """
    if not is_address(location) and _file(location) is None:
        raise UsageError(
            "the key set must be an https address or a file",
            mend="set RPPS_SYNC_PSC_JWKS_URL",
            reason="jwks-location",
        )


def read(location: str) -> Any:
    """The JSON document at an address or in a file.

    Raises:
        PublisherUnreachable: no usable answer.
        UsageError: the file is missing, or this is no place that may be asked.
    """
    check_location(location)
    file = _file(location)
    body = _from_file(file) if file else _from_address(location)
    if len(body) > LIMITS.key_set_bytes:
        raise unusable(location, f"more than {LIMITS.key_set_bytes} bytes")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise unusable(location, "not JSON") from error


def unusable(location: str, why: str) -> PublisherUnreachable:
    """What to say when the issuer's document cannot be used."""
    return PublisherUnreachable(
        f"the key set of the issuer at {location} cannot be used: {why}", mend=_MEND, reason="no-keys"
    )


def _file(location: str) -> Path | None:
    parts = urlsplit(location)
    return Path(parts.path) if parts.scheme in ("", "file") and not parts.netloc and parts.path else None


def _from_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LIMITS.key_set_bytes + 1)
    except OSError as error:
        raise UsageError(
            f"the key set {path} cannot be read: {error.strerror}", mend="check RPPS_SYNC_PSC_JWKS_URL"
        ) from error


def _from_address(address: str) -> bytes:
    timeout = httpx.Timeout(LIMITS.read_seconds, connect=LIMITS.connect_seconds)
    deadline = time.monotonic() + LIMITS.connect_seconds + LIMITS.read_seconds
    plain = {"Accept": "application/json", "Accept-Encoding": "identity"}  # the bytes counted are those read
    body = bytearray()
    try:
        with httpx.stream("GET", address, headers=plain, timeout=timeout, follow_redirects=False) as answer:
            status = answer.status_code
            for chunk in answer.iter_raw() if status == httpx.codes.OK else ():
                body += chunk
                if len(body) > LIMITS.key_set_bytes:
                    break
                if time.monotonic() > deadline:
                    raise unusable(address, "the answer does not end")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise unusable(address, type(error).__name__) from error
    if status != httpx.codes.OK:
        raise unusable(address, f"HTTP {status}")
    return bytes(body)
