"""Verifying what the Pro Santé Connect issuer signed.

RS256 only, whatever the token's header wishes; the key is found by its id in the issuer's own key set. Times are
judged at a *given instant*: now for a token presented now, ``observed_at`` for an observation read from a file,
since a token lives two minutes and a file is taken in hours later. Nothing of a token is repeated in a message, a
log or an exception's chain: refusals are raised outside any ``except`` block, so that not even their context
holds a library's error. The ``nonce`` is not looked at: only the application that asked for the token knows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from rpps_sync.errors import UsageError
from rpps_sync.limits import LIMITS
from rpps_sync.psc.compact import key_id, refused, signed_claims
from rpps_sync.psc.keys import Keys

_LATEST = 253_402_300_799  # the last second of the year 9999; NaN and infinities are beyond it too


class TokenKind(StrEnum):
    """What the issuer signs."""

    ID = "id_token"  # for the application: `aud` names it
    ACCESS = "access_token"  # for the resource: no `aud`, `azp` names the application
    USERINFO = "userinfo"  # the signed form of the userinfo answer; it may carry no time


_TYPES = {  # what the claim `typ` may say; an ID token may leave it out, a userinfo has none
    TokenKind.ID: ("ID", None),
    TokenKind.ACCESS: ("Bearer",),
    TokenKind.USERINFO: (None,),
}


@dataclass(frozen=True, slots=True)
class Verifier:
    """What a token must satisfy to be believed.

    Attributes:
        issuer: whose tokens, exactly as they spell it.
        client_id: whom tokens are for, at applications that ``clients`` does not name; may be empty.
        keys: those of the issuer.
        clients: the client ids of each application that has its own.
    """

    issuer: str
    client_id: str
    keys: Keys
    clients: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def verify(
        self, token: str, *, at: datetime, kind: TokenKind | None = None, application: str = ""
    ) -> Mapping[str, Any]:
        """Check signature, issuer, audience and times.

        Args:
            token: compact JWS.
            at: the instant at which it was presented.
            kind: what it must be; when None, an access token if it says so itself, else an ID token.
            application: the observing application, whose client the token must be for; when empty, any of ours.

        Returns:
            The claims of the token.

        Raises:
            TokenRefused: with ``reason`` one of those of :mod:`rpps_sync.psc.compact`, or ``unknown-key``,
                ``unknown-application``, ``wrong-issuer``, ``test-bed-issuer``, ``wrong-type``,
                ``wrong-audience``, ``untrusted-audience``, ``no-subject``, ``no-issue-time``, ``no-expiry``,
                ``expired``, ``from-the-future``.
            UsageError: no client id is configured, so that no audience can be checked.
            PublisherUnreachable: the issuer's keys cannot be read.
        """
        clients = self._clients(application)
        claims = signed_claims(token, self.keys.find(key_id(token)))
        self._check_issuer(claims)
        kind = kind or kind_of(claims)
        if claims.get("typ") not in _TYPES[kind]:
            raise refused("wrong-type", f"this is not an {kind}")
        _check_audience(claims, kind, clients)
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise refused("no-subject", "the token names no subject")
        _check_times(claims, at.timestamp(), needed=kind is not TokenKind.USERINFO)
        return claims

    def _clients(self, application: str) -> frozenset[str]:
        every = frozenset(filter(None, (self.client_id, *(own for ids in self.clients.values() for own in ids))))
        if not every:
            raise UsageError(
                "tokens cannot be checked: whose application they are for is not configured",
                mend="set RPPS_SYNC_PSC_CLIENT_ID, or RPPS_SYNC_PSC_CLIENTS for several applications",
                reason="no-client-id",
            )
        own = frozenset(self.clients.get(application, (self.client_id,) if self.client_id else ()))
        if application and not own:
            raise refused("unknown-application", "no client id is configured for this application")
        return own if application else every

    def _check_issuer(self, claims: Mapping[str, Any]) -> None:
        issuer = claims.get("iss")
        if issuer == self.issuer:
            return
        if isinstance(issuer, str) and is_test_bed(issuer):
            raise refused("test-bed-issuer", "the token comes from the sandbox, whose people are invented")
        raise refused("wrong-issuer", "the token comes from another issuer")


def kind_of(claims: Mapping[str, Any]) -> TokenKind:
    """What a token says it is."""
    return TokenKind.ACCESS if claims.get("typ") == "Bearer" else TokenKind.ID


def same_subject(token: Mapping[str, Any], userinfo: Mapping[str, Any]) -> None:
    """Check that a token and a userinfo speak of the same person (OpenID Connect Core 5.3.2).

    Raises:
        TokenRefused: ``sub-mismatch``.
    """
    if not userinfo.get("sub") or token.get("sub") != userinfo["sub"]:
        raise refused("sub-mismatch", "the token and the userinfo have different subjects")
    for name in ("SubjectNameID", "preferred_username"):
        if token.get(name) and userinfo.get(name) and token[name] != userinfo[name]:
            raise refused("sub-mismatch", f"the token and the userinfo have a different {name}")


def is_test_bed(issuer: str) -> bool:
    """Whether an issuer is the ANS sandbox (bac à sable): its people are invented."""
    try:
        return "bas" in (urlsplit(issuer).hostname or "").split(".")
    except ValueError:
        return False


def _check_audience(claims: Mapping[str, Any], kind: TokenKind, clients: frozenset[str]) -> None:
    """Core 3.1.3.7: the client is an audience, the only one, and the authorised party where one is named."""
    party, audience = claims.get("azp"), claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    texts = {name for name in named if isinstance(name, str)}
    if kind is TokenKind.ACCESS:
        if not isinstance(party, str) or party not in clients:
            raise refused("wrong-audience", "the token was made for another application")
        return
    if not texts & clients:
        raise refused("wrong-audience", "the token was made for another application")
    if len(named) > 1 or (party is not None and party not in texts):
        raise refused("untrusted-audience", "the token was made for other applications too")


def _check_times(claims: Mapping[str, Any], at: float, *, needed: bool) -> None:
    expiry, issued, start = (_instant(claims, name) for name in ("exp", "iat", "nbf"))
    if expiry is None and needed:
        raise refused("no-expiry", "the token does not say when it expires")
    if issued is None and needed:
        raise refused("no-issue-time", "the token does not say when it was issued")
    if expiry is not None and at > expiry + LIMITS.leeway_seconds:
        raise refused("expired", "the token had expired when it was presented")
    if max(issued or 0, start or 0) - LIMITS.leeway_seconds > at:
        raise refused("from-the-future", "the token was presented before it was issued")


def _instant(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LATEST:
        raise refused("malformed", f"{name} is not a number of seconds")
    return value
