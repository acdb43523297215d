import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from invented_issuer import AT, CLIENT, ISSUER, NATIONAL_ID, id_claims, signed, userinfo, write_key_set
from rpps_sync import clock
from rpps_sync.limits import LIMITS
from rpps_sync.observation import Scope, Trust
from rpps_sync.psc.intake import Kept, Refused, observe, read
from rpps_sync.psc.keys import Keys
from rpps_sync.psc.tokens import Verifier

OBSERVED = "2026-11-20T09:12:00+01:00"
EVENING = datetime(2026, 11, 20, 21, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _evening() -> Iterator[None]:
    """Files are taken in on the evening of the day."""
    with clock.pinned(EVENING):
        yield


@pytest.fixture
def verifier(tmp_path: Path) -> Verifier:
    """What accepts the tokens of the invented issuer."""
    return Verifier(ISSUER, CLIENT, Keys(str(write_key_set(tmp_path))))


def line(**changes: Any) -> bytes:
    """One line of the file; None removes a key."""
    item = {"observed_at": OBSERVED, "source": "dpi-chu", "userinfo": userinfo(), **changes}
    return json.dumps({name: value for name, value in item.items() if value is not None}).encode() + b"\n"


def taken(verifier: Verifier, *lines: bytes, source: str = "", live: bool = False) -> list[Kept | Refused]:
    """What becomes of some lines."""
    return list(read(io.BytesIO(b"".join(lines)), verifier=verifier, source=source, live=live))


def reasons(outcome: list[Kept | Refused]) -> list[tuple[int, str]]:
    """Line numbers with their reason, empty for kept ones."""
    return [(item.line_number, item.reason if isinstance(item, Refused) else "") for item in outcome]


def test_malformed_lines_are_refused_by_number_and_the_others_kept(verifier: Verifier) -> None:
    """One bad line in a file costs one line."""
    bad = [
        b"not json\n",
        b"\xff\xfe{}\n",
        b"[]\n",
        line(observed_at="yesterday"),
        line(observed_at="0001-01-01T00:00:00+14:00"),
        line(source=None),
        line(source="a\nb"),
        line(userinfo=None),
        line(userinfo=[1]),
        line(id_token=7),
        b"[" * 100_000 + b"\n",
        b'{"observed_at": ' + b"9" * 5_000 + b"}\n",
    ]
    outcome = reasons(taken(verifier, line(), *bad, b"\n", line()))
    assert outcome[0] == (1, "")
    assert outcome[-1] == (len(bad) + 3, "")
    assert [number for number, reason in outcome if reason] == list(range(2, len(bad) + 2))
    assert {reason for _, reason in outcome} == {
        "",
        "not-json",
        "not-utf-8",
        "malformed",
        "bad-observed-at",
        "bad-source",
        "no-userinfo",
    }


def test_endless_line_is_refused_without_being_read_into_memory(verifier: Verifier) -> None:
    """A line over the limit is skipped, and the next one is read."""
    endless = b'{"userinfo": "' + b"x" * (3 * LIMITS.observation_bytes) + b'"}\n'
    assert reasons(taken(verifier, endless, line())) == [(1, "too-large"), (2, "")]
    assert reasons(taken(verifier, endless.rstrip())) == [(1, "too-large")]


def test_userinfo_alone_is_attested_and_with_its_token_verified(verifier: Verifier) -> None:
    """Trust says who vouches: the application, or the issuer's signature."""
    alone, proven, by_access = taken(
        verifier,
        line().replace(b'"source"', b'"id_token": null, "source"'),
        line(id_token=signed(id_claims())),
        line(access_token=signed(id_claims(typ="Bearer", azp=CLIENT, aud=None))),
    )
    assert isinstance(alone, Kept)
    assert isinstance(proven, Kept)
    assert isinstance(by_access, Kept)
    assert [item.observation.trust for item in (alone, proven, by_access)] == [
        Trust.ATTESTED,
        Trust.VERIFIED,
        Trust.VERIFIED,
    ]
    assert alone.observation.national_id == NATIONAL_ID
    assert alone.observation.day == date(2026, 11, 20)
    assert alone.observation.scope is Scope.IN_SCOPE


def test_signed_userinfo_stands_in_place_of_the_plain_one(verifier: Verifier) -> None:
    """Its signature, issuer and audience are checked; it may carry no time."""
    claims = {**userinfo(), "iss": ISSUER, "aud": CLIENT}
    kept, refused = taken(
        verifier, line(userinfo=signed(claims)), line(userinfo=signed({**claims, "iss": "https://evil.example"}))
    )
    assert isinstance(kept, Kept)
    assert kept.observation.trust is Trust.VERIFIED
    assert reasons([refused]) == [(2, "wrong-issuer")]


def test_token_that_fails_keeps_its_userinfo_out(verifier: Verifier) -> None:
    """A forged proof is worse than none."""
    outcome = taken(
        verifier,
        line(id_token=signed(id_claims(), kid="key-9")),
        line(id_token=signed(id_claims(sub="somebody-else"))),
        line(id_token=""),
    )
    assert reasons(outcome) == [(1, "unknown-key"), (2, "sub-mismatch"), (3, "malformed")]


def test_token_of_a_file_is_judged_at_the_instant_it_was_observed(verifier: Verifier) -> None:
    """A two-minute token stays good evidence of the day it was seen, and of no other."""
    token = signed(id_claims())
    outcome = taken(verifier, line(id_token=token), line(id_token=token, observed_at="2026-11-20T10:12:00+01:00"))
    assert reasons(outcome) == [(1, ""), (2, "expired")]


def test_old_token_found_in_a_log_cannot_be_told_as_live(verifier: Verifier) -> None:
    """What is posted is judged by our clock: a token of the morning, with its instant, proves nothing tonight."""
    token = signed(id_claims())
    assert reasons(taken(verifier, line(id_token=token), live=True)) == [(1, "not-live")]
    assert reasons(taken(verifier, line(id_token=token, observed_at=None), live=True)) == [(1, "expired")]
    with clock.pinned(datetime.fromtimestamp(AT, UTC)):
        assert reasons(taken(verifier, line(id_token=token), live=True)) == [(1, "")]
        assert observe({"source": "dpi", "userinfo": userinfo()}, verifier=verifier, live=True).day.day == 20


def test_token_of_a_file_is_no_proof_for_ever(verifier: Verifier) -> None:
    """After ninety days nobody can say where a token has been; the userinfo alone is still taken at its word."""
    with clock.pinned(datetime.fromtimestamp(AT, UTC) + timedelta(days=LIMITS.token_age_days, seconds=1)):
        outcome = taken(verifier, line(id_token=signed(id_claims())), line())
    assert reasons(outcome) == [(1, "token-too-old"), (2, "")]


def test_observation_of_tomorrow_is_refused_and_a_clock_a_little_ahead_is_not(verifier: Verifier) -> None:
    """A day to come would stay the newest claim of that person until it is past."""
    lines = [line(observed_at=f"{day}T00:00:30Z") for day in ("2026-11-20", "2026-11-21", "9999-12-31")]
    assert reasons(taken(verifier, *lines)) == [(1, ""), (2, "observed-ahead"), (3, "observed-ahead")]
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    with clock.pinned(midnight - timedelta(seconds=LIMITS.observed_ahead_seconds)):
        assert reasons(taken(verifier, lines[1])) == [(1, "")]


def test_token_of_one_application_proves_nothing_at_another(tmp_path: Path) -> None:
    """Each application has its clients; one that is not configured cannot bring tokens."""
    keys = Keys(str(write_key_set(tmp_path)))
    several = Verifier(ISSUER, "", keys, {"dpi-chu": (CLIENT,), "pui": ("pui-client",)})
    token = signed(id_claims())
    outcome = taken(
        several,
        line(id_token=token),
        line(id_token=token, source="pui"),
        line(id_token=token, source="new"),
        line(source="new"),
    )
    assert reasons(outcome) == [(1, ""), (2, "wrong-audience"), (3, "unknown-application"), (4, "")]
    assert [item.source for item in outcome if isinstance(item, Refused)] == ["pui", "new"]


def test_same_observation_written_otherwise_has_the_same_digest(verifier: Verifier) -> None:
    """Another order of names or another spacing is no other sign-in; another instant is."""
    item = json.loads(line())
    other = json.dumps(dict(reversed(item.items())), indent=None, separators=(" , ", " : "), ensure_ascii=False)
    first, again, later = taken(
        verifier, line(), other.encode() + b"\n", line(observed_at="2026-11-20T09:12:01+01:00")
    )
    assert first.digest == again.digest != later.digest


def test_live_sign_ins_without_an_instant_are_each_counted(verifier: Verifier) -> None:
    """Two sign-ins with the same userinfo are two, when the application leaves the instant to us."""
    digests = []
    for second in (0, 1):
        with clock.pinned(EVENING + timedelta(seconds=second)):
            (kept,) = taken(verifier, line(observed_at=None), live=True)
            digests.append(kept.digest)
    assert len(set(digests)) == 2


def test_unknown_claims_come_with_the_line(verifier: Verifier) -> None:
    """They are ignored, and counted by whoever takes the line in."""
    (kept,) = taken(verifier, line(userinfo=userinfo(novelty="x")))
    assert isinstance(kept, Kept)
    assert kept.unknown == ("novelty",)


def test_same_line_has_the_same_digest_and_another_source_another(verifier: Verifier) -> None:
    """What lets a file be taken in twice."""
    first, second = taken(verifier, line(), line())
    (elsewhere,) = taken(verifier, line(), source="pui")
    assert first.digest == second.digest != elsewhere.digest
    assert isinstance(elsewhere, Kept)
    assert elsewhere.observation.source == "pui"


def test_verified_token_of_the_sandbox_is_out_of_the_extract(tmp_path: Path) -> None:
    """People of the test bed are invented, whatever their number looks like."""
    sandbox = "https://auth.bas.psc.esante.gouv.fr/auth/realms/esante-wallet"
    verifier = Verifier(sandbox, CLIENT, Keys(str(write_key_set(tmp_path))))
    (kept,) = taken(verifier, line(id_token=signed(id_claims(iss=sandbox))))
    assert isinstance(kept, Kept)
    assert kept.observation.scope is Scope.TEST_BED
