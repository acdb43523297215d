"""A compact JWS taken apart, more strictly than the standard asks: one reading of a token, or none.

Two parsers that read the same bytes differently are how forged tokens pass, so whatever leaves room for it is
refused before any key is looked for: another serialization, white space, duplicate names, not-a-number
values, extensions (``crit``, ``b64``, ``zip``) and keys or addresses of keys inside the header.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.jws import deserialize_compact
from joserfc.util import urlsafe_b64decode

from rpps_sync.errors import TokenRefused
from rpps_sync.limits import LIMITS

ALGORITHM = "RS256"

_ENCRYPTED = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){4}")  # five parts: JWE
_UNSIGNED = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.")
_SIGNED = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_EXTENSIONS = frozenset({"crit", "b64", "zip"})
_KEYS_IN_HEADER = frozenset({"jku", "jwk", "x5u", "x5c"})


class _Repeated(ValueError):
    """A name stands twice in one JSON object."""


def refused(reason: str, what: str) -> TokenRefused:
    """A refusal in words that repeat nothing of the token."""
    return TokenRefused(what, mend="ask the application for a fresh sign-in and its userinfo", reason=reason)


def key_id(token: str) -> str:
    """The id of the key that a token says it is signed with, once its shape and header are found acceptable.

    Raises:
        TokenRefused: ``too-large``, ``encrypted``, ``no-signature``, ``malformed``, ``duplicate-names``,
            ``alg-not-allowed``, ``crit-not-allowed``, ``key-in-header``, ``wrong-type`` or ``no-kid``.
    """
    if len(token) > LIMITS.token_bytes:
        raise refused("too-large", f"the token is longer than {LIMITS.token_bytes} bytes")
    if not _SIGNED.fullmatch(token):
        raise _not_compact(token)
    header = _json(token[: token.index(".")].encode(), LIMITS.token_header_bytes)
    if header.get("alg") != ALGORITHM:
        raise refused("alg-not-allowed", f"the token is not signed with {ALGORITHM}")
    if not _EXTENSIONS.isdisjoint(header):
        raise refused("crit-not-allowed", "the token asks for an extension that is not supported")
    if not _KEYS_IN_HEADER.isdisjoint(header):
        raise refused("key-in-header", "the token brings a key, or the address of one, in its header")
    if header.get("typ", "JWT") != "JWT":
        raise refused("wrong-type", "the header of the token says it is something else")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise refused("no-kid", "the token does not name its key")
    return kid


def signed_claims(token: str, key: RSAKey) -> Mapping[str, Any]:
    """The claims of a token whose shape was found acceptable, once its signature holds.

    Raises:
        TokenRefused: ``bad-signature``, ``too-large``, ``malformed`` or ``duplicate-names``.
    """
    holds = False
    try:
        deserialize_compact(token, key, algorithms=[ALGORITHM])
        holds = True
    except (JoseError, ValueError):
        holds = False
    if not holds:  # raised here, so that the context of the refusal holds no error of a library
        raise refused("bad-signature", "the signature of the token does not hold")
    return _json(token.split(".", 2)[1].encode(), LIMITS.token_bytes)


def _not_compact(token: str) -> TokenRefused:
    if _ENCRYPTED.fullmatch(token):
        return refused("encrypted", "the token is encrypted: only signed ones can be read")
    if _UNSIGNED.fullmatch(token):
        return refused("no-signature", "the token carries no signature")
    return refused("malformed", "this is not a compact signed token")


def _json(segment: bytes, limit: int) -> dict[str, Any]:
    """The JSON object of one part of a token, read in the one way that nobody can read differently."""
    if len(segment) > limit:
        raise refused("too-large", f"a part of the token is longer than {limit} bytes")
    value: Any = None
    reason = "malformed"
    try:
        value = _DECODER.decode(urlsafe_b64decode(segment).decode())
    except _Repeated:
        reason = "duplicate-names"
    except (ValueError, RecursionError):
        reason = "malformed"
    if not isinstance(value, dict):
        raise refused(reason, "a part of the token is no JSON object, or can be read in two ways")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _Repeated
    return value


def _no_number(_: str) -> NoReturn:
    raise ValueError("NaN and infinities are no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number)
