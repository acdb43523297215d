import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from invented_issuer import key, key_set, write_key_set
from rpps_sync.errors import PublisherUnreachable, TokenRefused, UsageError
from rpps_sync.limits import LIMITS
from rpps_sync.psc.keys import Keys, signing_keys


class Issuer(BaseHTTPRequestHandler):
    """Answers with what the test put there, and counts."""

    answer: ClassVar[tuple[int, bytes]] = (200, b"")
    asked: ClassVar[int] = 0

    def do_GET(self) -> None:
        """Answer."""
        type(self).asked += 1
        status, body = self.answer
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
    """Without keys nothing can be judged, so no token is called forged."""
    Issuer.answer = answer
    with pytest.raises(PublisherUnreachable):
        Keys(address).find("key-1")


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
