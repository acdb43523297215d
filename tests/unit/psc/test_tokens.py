import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from invented_issuer import (
    AT,
    CLIENT,
    ISSUER,
    NATIONAL_ID,
    id_claims,
    key,
    signed,
    signed_with_public_key,
    signed_without_kid,
    userinfo,
    write_key_set,
)
from rpps_sync.errors import TokenRefused, UsageError
from rpps_sync.limits import LIMITS
from rpps_sync.psc.keys import Keys
from rpps_sync.psc.tokens import TokenKind, Verifier, is_test_bed, kind_of, same_subject

NOW = datetime.fromtimestamp(AT, UTC)
SECRET = "a-subject-that-no-log-may-show"

FORGED: dict[str, tuple[str, Callable[[], str]]] = {
    "not signed": (
        "alg-not-allowed",
        lambda: signed(id_claims()).replace(signed(id_claims()).split(".")[0], NONE),
    ),
    "the public key as a secret": ("alg-not-allowed", lambda: signed_with_public_key(id_claims())),
    "no key named": ("no-kid", lambda: signed_without_kid(id_claims())),
    "another key": ("unknown-key", lambda: signed(id_claims(), kid="key-9")),
    "another issuer": ("wrong-issuer", lambda: signed(id_claims(iss=f"{ISSUER}/"))),
    "another application": ("wrong-audience", lambda: signed(id_claims(aud=["other", "third"]))),
    "no audience": ("wrong-audience", lambda: signed(id_claims(aud=None))),
    "expired": ("expired", lambda: signed(id_claims(exp=AT - LIMITS.leeway_seconds - 1))),
    "no expiry": ("no-expiry", lambda: signed(id_claims(exp=None))),
    "issued tomorrow": ("from-the-future", lambda: signed(id_claims(iat=AT + 86_400))),
    "not valid yet": ("from-the-future", lambda: signed(id_claims(nbf=AT + LIMITS.leeway_seconds + 1))),
    "an access token": ("wrong-type", lambda: signed(id_claims(typ="Bearer", azp=CLIENT))),
    "no subject": ("no-subject", lambda: signed(id_claims(sub=""))),
    "times that are texts": ("malformed", lambda: signed(id_claims(exp="tomorrow"))),
    "times out of time": ("malformed", lambda: signed(id_claims(exp=10**400))),
    "times that are no number": ("malformed", lambda: signed(id_claims(exp=float("nan")))),
    "times that are booleans": ("malformed", lambda: signed(id_claims(nbf=True))),
    "no signature": ("bad-signature", lambda: signed(id_claims()).rpartition(".")[0] + "."),
    "another payload": (
        "bad-signature",
        lambda: swapped(signed(id_claims()), signed(id_claims(sub="somebody else"))),
    ),
    "huge": ("too-large", lambda: signed(id_claims(padding="x" * LIMITS.token_bytes))),
    "an extension": ("crit-not-allowed", lambda: signed(id_claims(), crit=["b64"], b64=True)),
    "not a token": ("malformed", lambda: "eyJhbGciOi"),
    "not even text": ("malformed", lambda: "é.é.é"),
    "nothing": ("malformed", lambda: ""),
}
NONE = "eyJhbGciOiJub25lIiwia2lkIjoia2V5LTEifQ"  # {"alg":"none","kid":"key-1"}


def swapped(token: str, other: str) -> str:
    """The first token with the payload of the second."""
    header, _, signature = token.split(".")
    return f"{header}.{other.split('.')[1]}.{signature}"


@pytest.fixture
def verifier(tmp_path: Path) -> Verifier:
    """What accepts the tokens of the invented issuer."""
    return Verifier(ISSUER, CLIENT, Keys(str(write_key_set(tmp_path))))


def test_fresh_id_token_of_the_issuer_is_accepted(verifier: Verifier) -> None:
    """A token for us, by the issuer, presented in time, yields its claims."""
    claims = verifier.verify(signed(id_claims(aud=["other", CLIENT])), at=NOW, kind=TokenKind.ID)
    assert claims["sub"] == "subject-1"
    assert kind_of(claims) is TokenKind.ID


def test_access_token_is_for_the_application_that_asked_for_it(verifier: Verifier) -> None:
    """An access token has no audience: azp names the application."""
    token = signed(id_claims(typ="Bearer", aud=None, azp=CLIENT))
    assert kind_of(verifier.verify(token, at=NOW)) is TokenKind.ACCESS
    with pytest.raises(TokenRefused) as refusal:
        verifier.verify(signed(id_claims(typ="Bearer", aud=CLIENT, azp="other")), at=NOW)
    assert refusal.value.reason == "wrong-audience"


@pytest.mark.parametrize("forgery", FORGED)
def test_forged_token_is_refused_for_its_reason(verifier: Verifier, forgery: str) -> None:
    """Each forgery has its own word, and the exception's chain holds no other error."""
    reason, forge = FORGED[forgery]
    with pytest.raises(TokenRefused) as refusal:
        verifier.verify(forge(), at=NOW, kind=TokenKind.ID)
    assert refusal.value.reason == reason
    assert refusal.value.__cause__ is None
    assert refusal.value.__context__ is None


def test_key_given_by_the_token_itself_is_never_used(verifier: Verifier) -> None:
    """A forger's key in the header (jwk, jku, x5u) changes nothing: the issuer's key decides."""
    intruder = key("intruder")
    header = {
        "jwk": intruder.as_dict(private=False),
        "jku": "https://evil.example/keys",
    }
    token = signed(id_claims(), kid="intruder", **header)
    forged = signed(id_claims(), **header)
    with pytest.raises(TokenRefused) as refusal:
        verifier.verify(token, at=NOW)
    assert refusal.value.reason in {"unknown-key", "malformed"}
    with pytest.raises(TokenRefused):
        verifier.verify(swapped(forged, signed(id_claims(sub="x"))), at=NOW)


def test_clock_of_the_issuer_may_differ_by_the_leeway(verifier: Verifier) -> None:
    """Times are judged at the instant given, with the leeway on both sides."""
    leeway = timedelta(seconds=LIMITS.leeway_seconds)
    token = signed(id_claims(iat=AT, exp=AT + 60))
    assert verifier.verify(token, at=NOW - leeway)
    assert verifier.verify(token, at=NOW + timedelta(seconds=60) + leeway)
    with pytest.raises(TokenRefused):
        verifier.verify(token, at=NOW + timedelta(seconds=61) + leeway)


def test_tokens_cannot_be_checked_without_a_client_id(tmp_path: Path) -> None:
    """A missing setting is the operator's to mend, not the token's fault."""
    with pytest.raises(UsageError, match="not configured"):
        Verifier(ISSUER, "", Keys(str(write_key_set(tmp_path)))).verify(signed(id_claims()), at=NOW)


@pytest.mark.parametrize("name", ["sub", "SubjectNameID", "preferred_username"])
def test_userinfo_of_somebody_else_is_refused(name: str) -> None:
    """A userinfo swapped for another person's has another subject, or another name."""
    token = id_claims(SubjectNameID=NATIONAL_ID)
    same_subject(token, userinfo())
    with pytest.raises(TokenRefused) as refusal:
        same_subject(token, userinfo(**{name: "other"}))
    assert refusal.value.reason == "sub-mismatch"


def test_sandbox_issuer_is_recognised_by_its_host() -> None:
    """Both names of the sandbox host are known, and production is not one."""
    assert is_test_bed("https://auth.bas.psc.esante.gouv.fr/auth/realms/esante-wallet")
    assert is_test_bed("https://auth.bas.esw.esante.gouv.fr/auth/realms/esante-wallet")
    assert not is_test_bed("https://auth.esw.esante.gouv.fr/auth/realms/esante-wallet")


def test_nothing_of_a_refused_token_is_repeated(
    verifier: Verifier, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """No part of a token and no claim of it reaches a message, a log or an output."""
    caplog.set_level(logging.DEBUG)
    told = []
    tokens = [forge() for _, forge in FORGED.values()] + [
        signed(id_claims(sub=SECRET, iss="https://evil.example"))
    ]
    for token in tokens:
        with pytest.raises(TokenRefused) as refusal:
            verifier.verify(token, at=NOW, kind=TokenKind.ID)
        told.append(f"{refusal.value} {refusal.value.mend} {refusal.value.reason} {refusal.value!r}")
    output = capsys.readouterr()
    everything = " ".join([*told, caplog.text, output.out, output.err])
    parts = {part for token in tokens for part in token.split(".") if len(part) > 12}
    assert parts
    assert not [part for part in parts if part in everything]
    assert SECRET not in everything
