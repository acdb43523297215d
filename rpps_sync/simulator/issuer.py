"""The simulated PSC issuer: its keys, and the ID tokens it signs.

Keys are made anew each time, so signatures differ from run to run where everything else is the same for a seed.
There are two of them, as after a rotation; only the public halves are ever written.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

DEFAULT_ISSUER = "https://psc.simulator.invalid/auth/realms/esante-wallet"
DEFAULT_CLIENT_ID = "rpps-sync-demo"
ALGORITHM = "RS256"
_LIFE_SECONDS = 120  # as in production: two minutes
_BITS = 2048
_CLAIMS = ("SubjectNameID", "preferred_username", "given_name", "family_name", "authMode")


@dataclass(frozen=True, slots=True)
class Issuer:
    """Signs for one client; ``keys[0]`` was replaced by ``keys[1]`` along the way."""

    name: str
    client_id: str
    keys: tuple[RSAKey, RSAKey]

    def jwks(self) -> dict[str, Any]:
        """The public keys."""
        return dict(KeySet(list(self.keys)).as_dict(private=False))

    def id_token(self, userinfo: Mapping[str, Any], at: datetime, *, rotated: bool) -> str:
        """An ID token for whom the userinfo speaks of, issued a few seconds before that instant."""
        key = self.keys[1] if rotated else self.keys[0]
        issued = int(at.timestamp()) - 4
        session = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{userinfo['sub']} {issued}"))
        claims = {
            "exp": issued + _LIFE_SECONDS,
            "iat": issued,
            "auth_time": issued - 1,
            "jti": str(uuid.uuid5(uuid.NAMESPACE_URL, session)),
            "iss": self.name,
            "aud": self.client_id,
            "sub": userinfo["sub"],
            "typ": "ID",
            "azp": self.client_id,
            "session_state": session,
            "acr": "eidas3",
            "sid": session,
            "idp": "PSC",
        } | {name: userinfo[name] for name in _CLAIMS if name in userinfo}
        return jwt.encode({"alg": ALGORITHM, "typ": "JWT", "kid": key.kid}, claims, key, algorithms=[ALGORITHM])


def new_issuer(name: str = DEFAULT_ISSUER, client_id: str = DEFAULT_CLIENT_ID) -> Issuer:
    """An issuer with two fresh keys."""
    first, second = (
        RSAKey.generate_key(_BITS, parameters={"alg": ALGORITHM, "use": "sig"}, auto_kid=True) for _ in range(2)
    )
    return Issuer(name, client_id, (first, second))
