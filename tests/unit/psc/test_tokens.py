import logging
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from forged_tokens import FORGED, SANDBOX, SECRET
from invented_issuer import AT, CLIENT, ISSUER, NATIONAL_ID, id_claims, signed, userinfo, write_key_set
from rpps_sync.errors import TokenRefused, UsageError
from rpps_sync.limits import LIMITS
from rpps_sync.psc.keys import Keys
from rpps_sync.psc.tokens import TokenKind, Verifier, is_test_bed, kind_of, same_subject

NOW = datetime.fromtimestamp(AT, UTC)


@pytest.fixture
def verifier(tmp_path: Path) -> Verifier:
    """What accepts the tokens of the invented issuer."""
    return Verifier(ISSUER, CLIENT, Keys(str(write_key_set(tmp_path))))


@pytest.fixture
def several(tmp_path: Path) -> Verifier:
    """The same for three applications, one of them with two clients, and no client of everybody's."""
    clients = {"dpi": ("dpi-web", "dpi-mobile"), "pui": ("pui-client",)}
    return Verifier(ISSUER, "", Keys(str(write_key_set(tmp_path))), clients)


def reason_of(verify: Callable[[], object]) -> str:
    """Why a token was refused."""
    with pytest.raises(TokenRefused) as refusal:
        verify()
    return refusal.value.reason


def test_fresh_id_token_of_the_issuer_is_accepted(verifier: Verifier) -> None:
    """A token for us, by the issuer, presented in time, yields its claims."""
    for audience in (CLIENT, [CLIENT]):
        claims = verifier.verify(signed(id_claims(aud=audience, azp=CLIENT)), at=NOW, kind=TokenKind.ID)
        assert claims["sub"] == "subject-1"
        assert kind_of(claims) is TokenKind.ID


def test_access_token_is_for_the_application_that_asked_for_it(verifier: Verifier) -> None:
    """An access token has no audience: azp names the application, and typ says Bearer."""
    access = {"typ": "Bearer", "aud": None, "azp": CLIENT}
    assert kind_of(verifier.verify(signed(id_claims(**access)), at=NOW)) is TokenKind.ACCESS
    for changes, reason in (
        ({"aud": CLIENT, "azp": "other"}, "wrong-audience"),
        ({"azp": [CLIENT]}, "wrong-audience"),
        ({"azp": None}, "wrong-audience"),
        ({"typ": "bearer"}, "wrong-type"),
        ({"typ": None}, "wrong-type"),
        ({"exp": AT - 3600}, "expired"),
    ):
        token = signed(id_claims(**{**access, **changes}))
        assert reason_of(lambda token=token: verifier.verify(token, at=NOW, kind=TokenKind.ACCESS)) == reason


def test_each_application_has_its_own_clients(several: Verifier) -> None:
    """A token made for one application is none of another's; the web client does not shut out the mobile one."""
    for client in ("dpi-web", "dpi-mobile"):
        assert several.verify(signed(id_claims(aud=client)), at=NOW, application="dpi")
    token = signed(id_claims(aud="pui-client"))
    assert several.verify(token, at=NOW)
    assert reason_of(lambda: several.verify(token, at=NOW, application="dpi")) == "wrong-audience"
    assert reason_of(lambda: several.verify(token, at=NOW, application="new")) == "unknown-application"


@pytest.mark.parametrize("forgery", FORGED)
def test_forged_token_is_refused_for_its_reason(verifier: Verifier, forgery: str) -> None:
    """Each forgery has its own word, and the exception's chain holds no other error."""
    reason, forge = FORGED[forgery]
    with pytest.raises(TokenRefused) as refusal:
        verifier.verify(forge(), at=NOW, kind=TokenKind.ID)
    assert refusal.value.reason == reason
    assert refusal.value.__cause__ is None
    assert refusal.value.__context__ is None


def test_token_good_but_for_nothing_is_accepted(verifier: Verifier) -> None:
    """The forgeries differ from this one by what their names say: none is refused for another fault."""
    assert verifier.verify(signed(id_claims(sub=SECRET)), at=NOW, kind=TokenKind.ID)


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
    assert reason_of(lambda: same_subject(token, userinfo(**{name: "other"}))) == "sub-mismatch"


def test_sandbox_issuer_is_recognised_by_its_host() -> None:
    """Both names of the sandbox host are known, and production is not one."""
    assert is_test_bed(SANDBOX)
    assert is_test_bed("https://auth.bas.esw.esante.gouv.fr/auth/realms/esante-wallet")
    assert not is_test_bed("https://auth.esw.esante.gouv.fr/auth/realms/esante-wallet")
    assert not is_test_bed("https://[")


def test_nothing_of_a_refused_token_is_repeated(
    verifier: Verifier, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """No part of a token and no claim of it reaches a message, a traceback, a log or an output."""
    caplog.set_level(logging.DEBUG)
    told = []
    tokens = [forge() for _, forge in FORGED.values()]
    for token in tokens:
        with pytest.raises(TokenRefused) as refusal:
            verifier.verify(token, at=NOW, kind=TokenKind.ID)
        told += [f"{refusal.value.mend} {refusal.value!r}", *traceback.format_exception(refusal.value)]
    output = capsys.readouterr()
    everything = " ".join([*told, caplog.text, output.out, output.err])
    parts = {part for token in tokens for part in token.split(".") if len(part) > 12}
    assert len(parts) > 100
    assert not [part for part in parts if part in everything]
    assert SECRET not in everything
