"""The issuer's public keys: read once, read again when a token names a key nobody knows yet.

The key set comes from the address or the file in the settings, never from anything a token says. It is read
again for an unknown key at most every ``LIMITS.key_refresh_seconds``, so that forged tokens cannot make us
hammer the issuer; and the last good set is kept when the issuer does not answer.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from rpps_sync.errors import PublisherUnreachable, RppsSyncError, TokenRefused, UsageError
from rpps_sync.limits import LIMITS

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_LEAST_BITS = 2048


class Keys:
    """The signing keys of one issuer, by key id.

    Args:
        location: an https address (http on loopback only), or the path of a JWKS file.
        clock: seconds that never go back; replaced in tests.
    """

    def __init__(self, location: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._read = _reader(location)
        self._clock = clock
        self._keys: dict[str, RSAKey] = {}
        self._read_at: float | None = None

    def find(self, kid: str) -> RSAKey:
        """The key of that id.

        Raises:
            TokenRefused: ``unknown-key``, the issuer does not sign with such a key.
            PublisherUnreachable: no key set could be read yet.
            UsageError: the key set's file is missing or is no key set.
        """
        if kid not in self._keys and self._may_read():
            self._refresh()
        if kid not in self._keys:
            raise TokenRefused("the token is signed with a key the issuer does not publish", reason="unknown-key")
        return self._keys[kid]

    def _may_read(self) -> bool:
        return self._read_at is None or self._clock() - self._read_at >= LIMITS.key_refresh_seconds

    def _refresh(self) -> None:
        try:
            keys = signing_keys(self._read())
        except RppsSyncError:
            if not self._keys:
                raise
        else:
            self._keys = keys
        self._read_at = self._clock()


def signing_keys(document: Any) -> dict[str, RSAKey]:
    """The keys of a JWKS that may sign a token: RSA of 2048 bits or more, for signatures, with an id.

    Raises:
        PublisherUnreachable: the document is no key set, or holds no such key.
    """
    listed = document.get("keys") if isinstance(document, dict) else None
    usable = [item for item in listed if _may_sign(item)] if isinstance(listed, list) else []
    keys = {item["kid"]: key for item in usable if (key := _imported(item)) is not None}
    if not keys:
        raise PublisherUnreachable(
            "the key set of the issuer holds no RSA signing key",
            mend="check RPPS_SYNC_PSC_JWKS_URL",
            reason="no-keys",
        )
    return keys


def _may_sign(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and item.get("kty") == "RSA"
        and item.get("use") == "sig"
        and item.get("alg", "RS256") == "RS256"
        and isinstance(item.get("kid"), str)
        and item["kid"] != ""
    )


def _imported(item: Mapping[str, Any]) -> RSAKey | None:
    public = {name: item[name] for name in ("kty", "n", "e", "kid", "use") if name in item}
    if not isinstance(public.get("n"), str) or len(public["n"]) * 6 < _LEAST_BITS:
        return None
    try:
        return RSAKey.import_key(public)
    except (JoseError, ValueError):
        return None  # one damaged key must not hide the good ones beside it


def _reader(location: str) -> Callable[[], Any]:
    parts = urlsplit(location)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return lambda: _from_address(location)
    if parts.scheme in ("", "file") and parts.path:
        return lambda: _from_file(Path(parts.path))
    raise UsageError(
        "the key set must be an https address or a file", mend="set RPPS_SYNC_PSC_JWKS_URL", reason="jwks-location"
    )


def _from_file(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            body = file.read(LIMITS.key_set_bytes + 1)
    except OSError as error:
        raise UsageError(
            f"the key set {path} cannot be read: {error.strerror}", mend="check RPPS_SYNC_PSC_JWKS_URL"
        ) from error
    return _decoded(body, str(path))


def _from_address(address: str) -> Any:
    timeout = httpx.Timeout(LIMITS.read_seconds, connect=LIMITS.connect_seconds)
    body = bytearray()
    try:
        with httpx.stream("GET", address, timeout=timeout, follow_redirects=False) as answer:
            status = answer.status_code
            for chunk in answer.iter_bytes() if status == httpx.codes.OK else ():
                body += chunk
                if len(body) > LIMITS.key_set_bytes:
                    break
    except httpx.HTTPError as error:
        raise _unreachable(address, type(error).__name__) from error
    if status != httpx.codes.OK:
        raise _unreachable(address, f"HTTP {status}")
    return _decoded(bytes(body), address)


def _decoded(body: bytes, location: str) -> Any:
    if len(body) > LIMITS.key_set_bytes:
        raise _unreachable(location, f"more than {LIMITS.key_set_bytes} bytes")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _unreachable(location, "not JSON") from error


def _unreachable(location: str, why: str) -> PublisherUnreachable:
    return PublisherUnreachable(
        f"the key set of the issuer at {location} cannot be used: {why}",
        mend="check RPPS_SYNC_PSC_JWKS_URL, then take the same file in again: lines already kept count once",
        reason="no-keys",
    )
