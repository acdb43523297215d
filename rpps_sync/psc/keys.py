"""The issuer's public keys: read once, read again when a token names a key nobody knows yet.

The key set comes from the address or the file in the settings, never from anything a token says. It is read
again for an unknown key at most every ``LIMITS.key_refresh_seconds``, so that forged tokens cannot make us
hammer the issuer; the last good set is kept when the issuer does not answer, and whoever brings a key of it
does not wait for the answer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from rpps_sync.errors import PublisherUnreachable, RppsSyncError, TokenRefused
from rpps_sync.limits import LIMITS
from rpps_sync.psc import discovery, documents

_LEAST_BITS = 2048


class Keys:
    """The signing keys of one issuer, by key id; safe to share between threads.

    Args:
        location: an https address (http on loopback only) or a file, of a JWKS or of the issuer's description;
            when empty, the issuer is asked where its keys are.
        issuer: whose keys.
        clock: seconds that never go back; replaced in tests.

    Raises:
        UsageError: the location is neither an address that may be asked nor a file.
    """

    def __init__(self, location: str, *, issuer: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        documents.check_location(location or issuer)
        self._location, self._issuer = location, issuer
        self._clock = clock
        self._keys: dict[str, RSAKey] = {}
        self._tried_at = float("-inf")
        self._failure: RppsSyncError | None = None
        self._alone = threading.Lock()

    def find(self, kid: str) -> RSAKey:
        """The key of that id.

        Raises:
            TokenRefused: ``unknown-key``, the issuer does not sign with such a key.
            PublisherUnreachable: no key set could be read yet.
            UsageError: the key set's file is missing or is no key set.
        """
        if not self._fresh_enough(kid):
            with self._alone:  # whoever has a known key does not wait for an issuer that hangs
                if not self._fresh_enough(kid):
                    self._refresh()
        keys, failure = self._keys, self._failure
        if not keys and failure is not None:
            raise failure
        key = keys.get(kid)
        if key is None:
            raise TokenRefused(
                "the token is signed with a key the issuer does not publish",
                mend="if the issuer has just changed its keys, take the same file in again",
                reason="unknown-key",
            )
        return key

    def _fresh_enough(self, kid: str) -> bool:
        age = self._clock() - self._tried_at
        return age < (LIMITS.key_set_seconds if kid in self._keys else LIMITS.key_refresh_seconds)

    def _refresh(self) -> None:
        failure = None
        try:
            self._keys = signing_keys(discovery.key_set(self._location, self._issuer))
        except RppsSyncError as error:
            failure = error
        self._failure, self._tried_at = failure, self._clock()


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
