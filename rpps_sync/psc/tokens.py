"""Verifying what the Pro Santé Connect issuer signed.

RS256 only, whatever the token's header wishes; the key is found by its id in the issuer's own key set, and
addresses or keys inside the header (``jku``, ``x5u``, ``jwk``) are never looked at. Times are judged at a
*given instant*: now for a token presented now, ``observed_at`` for an observation read from a file, since a
token lives two minutes and a file is taken in hours later. Nothing of a token is repeated in a message, a log
or an exception's chain: refusals are raised outside any ``except`` block, so that not even their context holds
a library's error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import RSAKey

from rpps_sync.errors import TokenRefused, UsageError
from rpps_sync.limits import LIMITS
from rpps_sync.psc.keys import Keys

ALGORITHM = "RS256"

_LATEST = 253_402_300_799  # the last second of the year 9999; NaN and infinities are beyond it too


class TokenKind(StrEnum):
    """What the issuer signs."""

    ID = "id_token"  # for the application: `aud` names it
    ACCESS = "access_token"  # for the resource: no `aud`, `azp` names the application
    USERINFO = "userinfo"  # the signed form of the userinfo answer; it may carry no time


@dataclass(frozen=True, slots=True)
class Verifier:
    """What a token must satisfy to be believed."""

    issuer: str
    client_id: str
    keys: Keys

    def verify(self, token: str, *, at: datetime, kind: TokenKind | None = None) -> Mapping[str, Any]:
        """Check signature, issuer, audience and times.

        Args:
            token: compact JWS.
            at: the instant at which it was presented.
            kind: what it must be; when None, an access token if it says so itself, else an ID token.

        Returns:
            The claims of the token.

        Raises:
            TokenRefused: with ``reason`` one of ``too-large``, ``malformed``, ``alg-not-allowed``,
                ``crit-not-allowed``, ``no-kid``, ``unknown-key``, ``bad-signature``, ``wrong-issuer``,
                ``wrong-audience``, ``wrong-type``, ``no-subject``, ``no-expiry``, ``expired``,
                ``from-the-future``.
            UsageError: no client id is configured, so that no audience can be checked.
            PublisherUnreachable: the issuer's keys cannot be read.
        """
        if not self.client_id:
            raise UsageError(
                "tokens cannot be checked: whose application they are for is not configured",
                mend="set RPPS_SYNC_PSC_CLIENT_ID",
                reason="no-client-id",
            )
        claims = _signed_claims(token, self._key(token))
        self._check_parties(claims, kind or kind_of(claims))
        _check_times(claims, at.timestamp(), needed=kind is not TokenKind.USERINFO)
        return claims

    def _key(self, token: str) -> RSAKey:
        header = _header(token)
        if header.get("alg") != ALGORITHM:
            raise _refused("alg-not-allowed", f"the token is not signed with {ALGORITHM}")
        if "crit" in header or "b64" in header:
            raise _refused("crit-not-allowed", "the token asks for an extension that is not supported")
        kid = header.get("kid")
        if not isinstance(kid, str) or not kid:
            raise _refused("no-kid", "the token does not name its key")
        return self.keys.find(kid)

    def _check_parties(self, claims: Mapping[str, Any], kind: TokenKind) -> None:
        if claims.get("iss") != self.issuer:
            raise _refused("wrong-issuer", "the token comes from another issuer")
        if (claims.get("typ") == "Bearer") is not (kind is TokenKind.ACCESS):
            raise _refused("wrong-type", f"this is not an {kind}")
        if self.client_id not in _audience(claims, kind):
            raise _refused("wrong-audience", "the token was made for another application")
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise _refused("no-subject", "the token names no subject")


def kind_of(claims: Mapping[str, Any]) -> TokenKind:
    """What a token says it is."""
    return TokenKind.ACCESS if claims.get("typ") == "Bearer" else TokenKind.ID


def same_subject(token: Mapping[str, Any], userinfo: Mapping[str, Any]) -> None:
    """Check that a token and a userinfo speak of the same person (OpenID Connect Core 5.3.2).

    Raises:
        TokenRefused: ``sub-mismatch``.
    """
    if not userinfo.get("sub") or token.get("sub") != userinfo["sub"]:
        raise _refused("sub-mismatch", "the token and the userinfo have different subjects")
    for name in ("SubjectNameID", "preferred_username"):
        if token.get(name) and userinfo.get(name) and token[name] != userinfo[name]:
            raise _refused("sub-mismatch", f"the token and the userinfo have a different {name}")


def is_test_bed(issuer: str) -> bool:
    """Whether an issuer is the ANS sandbox (bac à sable): its people are invented."""
    return "bas" in (urlsplit(issuer).hostname or "").split(".")


def _header(token: str) -> Mapping[str, Any]:
    if len(token) > LIMITS.token_bytes:
        raise _refused("too-large", f"the token is longer than {LIMITS.token_bytes} bytes")
    header: Mapping[str, Any] | None = None
    if token.isascii():
        try:
            header = jws.extract_compact(token.encode()).headers()
        except (JoseError, ValueError):
            header = None
    if header is None:
        raise _refused("malformed", "this is not a compact signed token")
    return header


def _signed_claims(token: str, key: RSAKey) -> Mapping[str, Any]:
    claims: Mapping[str, Any] | None = None
    reason = "malformed"
    try:
        claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
    except BadSignatureError:
        reason = "bad-signature"
    except (JoseError, ValueError, RecursionError):
        reason = "malformed"
    if not isinstance(claims, dict):
        raise _refused(reason, "the signature of the token does not hold, or nothing readable is signed")
    return claims


def _audience(claims: Mapping[str, Any], kind: TokenKind) -> list[Any]:
    audience = claims.get("azp" if kind is TokenKind.ACCESS else "aud")
    return audience if isinstance(audience, list) else [audience]


def _check_times(claims: Mapping[str, Any], at: float, *, needed: bool) -> None:
    expiry = _instant(claims, "exp")
    if expiry is None and needed:
        raise _refused("no-expiry", "the token does not say when it expires")
    if expiry is not None and at > expiry + LIMITS.leeway_seconds:
        raise _refused("expired", "the token had expired when it was presented")
    for name in ("iat", "nbf"):
        start = _instant(claims, name)
        if start is not None and at < start - LIMITS.leeway_seconds:
            raise _refused("from-the-future", "the token was presented before it was issued")


def _instant(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LATEST:
        raise _refused("malformed", f"{name} is not a number of seconds")
    return value


def _refused(reason: str, what: str) -> TokenRefused:
    return TokenRefused(what, mend="ask the application for a fresh sign-in and its userinfo", reason=reason)
