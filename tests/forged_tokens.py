"""Forged, damaged and misused tokens, each with the reason it must be refused for.

Each is judged as an ID token of the invented issuer (``invented_issuer``), presented at its instant ``AT``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from joserfc import jwe, jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from invented_issuer import AT, CLIENT, ISSUER, id_claims, key, signed
from rpps_sync.limits import LIMITS

SECRET = "a-subject-that-nothing-may-show"
PRODUCTION = {"alg": "RS256", "kid": "key-1", "typ": "JWT"}


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw(header: dict[str, Any] | bytes, payload: dict[str, Any] | bytes, kid: str = "key-1") -> str:
    """A token of any bytes, signed as RS256 by that key all the same."""
    parts = [b64(part if isinstance(part, bytes) else json.dumps(part).encode()) for part in (header, payload)]
    private = key(kid).private_key
    assert private is not None
    return ".".join([*parts, b64(private.sign(".".join(parts).encode(), PKCS1v15(), hashes.SHA256()))])


def with_header(**changes: Any) -> str:
    """A good token but for its header; None removes a name."""
    header = {name: value for name, value in {**PRODUCTION, **changes}.items() if value is not None}
    return raw(header, id_claims(sub=SECRET))


def with_claims(**changes: Any) -> str:
    """A good token but for its claims; None removes one."""
    return signed(id_claims(**{"sub": SECRET, **changes}))


def by_intruder(**header: Any) -> str:
    """Signed by a key of the forger's, who claims that it is the issuer's."""
    return raw({**PRODUCTION, **header}, id_claims(sub=SECRET), kid="intruder")


def by_hmac(secret: bytes, alg: str = "HS256") -> str:
    """The classic confusion: the public key, which everybody knows, as the secret of an HMAC."""
    parts = [b64(json.dumps(part).encode()) for part in ({**PRODUCTION, "alg": alg}, id_claims(sub=SECRET))]
    digest = hmac.new(secret, ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join([*parts, b64(digest)])


def unbound(kid: str) -> RSAKey:
    """The issuer's key, without the note of what it is for."""
    return RSAKey.import_key(key(kid).as_pem(private=True))


def by_alg(alg: str, kid: str = "key-1") -> str:
    """Truly signed, with another algorithm."""
    made = {"ES256": lambda: ECKey.generate_key("P-256"), "Ed25519": lambda: OKPKey.generate_key("Ed25519")}
    signer = made.get(alg, lambda: unbound(kid))()
    payload = json.dumps(id_claims(sub=SECRET)).encode()
    return jws.serialize_compact({"alg": alg, "kid": kid}, payload, signer, algorithms=[alg])


def in_json(signatures: int) -> str:
    """The JSON serialization, flattened or with several signatures."""
    member: Any = {"protected": {"alg": "RS256", "kid": "key-1"}}
    payload = json.dumps(id_claims(sub=SECRET)).encode()
    members = member if signatures == 1 else [member] * signatures
    return json.dumps(jws.serialize_json(members, payload, key("key-1"), algorithms=["RS256"]))


def encrypted() -> str:
    """A token encrypted for whoever holds that key."""
    payload = json.dumps(id_claims(sub=SECRET)).encode()
    header = {"alg": "RSA-OAEP", "enc": "A128GCM", "kid": "key-1"}
    return jwe.encrypt_compact(header, payload, unbound("key-1"))


def parts(*, header: str | None = None, payload: str | None = None, signature: str | None = None) -> str:
    """A good token with one of its parts replaced."""
    good = with_claims().split(".")
    return ".".join(
        new if new is not None else old for new, old in zip((header, payload, signature), good, strict=True)
    )


def flipped() -> str:
    """A good token with one letter of its signature changed."""
    token = with_claims()
    return token[:-20] + ("A" if token[-20] != "A" else "B") + token[-19:]


def pem() -> bytes:
    """The public key as everybody can write it down."""
    return key("key-1").as_pem(private=False)


def twice(name: str, value: str) -> bytes:
    """Good claims with one name given a second time."""
    return json.dumps(id_claims(sub="subject-1"))[:-1].encode() + f', "{name}": "{value}"}}'.encode()


INTRUDER = "https://intruder.example/keys"
OTHER_REALM = ISSUER.replace("/wallet", "/other")
SANDBOX = "https://auth.bas.psc.esante.gouv.fr/auth/realms/esante-wallet"
DEEP = b'{"a": ' + b"[" * 15_000 + b"]" * 15_000 + b"}"

FORGED: dict[str, tuple[str, Callable[[], str]]] = {
    # algorithms
    "alg none": ("alg-not-allowed", lambda: with_header(alg="none")),
    "alg None, in another case": ("alg-not-allowed", lambda: with_header(alg="nOnE")),
    "alg none without signature": ("no-signature", lambda: parts(header=b64(b'{"alg":"none"}'), signature="")),
    "HS256 with the public key in PEM": ("alg-not-allowed", lambda: by_hmac(pem())),
    "HS256 with the public key in DER": (
        "alg-not-allowed",
        lambda: by_hmac(base64.b64decode(b"".join(pem().splitlines()[1:-1]))),
    ),
    "HS256 with the public JWK": (
        "alg-not-allowed",
        lambda: by_hmac(json.dumps(key("key-1").as_dict(private=False)).encode()),
    ),
    "HMAC that says RS256": ("bad-signature", lambda: by_hmac(pem(), alg="RS256")),
    "RS384 with the issuer's key": ("alg-not-allowed", lambda: by_alg("RS384")),
    "RS512 with the issuer's key": ("alg-not-allowed", lambda: by_alg("RS512")),
    "PS256 with the issuer's key": ("alg-not-allowed", lambda: by_alg("PS256")),
    "ES256": ("alg-not-allowed", lambda: by_alg("ES256")),
    "Ed25519": ("alg-not-allowed", lambda: by_alg("Ed25519")),
    "alg in lower case": ("alg-not-allowed", lambda: with_header(alg="rs256")),
    "alg with a white space": ("alg-not-allowed", lambda: with_header(alg="RS256 ")),
    "alg that is a list": ("alg-not-allowed", lambda: with_header(alg=["RS256"])),
    "alg left out": ("alg-not-allowed", lambda: with_header(alg=None)),
    "alg given twice": (
        "duplicate-names",
        lambda: raw(b'{"alg":"none","alg":"RS256","kid":"key-1"}', id_claims(sub=SECRET)),
    ),
    # keys
    "no kid": ("no-kid", lambda: with_header(kid=None)),
    "empty kid": ("no-kid", lambda: with_header(kid="")),
    "kid that is a number": ("no-kid", lambda: with_header(kid=1)),
    "kid nobody publishes": ("unknown-key", lambda: with_header(kid="key-9")),
    "kid that is a path": ("unknown-key", lambda: with_header(kid="../../../../dev/null")),
    "kid that is a statement": ("unknown-key", lambda: with_header(kid="x' UNION SELECT 'key")),
    "kid with confusable letters": ("unknown-key", lambda: with_header(kid="kеy-1")),
    "another key under the issuer's kid": ("bad-signature", by_intruder),
    "jwk in the header": (
        "key-in-header",
        lambda: by_intruder(jwk={"kty": "RSA", "e": "AQAB", "n": "AQAB"}),
    ),
    "jku in the header": ("key-in-header", lambda: by_intruder(jku=INTRUDER)),
    "x5u in the header": ("key-in-header", lambda: by_intruder(x5u=INTRUDER)),
    "x5c in the header": ("key-in-header", lambda: by_intruder(x5c=["TUlJ"])),
    # extensions
    "crit unknown": ("crit-not-allowed", lambda: with_header(crit=["exp"])),
    "crit empty": ("crit-not-allowed", lambda: with_header(crit=[])),
    "crit with confusable letters": ("crit-not-allowed", lambda: with_header(crit=["ехр"])),
    "b64 false": ("crit-not-allowed", lambda: with_header(b64=False, crit=["b64"])),
    "b64 false without crit": ("crit-not-allowed", lambda: with_header(b64=False)),
    "zip": ("crit-not-allowed", lambda: with_header(zip="DEF")),
    # whose, and for whom
    "issuer with a slash": ("wrong-issuer", lambda: with_claims(iss=f"{ISSUER}/")),
    "issuer in upper case": ("wrong-issuer", lambda: with_claims(iss=ISSUER.upper())),
    "issuer without TLS": ("wrong-issuer", lambda: with_claims(iss=ISSUER.replace("https", "http"))),
    "issuer that is a list": ("wrong-issuer", lambda: with_claims(iss=[ISSUER])),
    "no issuer": ("wrong-issuer", lambda: with_claims(iss=None)),
    "another realm": ("wrong-issuer", lambda: with_claims(iss=OTHER_REALM)),
    "the sandbox": ("test-bed-issuer", lambda: with_claims(iss=SANDBOX)),
    "another application": ("wrong-audience", lambda: with_claims(aud="other")),
    "an application of a longer name": ("wrong-audience", lambda: with_claims(aud=f"{CLIENT}-2")),
    "other applications": ("wrong-audience", lambda: with_claims(aud=["other", "third"])),
    "no audience": ("wrong-audience", lambda: with_claims(aud=None)),
    "audience in an audience": ("wrong-audience", lambda: with_claims(aud=[[CLIENT]])),
    "audience that is an object": ("wrong-audience", lambda: with_claims(aud={CLIENT: CLIENT})),
    "another application beside ours": ("untrusted-audience", lambda: with_claims(aud=[CLIENT, "other"])),
    "another authorised party": ("untrusted-audience", lambda: with_claims(azp="other")),
    "no subject": ("no-subject", lambda: with_claims(sub="")),
    "subject that is a number": ("no-subject", lambda: with_claims(sub=1)),
    # what it is
    "an access token": ("wrong-type", lambda: with_claims(typ="Bearer", azp=CLIENT)),
    "a refresh token": ("wrong-type", lambda: with_claims(typ="Refresh")),
    "a logout token": ("wrong-type", lambda: with_claims(typ="Logout")),
    "a logout token by its header": ("wrong-type", lambda: with_header(typ="logout+jwt")),
    "an encrypted token": ("encrypted", encrypted),
    # when
    "expired": ("expired", lambda: with_claims(exp=AT - LIMITS.leeway_seconds - 1)),
    "no expiry": ("no-expiry", lambda: with_claims(exp=None)),
    "issued tomorrow": ("from-the-future", lambda: with_claims(iat=AT + 86_400, exp=AT + 86_460)),
    "not valid yet": ("from-the-future", lambda: with_claims(nbf=AT + LIMITS.leeway_seconds + 1)),
    "not issued": ("no-issue-time", lambda: with_claims(iat=None)),
    "expiry that is a text": ("malformed", lambda: with_claims(exp=str(AT + 50))),
    "expiry out of time": ("malformed", lambda: with_claims(exp=10**400)),
    "expiry that is no number": ("malformed", lambda: with_claims(exp=float("nan"))),
    "expiry that is infinite": ("malformed", lambda: with_claims(exp=float("inf"))),
    "expiry that is a truth": ("malformed", lambda: with_claims(exp=True)),
    "issued before time": ("malformed", lambda: with_claims(iat=-1)),
    # shapes
    "subject given twice": ("duplicate-names", lambda: raw(PRODUCTION, twice("sub", SECRET))),
    "audience given twice": ("duplicate-names", lambda: raw(PRODUCTION, twice("aud", CLIENT))),
    "a name given twice inside": (
        "duplicate-names",
        lambda: raw(PRODUCTION, json.dumps(id_claims(sub=SECRET))[:-1].encode() + b', "x": {"y": 1, "y": 2}}'),
    ),
    "signature stripped": ("no-signature", lambda: parts(signature="")),
    "signature stripped with its dot": ("malformed", lambda: with_claims().rpartition(".")[0]),
    "signature of zeros": ("bad-signature", lambda: parts(signature=b64(bytes(256)))),
    "signature cut": ("bad-signature", lambda: with_claims()[:-8]),
    "signature of another length": ("bad-signature", lambda: parts(signature="A")),
    "signature with a letter changed": ("bad-signature", flipped),
    "signature of another token": (
        "bad-signature",
        lambda: parts(signature=signed(id_claims(jti="other")).rpartition(".")[2]),
    ),
    "payload of another token": ("bad-signature", lambda: parts(payload=b64(json.dumps(id_claims()).encode()))),
    "payload left out": ("malformed", lambda: parts(payload="")),
    "huge": ("too-large", lambda: with_claims(padding="x" * LIMITS.token_bytes)),
    "huge header": ("too-large", lambda: with_header(kid="k" * 600)),
    "nested beyond measure": ("malformed", lambda: raw(PRODUCTION, DEEP)),
    "a token in a token": ("malformed", lambda: raw({**PRODUCTION, "cty": "JWT"}, with_claims().encode())),
    "a list": ("malformed", lambda: raw(PRODUCTION, b"[1, 2]")),
    "a header that is a list": ("malformed", lambda: raw(b'["RS256"]', id_claims(sub=SECRET))),
    "claims that are no JSON": ("malformed", lambda: raw(PRODUCTION, b"sub=" + SECRET.encode())),
    "claims followed by others": ("malformed", lambda: raw(PRODUCTION, json.dumps(id_claims()).encode() * 2)),
    "claims in UTF-16": ("malformed", lambda: raw(PRODUCTION, json.dumps(id_claims()).encode("utf-16"))),
    "claims after a byte order mark": ("malformed", lambda: raw(PRODUCTION, b"\xef\xbb\xbf{}")),
    "claims that are no text": ("malformed", lambda: raw(PRODUCTION, b'{"sub": "\xff\xfe"}')),
    "JSON serialization": ("malformed", lambda: in_json(1)),
    "two signatures": ("malformed", lambda: in_json(2)),
    "four parts": ("malformed", lambda: with_claims() + ".AAAA"),
    "padding": ("malformed", lambda: with_claims() + "=="),
    "standard alphabet": ("malformed", lambda: parts(signature="ab+/" * 86)),
    "base64 cut": ("malformed", lambda: parts(header=b64(b'{"alg":"RS256","kid":"key-1"}')[:-2])),
    "garbage after": ("malformed", lambda: with_claims() + "!"),
    "white space before": ("malformed", lambda: " " + with_claims()),
    "line end after": ("malformed", lambda: with_claims() + "\n"),
    "white space inside": ("malformed", lambda: with_claims().replace(".", ". ")),
    "NUL inside": ("malformed", lambda: with_claims().replace(".", "\x00.", 1)),
    "letters that only look right": ("malformed", lambda: with_claims().replace("e", "е", 1)),
    "a prefix": ("malformed", lambda: "Bearer " + with_claims()),
    "not a token": ("malformed", lambda: "eyJhbGciOi"),
    "dots": ("malformed", lambda: ".."),
    "nothing": ("malformed", lambda: ""),
}
