"""What the simulated PSC issuer answers: its discovery document and its public keys.

Both come from files that ``simulate tokens`` writes; the issuer's name stays the one its tokens carry, the
addresses lead to the simulated server. As with the real one, the discovery document is not at the standard path.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

REALM = "/auth/realms/esante-wallet"
DISCOVERY_PATH = f"{REALM}/.well-known/wallet-openid-configuration"
CERTS_PATH = f"{REALM}/protocol/openid-connect/certs"
JWKS_FILE = "jwks.json"
ISSUER_FILE = "issuer.json"  # {"issuer": …}


def answer(folder: Path, path: str, url: str) -> dict[str, Any] | None:
    """The document at a path of the issuer, or None when there is none.

    Args:
        folder: where the files of ``simulate tokens`` lie.
        path: of the request.
        url: where the server listens.
    """
    if not (folder / JWKS_FILE).is_file():
        return None
    if path == CERTS_PATH:
        return _read(folder / JWKS_FILE)
    if path == DISCOVERY_PATH:
        named = _read(folder / ISSUER_FILE) if (folder / ISSUER_FILE).is_file() else {}
        return _discovery(named.get("issuer", url + REALM), url + REALM)
    return None


def _discovery(issuer: str, here: str) -> dict[str, Any]:
    connect = f"{here}/protocol/openid-connect"
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{here}/auth",
        "token_endpoint": f"{connect}/token",
        "introspection_endpoint": f"{connect}/token/introspect",
        "userinfo_endpoint": f"{connect}/userinfo",
        "end_session_endpoint": f"{connect}/logout",
        "jwks_uri": f"{connect}/certs",
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "acr_values_supported": ["0", "0"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["PS384", "RS384", "ES384", "HS256", "RS256", "ES256", "PS256"],
        "scopes_supported": ["openid", "scope_all", "identity", "rpps", "eidas1"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "tls_client_certificate_bound_access_tokens": True,
    }


def _read(file: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return value
