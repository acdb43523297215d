import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from invented_issuer import id_claims, signed, userinfo
from rpps_sync import client
from rpps_sync.client import observing
from rpps_sync.client.destination import Inbox, Undelivered
from rpps_sync.errors import UsageError

HEAVY = (
    "pandas",
    "polars",
    "great_expectations",
    "sqlalchemy",
    "numpy",
    "pyarrow",
    "httpx",
    "joserfc",
    "pydantic",
)


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test is another application."""
    monkeypatch.setattr(observing, "_observer", None)
    monkeypatch.setattr(observing, "_complained", False)
    for name in ("SOURCE", "INBOX", "URL", "KEY"):
        monkeypatch.delenv(f"RPPS_SYNC_CLIENT_{name}", raising=False)


class Api(BaseHTTPRequestHandler):
    """The address /v1/claims: answers what the test wants, and keeps what came."""

    answers: ClassVar[list[int]] = []
    bodies: ClassVar[list[Any]] = []
    keys: ClassVar[list[str | None]] = []

    def do_POST(self) -> None:
        """Take a body."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).keys.append(self.headers["Authorization"])
        type(self).bodies.append(json.loads(body))
        self.send_response(self.answers.pop(0) if self.answers else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    """The API on loopback."""
    Api.answers, Api.bodies, Api.keys = [], [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/claims"
    server.shutdown()
    server.server_close()


class Stuck:
    """A destination that does not answer until it is told to."""

    linger = 0.0

    def __init__(self) -> None:
        self.free = threading.Event()

    def deliver(self, lines: Sequence[bytes]) -> None:
        """Wait."""
        assert lines
        self.free.wait(30)


def written(folder: Path) -> list[dict[str, Any]]:
    """The observations of the ready files of a folder."""
    return [json.loads(line) for file in sorted(folder.glob("*.jsonl")) for line in file.read_text().splitlines()]


def test_sign_in_is_told_to_the_watched_folder(tmp_path: Path) -> None:
    """Some lines at a time, in a file that is complete when it appears; only the compared claims are in it."""
    client.configure("dpi-chu", inbox=tmp_path)
    token = signed(id_claims())
    for _ in range(3):
        client.observe(userinfo(), id_token=token)
    assert client.flush(10)
    seen = written(tmp_path)
    assert [(item["source"], item["id_token"]) for item in seen] == [("dpi-chu", token)] * 3
    assert "family_name" not in seen[0]["userinfo"]
    assert seen[0]["userinfo"]["SubjectRefPro"] == userinfo()["SubjectRefPro"]
    assert {path.suffix for path in tmp_path.iterdir()} == {".jsonl"}
    assert client.counters().delivered == 3


def test_signed_userinfo_is_told_as_received(tmp_path: Path) -> None:
    """An application that asks for the signed form hands over the JWT itself."""
    client.configure("dpi", inbox=tmp_path)
    client.observe(signed(userinfo()), access_token="a.b.c")
    assert client.flush(10)
    (seen,) = written(tmp_path)
    assert seen["userinfo"].count(".") == 2
    assert seen["access_token"] == "a.b.c"


def test_sign_in_is_told_to_the_api_with_its_key(address: str) -> None:
    """An array, with the key of the application."""
    client.configure("dpi", url=address, key="key-of-dpi")
    client.observe(userinfo())
    assert client.flush(20)
    assert [item["source"] for body in Api.bodies for item in body] == ["dpi"]
    assert Api.keys == ["Bearer key-of-dpi"]


def test_busy_server_is_tried_again_and_one_that_refuses_is_not(address: str) -> None:
    """A restart of the API loses nothing; a wrong key loses what it cannot deliver, and says how much."""
    client.configure("dpi", url=address, key="key")
    Api.answers = [503]
    client.observe(userinfo())
    assert client.flush(20)
    Api.answers = [403]
    client.observe(userinfo())
    assert client.flush(20)
    assert (client.counters().delivered, client.counters().lost, len(Api.bodies)) == (1, 1, 3)


def test_nothing_a_sign_in_brings_makes_it_fail(tmp_path: Path) -> None:
    """Wrong types, endless values, values that are no JSON: counted, never raised."""
    client.configure("dpi", inbox=tmp_path)
    endless: list[Any] = []
    endless.append(endless)
    for userinfo_, token in (
        (None, None),
        ({"sub": object()}, None),
        ({"sub": endless}, None),
        ({"sub": "x" * observing.LARGEST}, None),
        (7, None),
        (userinfo(), b"bytes"),
    ):
        client.observe(userinfo_, id_token=token)  # type: ignore[arg-type] - that is the point
    client.observe({"sub": "\ud800"})
    assert client.flush(10)
    assert client.counters().unusable == 6
    assert len(written(tmp_path)) == 1


def test_application_without_settings_signs_people_in_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    """Observations go nowhere, and the log says so once."""
    for _ in range(3):
        client.observe(userinfo())
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "RPPS_SYNC_CLIENT_SOURCE" in caplog.text
    assert client.counters() == client.Counters()
    assert client.flush()


def test_variables_say_where_observations_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing to write in the application but the call."""
    monkeypatch.setenv("RPPS_SYNC_CLIENT_SOURCE", "portail")
    monkeypatch.setenv("RPPS_SYNC_CLIENT_INBOX", str(tmp_path))
    client.observe(userinfo())
    assert client.flush(10)
    assert [item["source"] for item in written(tmp_path)] == ["portail"]


def test_destination_that_hangs_holds_no_sign_in_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue fills, the rest is dropped and counted, and no call waits for the destination."""
    stuck = Stuck()
    observer = observing.Observer("dpi", stuck)
    monkeypatch.setattr(observing, "_observer", observer)
    many = observing.WAITING + observing.TOGETHER + 100
    for _ in range(many):
        client.observe({"sub": "x"})
    assert client.counters().dropped >= 100
    assert not client.flush(0.05)
    stuck.free.set()
    assert client.flush(20)


def test_folder_nobody_empties_does_not_fill_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many files waiting, observations are dropped; a missing folder is told in words."""
    monkeypatch.setattr("rpps_sync.client.destination.FILES_WAITING", 2)
    inbox = Inbox(tmp_path)
    inbox.deliver([b"{}"])
    inbox.deliver([b"{}"])
    with pytest.raises(Undelivered, match="wait"):
        inbox.deliver([b"{}"])
    with pytest.raises(Undelivered, match="No such file"):
        Inbox(tmp_path / "none").deliver([b"{}"])
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"inbox": "a", "url": "https://b"},
        {"url": "http://rpps.example/v1/claims", "key": "k"},
        {"url": "https://rpps.example/v1/claims"},
    ],
)
def test_destination_that_cannot_work_is_refused_at_the_start(arguments: dict[str, str]) -> None:
    """Not at the first sign-in of the morning; a key never travels in clear."""
    with pytest.raises(UsageError):
        client.configure("dpi", **arguments)


def test_worker_forked_by_a_server_tells_its_own_sign_ins(tmp_path: Path) -> None:
    """Servers that fork their workers after importing the application lose no observation of any of them."""
    program = (
        "import os\n"
        "from rpps_sync import client\n"
        f"client.configure('dpi', inbox={str(tmp_path)!r})\n"
        "client.observe({'sub': 'parent'})\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    client.observe({'sub': 'child'})\n"
        "    os._exit(0 if client.flush(10) else 1)\n"
        "raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert sorted(item["userinfo"]["sub"] for item in written(tmp_path)) == ["child", "parent"]


def test_short_program_tells_what_it_saw_before_it_ends(tmp_path: Path, address: str) -> None:
    """What waits when a program ends is handed over, to the folder as to the API."""
    for arguments in (f"inbox={str(tmp_path)!r}", f"url={address!r}, key='k'"):
        program = (
            f"from rpps_sync import client\nclient.configure('dpi', {arguments})\nclient.observe({{'sub': 'x'}})\n"
        )
        done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
        assert done.stderr == b""
    assert len(written(tmp_path)) == 1
    assert [item["userinfo"] for body in Api.bodies for item in body] == [{"sub": "x"}]


def test_importing_the_client_brings_no_heavy_library() -> None:
    """Applications import it beside their own pins: nothing of the engine comes along."""
    program = f"import sys, rpps_sync.client; print([name for name in {HEAVY} if name in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": ""}
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, env=environment)
    assert done.stdout.strip() == b"[]"
