"""An invented issuer with real keys, for the tests of this room."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from extract_builder import national_id

ISSUER = "https://issuer.example/realms/wallet"
CLIENT = "dpi-client"
AT = int(datetime(2026, 11, 20, 8, 12, tzinfo=UTC).timestamp())
NATIONAL_ID = national_id(1)


@cache
def key(kid: str) -> RSAKey:
    """The issuer's private key of that id."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"}, private=True)


def key_set(*kids: str) -> dict[str, Any]:
    """What the issuer publishes."""
    return {"keys": [key(kid).as_dict(private=False) for kid in kids or ("key-1",)]}


def write_key_set(folder: Path, *kids: str) -> Path:
    """The key set, in a file."""
    path = folder / "jwks.json"
    path.write_text(json.dumps(key_set(*kids)), encoding="utf-8")
    return path


def id_claims(**changes: Any) -> dict[str, Any]:
    """A valid ID token's claims; None removes one."""
    claims = {
        "iss": ISSUER,
        "aud": CLIENT,
        "sub": "subject-1",
        "iat": AT - 10,
        "exp": AT + 50,
        "typ": "ID",
        "preferred_username": NATIONAL_ID,
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def signed(claims: dict[str, Any], *, kid: str = "key-1", **header: Any) -> str:
    """A token of the issuer."""
    return jwt.encode({"alg": "RS256", "kid": kid, **header}, claims, key(kid))


def userinfo(**changes: Any) -> dict[str, Any]:
    """An invented doctor's userinfo."""
    return {
        "sub": "subject-1",
        "SubjectNameID": NATIONAL_ID,
        "preferred_username": NATIONAL_ID,
        "family_name": "CIVILNAME",
        "SubjectRefPro": {
            "codeCivilite": "MME",
            "exercices": [
                {
                    "codeProfession": "10",
                    "codeCategorieProfessionnelle": "C",
                    "nomDexercice": "EXEMPLE",
                    "prenomDexercice": "ANA",
                    "codeTypeSavoirFaire": "S",
                    "codeSavoirFaire": "SM26",
                    "activities": [
                        {
                            "codeModeExercice": "L",
                            "identifiantTechniqueDeLaStructure": "R10100000000001",
                            "autoriteDenregistrement": "CNOM/CNOM/CNOM",
                        }
                    ],
                }
            ],
        },
        **changes,
    }
