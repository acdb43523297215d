"""What an identity provider says of somebody, and what that opens; Streamlit's login made from our settings."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rpps_sync.directory.api_keys import IMPLIED, KeyScope
from rpps_sync.errors import UsageError
from rpps_sync.settings import Settings

PROVIDER = "oidc"  # the name of its section in Streamlit's secrets
_PSC_DISCOVERY = "/.well-known/wallet-openid-configuration"  # where Pro Santé Connect alone describes itself
_PSC = ("openid scope_all", "eidas1")
_NAMES = ("name", "email", "preferred_username", "sub")


def scopes_of(claims: Mapping[str, Any], people: Mapping[str, Sequence[str]]) -> frozenset[KeyScope]:
    """What is opened to somebody.

    Args:
        claims: of their ID token.
        people: scopes by ``claim:value``; a claim may lie deeper (``realm_access.roles:dsi``) and hold a list.
    """
    opened = (KeyScope(scope) for who, scopes in people.items() if _is(claims, who) for scope in scopes)
    return frozenset[KeyScope]().union(*(IMPLIED[scope] for scope in opened))


def _is(claims: Mapping[str, Any], who: str) -> bool:
    name, _, value = who.partition(":")
    if name == "email" and claims.get("email_verified") is False:  # anybody may type anybody's address
        return False
    found: Any = claims.get(name)
    if found is None:
        found = claims
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    told = {str(one) for one in (found if isinstance(found, list) else [found]) if one is not None}
    if name == "email":
        return value.casefold() in {one.casefold() for one in told}
    return value in told


def name_of(claims: Mapping[str, Any]) -> str:
    """Under which name somebody acts: the first that the provider gives."""
    return next((str(claims[name]) for name in _NAMES if claims.get(name)), "?")


def is_psc(settings: Settings) -> bool:
    """Whether the provider is Pro Santé Connect."""
    return settings.dashboard_oidc_url.endswith(_PSC_DISCOVERY)


def login_section(settings: Settings, address: str) -> dict[str, Any]:
    """Streamlit's ``[auth]`` secrets: the provider, where it sends people back, and the secret of its cookies.

    Args:
        settings: ``DASHBOARD_OIDC_*``.
        address: where people open the dashboard (``https://annuaire.chu.example``).

    Raises:
        UsageError: something that the provider must be told is missing.
    """
    if missing := [*_missing(settings)]:
        raise UsageError(
            f"signing in with OIDC needs {', '.join(missing)}",
            mend="register this dashboard at the identity provider, then set what it gave (docs/dashboard.md)",
            reason="oidc-settings",
        )
    scope, acr = _PSC if is_psc(settings) else ("openid email profile", "")
    acr = settings.dashboard_oidc_acr or acr
    return {
        "redirect_uri": f"{address}/oauth2callback",
        "cookie_secret": secrets.token_urlsafe(32),
        PROVIDER: {
            "client_id": settings.dashboard_oidc_client_id,
            "client_secret": settings.dashboard_oidc_client_secret.get_secret_value(),
            "server_metadata_url": settings.dashboard_oidc_url,
            "client_kwargs": {"scope": settings.dashboard_oidc_scope or scope},
            "authorize_params": {"acr_values": acr} if acr else {},
        },
    }


def _missing(settings: Settings) -> Iterator[str]:
    given = {
        "DASHBOARD_OIDC_URL": settings.dashboard_oidc_url,
        "DASHBOARD_OIDC_CLIENT_ID": settings.dashboard_oidc_client_id,
        "DASHBOARD_OIDC_CLIENT_SECRET": settings.dashboard_oidc_client_secret.get_secret_value(),
        "DASHBOARD_PEOPLE": settings.dashboard_people,
    }
    return (name for name, value in given.items() if not value)
