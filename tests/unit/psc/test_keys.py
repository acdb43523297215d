import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from forged_tokens import raw
from invented_issuer import AT, CLIENT, id_claims, key, key_set, signed, write_key_set
from rpps_sync.errors import PublisherUnreachable, TokenRefused, UsageError
from rpps_sync.limits import LIMITS
from rpps_sync.psc.keys import Keys, signing_keys
from rpps_sync.psc.tokens import Verifier

REALM = "/auth/realms/esante-wallet"
DESCRIPTION = f"{REALM}/.well-known/wallet-openid-configuration"
CERTS = f"{REALM}/protocol/openid-connect/certs"


class Issuer(BaseHTTPRequestHandler):
    """Answers with what the test put there, and counts."""

    answer: ClassVar[tuple[int, bytes]] = (200, b"")
    pages: ClassVar[dict[str, Any]] = {}  # documents at their paths; elsewhere the answer
    asked: ClassVar[int] = 0
    paths: ClassVar[list[str]] = []
    hangs: ClassVar[threading.Event] = threading.Event()  # set: answers at once

    def do_GET(self) -> None:
        """Answer."""
        type(self).asked += 1
        type(self).paths.append(self.path)
        self.hangs.wait(20)
        status, body = self.answer
        if self.path in self.pages:
            status, body = 200, json.dumps(self.pages[self.path]).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    """An issuer on loopback."""
    Issuer.answer, Issuer.asked = (200, json.dumps(key_set()).encode()), 0
    Issuer.pages, Issuer.paths = {}, []
    Issuer.hangs.set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/certs"
    server.shutdown()
    server.server_close()


class Clock:
    """Seconds that pass when told."""

    now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def test_known_key_asks_the_issuer_once(address: str) -> None:
    """The set is kept: a thousand tokens cost one request."""
    keys = Keys(address)
    assert keys.find("key-1").as_dict(private=False)["n"] == key("key-1").as_dict(private=False)["n"]
    keys.find("key-1")
    assert Issuer.asked == 1


def test_new_key_is_found_but_forged_key_ids_cannot_hammer_the_issuer(address: str) -> None:
    """An unknown key reads the set again, at most every thirty seconds."""
    clock = Clock()
    keys = Keys(address, clock=clock)
    keys.find("key-1")
    Issuer.answer = (200, json.dumps(key_set("key-1", "key-2")).encode())
    for _ in range(5):
        with pytest.raises(TokenRefused):
            keys.find("key-2")
    assert Issuer.asked == 1
    clock.now = LIMITS.key_refresh_seconds
    assert keys.find("key-2")
    assert Issuer.asked == 2


@pytest.mark.parametrize(
    "answer",
    [
        (503, b"busy"),
        (200, b"<html>"),
        (200, b'{"keys": []}'),
        (200, b" " * (LIMITS.key_set_bytes + 1)),
        (302, b""),
    ],
)
def test_last_good_set_is_kept_when_the_issuer_fails(address: str, answer: tuple[int, bytes]) -> None:
    """An outage, a portal page or an empty set does not make good tokens look forged."""
    clock = Clock()
    keys = Keys(address, clock=clock)
    keys.find("key-1")
    Issuer.answer, clock.now = answer, LIMITS.key_refresh_seconds
    with pytest.raises(TokenRefused):
        keys.find("key-2")
    assert keys.find("key-1")
    assert Issuer.asked == 2


@pytest.mark.parametrize("answer", [(503, b"busy"), (200, b"[]"), (200, b"{}"), (200, b"x")])
def test_issuer_that_never_gave_keys_is_to_be_tried_again_later(address: str, answer: tuple[int, bytes]) -> None:
    """Without keys nothing can be judged, so no token is called forged; a dead issuer is not hammered either."""
    Issuer.answer, clock = answer, Clock()
    keys = Keys(address, clock=clock)
    for _ in range(3):
        with pytest.raises(PublisherUnreachable):
            keys.find("key-1")
    assert Issuer.asked == 1
    Issuer.answer, clock.now = (200, json.dumps(key_set()).encode()), LIMITS.key_refresh_seconds
    assert keys.find("key-1")


def test_flood_of_invented_key_ids_costs_the_issuer_one_request_in_thirty_seconds(address: str) -> None:
    """A thousand forged tokens a second do not turn this program against the issuer, from any thread."""
    clock = Clock()
    keys = Keys(address, clock=clock)
    with ThreadPoolExecutor(8) as pool:
        refusals = list(pool.map(lambda number: refused(keys, f"forged-{number}"), range(500)))
    assert (refusals.count("unknown-key"), Issuer.asked) == (500, 1)


def test_good_tokens_do_not_wait_while_a_forged_one_makes_us_ask_an_issuer_that_hangs(address: str) -> None:
    """One invented key id and a slow issuer together must not hold every sign-in up."""
    clock = Clock()
    keys = Keys(address, clock=clock)
    keys.find("key-1")
    Issuer.hangs.clear()
    clock.now = LIMITS.key_refresh_seconds
    with ThreadPoolExecutor(2) as pool:
        forged = pool.submit(refused, keys, "forged")
        while Issuer.asked < 2:
            time.sleep(0.01)
        assert pool.submit(keys.find, "key-1").result(5)
        assert not forged.done()
        Issuer.hangs.set()
        assert forged.result(20) == "unknown-key"


def refused(keys: Keys, kid: str) -> str:
    """Why there is no such key."""
    with pytest.raises(TokenRefused) as refusal:
        keys.find(kid)
    return refusal.value.reason


def test_key_that_the_issuer_withdrew_is_forgotten_within_a_day(address: str) -> None:
    """A program that never stops must not believe a stolen key for ever; an outage on that day costs nothing."""
    clock = Clock()
    keys = Keys(address, clock=clock)
    Issuer.answer = (200, json.dumps(key_set("key-1", "key-2")).encode())
    assert keys.find("key-1")
    Issuer.answer, clock.now = (503, b""), LIMITS.key_set_seconds
    assert keys.find("key-1")
    Issuer.answer, clock.now = (200, json.dumps(key_set("key-2")).encode()), 2 * LIMITS.key_set_seconds
    assert refused(keys, "key-1") == "unknown-key"


def described(address: str, **changes: str) -> dict[str, str]:
    """The issuer's description of itself."""
    host = address.removesuffix("/certs")
    return {"issuer": host + REALM, "jwks_uri": host + CERTS, **changes}


def test_issuer_is_asked_where_its_keys_are_at_its_own_path(address: str) -> None:
    """Pro Santé Connect does not describe itself where OpenID Connect Discovery says."""
    issuer = described(address)["issuer"]
    elsewhere = described(address)["jwks_uri"] + "-moved"
    Issuer.pages = {DESCRIPTION: described(address, jwks_uri=elsewhere), f"{CERTS}-moved": key_set()}
    Issuer.answer = (404, b"")
    assert Keys("", issuer=issuer).find("key-1")
    assert Issuer.paths == [DESCRIPTION, f"{CERTS}-moved"]


def test_issuer_that_does_not_describe_itself_is_asked_at_the_usual_address(address: str) -> None:
    """The keys have always been where Keycloak puts them."""
    Issuer.pages, Issuer.answer = {CERTS: key_set()}, (404, b"")
    assert Keys("", issuer=described(address)["issuer"]).find("key-1")
    assert Issuer.paths == [DESCRIPTION, CERTS]


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://issuer.example/realms/wallet"},
        {"jwks_uri": "https://intruder.example/keys"},
        {"jwks_uri": "http://127.0.0.1:9/certs"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": ""},
    ],
)
def test_description_that_sends_elsewhere_for_the_keys_is_not_believed(
    address: str, changes: dict[str, str]
) -> None:
    """Whoever can alter one page must not choose the keys."""
    Issuer.pages = {DESCRIPTION: described(address, **changes), CERTS: key_set()}
    with pytest.raises(PublisherUnreachable):
        Keys("", issuer=described(address)["issuer"]).find("key-1")
    assert Issuer.paths == [DESCRIPTION]


def test_setting_may_name_the_description_instead_of_the_keys(address: str) -> None:
    """One address to copy from the documentation of the issuer, whichever it is."""
    Issuer.pages = {DESCRIPTION: described(address), CERTS: key_set()}
    host = address.removesuffix("/certs")
    assert Keys(host + DESCRIPTION, issuer=described(address)["issuer"]).find("key-1")


def test_forged_tokens_make_nobody_ask_the_addresses_they_bring(address: str) -> None:
    """Tokens with jku, x5u, x5c or jwk reach no network: the issuer alone is asked, once."""
    issuer = described(address)["issuer"]
    Issuer.pages = {DESCRIPTION: described(address), CERTS: key_set()}
    verifier = Verifier(issuer, CLIENT, Keys("", issuer=issuer))
    now = datetime.fromtimestamp(AT, UTC)
    assert verifier.verify(signed(id_claims(iss=issuer)), at=now)
    asked = list(Issuer.paths)
    trap = address.replace("/certs", "/trap")
    own = key("intruder").as_dict(private=False)
    headers: tuple[dict[str, Any], ...] = (
        {"jku": trap},
        {"x5u": trap},
        {"x5c": [trap]},
        {"jwk": own},
        {"jwk": own | {"x5u": trap}},
        {"kid": trap},
        {"jku": trap, "kid": "key-9"},
        {"jku": trap, "crit": ["jku"]},
    )
    for header in headers:
        token = raw({"alg": "RS256", "kid": "key-1", **header}, id_claims(iss=issuer), kid="intruder")
        with pytest.raises(TokenRefused):
            verifier.verify(token, at=now)
    assert Issuer.paths == asked


def test_issuer_that_does_not_listen_is_to_be_tried_again_later() -> None:
    """A refused connection is an outage."""
    with pytest.raises(PublisherUnreachable):
        Keys("http://127.0.0.1:9/certs").find("key-1")


def test_keys_of_a_file_are_read_like_those_of_an_address(tmp_path: Path) -> None:
    """A host without network is given a file."""
    assert Keys(str(write_key_set(tmp_path))).find("key-1")


def test_missing_key_file_is_a_wrong_setting(tmp_path: Path) -> None:
    """The operator is told which setting."""
    with pytest.raises(UsageError, match="cannot be read"):
        Keys(str(tmp_path / "none.json")).find("key-1")


@pytest.mark.parametrize("location", ["http://issuer.example/certs", "ftp://issuer.example/certs", ""])
def test_keys_never_travel_in_clear(location: str) -> None:
    """Only https, loopback or a file."""
    with pytest.raises(UsageError):
        Keys(location)


def test_only_rsa_signing_keys_are_kept() -> None:
    """Encryption keys, other types, short or damaged keys and keys without id are passed over."""
    good = key("key-1").as_dict(private=False)
    others = [
        {**good, "kid": "enc", "use": "enc"},
        {**good, "kid": "ps", "alg": "PS256"},
        {**good, "kid": ""},
        {"kty": "oct", "kid": "oct", "use": "sig", "k": "c2VjcmV0"},
        {"kty": "RSA", "kid": "short", "use": "sig", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "kid": "damaged", "use": "sig", "n": "!" * 400, "e": "AQAB"},
        "nonsense",
    ]
    assert list(signing_keys({"keys": [good, *others]})) == ["key-1"]
