import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from rpps_sync.errors import UsageError
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.catalogue import resource
from rpps_sync.publisher.layouts import layout
from rpps_sync.simulator import file_answers
from rpps_sync.simulator.publish import publish
from rpps_sync.simulator.server import PublisherServer
from simulated_days import FIRST_DAY

KIND = ExtractKind.SAVOIRFAIRE  # the one that is late when days are mixed
DATASET = resource(KIND).dataset
STABLE = f"/datasets/r/{resource(KIND).id}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small days."""
    folder = tmp_path_factory.mktemp("served") / "days"
    publish(folder, practitioners=600, first_day=FIRST_DAY, days=2, seed=2, change_rate=0.05)
    return folder


@pytest.fixture
def publisher(folder: Path) -> Iterator[PublisherServer]:
    """The first day, on loopback."""
    with PublisherServer(folder) as server:
        yield server


def _content(folder: Path, day: int, kind: ExtractKind = KIND) -> bytes:
    return (folder / f"day-{day}" / layout(kind).file_name).read_bytes()


def _dataset(publisher: PublisherServer) -> dict:
    answer = httpx.get(f"{publisher.catalog_url}/datasets/{DATASET}/")
    return answer.raise_for_status().json()


def _listed(publisher: PublisherServer) -> dict:
    """The entry of the catalogue for the file that these tests fetch."""
    return next(item for item in _dataset(publisher)["resources"] if item["id"] == resource(KIND).id)


def _fetch(publisher: PublisherServer, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.get(publisher.catalog_url + STABLE, headers=named, follow_redirects=True)


def test_catalogue_leads_to_this_server_only(publisher: PublisherServer) -> None:
    """Every address of the answer is on loopback."""
    for item in _dataset(publisher)["resources"]:
        assert item["url"].startswith(publisher.url + "/resources/")
        assert item["latest"].startswith(publisher.catalog_url)


def test_stable_address_redirects_to_the_dated_one(publisher: PublisherServer, folder: Path) -> None:
    """302 with the dated address of the catalogue, which holds the file."""
    first = httpx.get(publisher.catalog_url + STABLE)
    assert first.status_code == 302
    assert first.headers["Location"] == _listed(publisher)["url"]
    assert httpx.get(first.headers["Location"]).content == _content(folder, 1)


def test_dated_address_is_gone_after_the_next_deposit(publisher: PublisherServer, folder: Path) -> None:
    """404 for yesterday's address; the stable one gives today's file."""
    yesterday = _listed(publisher)["url"]
    publisher.day = 2
    assert httpx.get(yesterday).status_code == 404
    assert _fetch(publisher).content == _content(folder, 2)


def test_file_that_has_not_changed_is_not_sent_again(publisher: PublisherServer) -> None:
    """304 by ETag or by date, and the file again once the next deposit was made."""
    first = _fetch(publisher)
    assert not first.headers["ETag"].startswith("W/")
    by_tag = {"If_None_Match": first.headers["ETag"]}
    by_date = {"If_Modified_Since": first.headers["Last-Modified"]}
    assert [_fetch(publisher, **condition).status_code for condition in (by_tag, by_date)] == [304, 304]
    publisher.day = 2
    assert [_fetch(publisher, **condition).status_code for condition in (by_tag, by_date)] == [200, 200]


def test_unreadable_date_asks_for_nothing(publisher: PublisherServer) -> None:
    """A condition that cannot be read is passed over."""
    assert _fetch(publisher, If_Modified_Since="yesterday").status_code == 200


@pytest.mark.parametrize(
    ("asked", "start", "end"), [("bytes=5-9", 5, 10), ("bytes=100-", 100, None), ("bytes=-7", -7, None)]
)
def test_part_of_a_file_can_be_asked_for(
    publisher: PublisherServer, folder: Path, asked: str, start: int, end: int | None
) -> None:
    """206 with the bytes asked for, and where they stand."""
    answer = _fetch(publisher, Range=asked)
    assert answer.status_code == 206
    assert answer.content == _content(folder, 1)[start:end]
    assert answer.headers["Content-Range"].endswith(f"/{len(_content(folder, 1))}")


def test_part_beyond_the_end_is_refused(publisher: PublisherServer) -> None:
    """416 says how long the file is."""
    answer = _fetch(publisher, Range="bytes=999999999-")
    assert answer.status_code == 416
    assert answer.headers["Content-Range"].startswith("bytes */")


def test_part_of_a_file_that_changed_is_the_whole_new_file(publisher: PublisherServer, folder: Path) -> None:
    """If-Range with yesterday's ETag answers 200, never the tail of another file."""
    tag = _fetch(publisher).headers["ETag"]
    assert _fetch(publisher, Range="bytes=10-", If_Range=tag).status_code == 206
    publisher.day = 2
    answer = _fetch(publisher, Range="bytes=10-", If_Range=tag)
    assert (answer.status_code, answer.content) == (200, _content(folder, 2))


def test_head_tells_the_length_and_sends_nothing(publisher: PublisherServer, folder: Path) -> None:
    """HEAD has the headers of GET."""
    answer = httpx.head(publisher.catalog_url + STABLE, follow_redirects=True)
    assert answer.content == b""
    assert int(answer.headers["Content-Length"]) == len(_content(folder, 1))


def test_requests_are_remembered(publisher: PublisherServer) -> None:
    """Method, path and status of each, in order."""
    httpx.get(publisher.url + "/nowhere")
    _dataset(publisher)
    assert publisher.requests == [
        ("GET", "/nowhere", 404),
        ("GET", f"/api/1/datasets/{DATASET}/", 200),
    ]


@pytest.mark.parametrize(
    ("fault", "error"), [("truncated", httpx.RemoteProtocolError), ("reset", httpx.ReadError)]
)
def test_connection_breaks_halfway(publisher: PublisherServer, fault: str, error: type[Exception]) -> None:
    """Less comes than was announced."""
    publisher.fault = fault
    with pytest.raises(error):
        _fetch(publisher)


def test_half_a_file_passes_for_a_whole_one(publisher: PublisherServer, folder: Path) -> None:
    """Only the catalogue's size and checksum tell."""
    publisher.fault = "wrong-length"
    assert len(_fetch(publisher).content) == len(_content(folder, 1)) // 2 < _listed(publisher)["filesize"]


def test_slow_answer_pauses_after_every_small_piece(
    publisher: PublisherServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything arrives in the end, 256 bytes at a time with the pause that was asked for."""
    pauses: list[float] = []
    monkeypatch.setattr(file_answers, "time", SimpleNamespace(sleep=pauses.append))
    publisher.fault, publisher.slow_seconds = "slow", 0.7
    assert _fetch(publisher).content == _content(folder, 1)
    assert set(pauses) == {0.7}
    assert len(pauses) >= (len(_content(folder, 1)) - 1) // 256  # the last one may still be to come


@pytest.mark.parametrize("status", [429, 503])
def test_overloaded_publisher_says_when_to_come_back(publisher: PublisherServer, status: int) -> None:
    """Catalogue and files alike, for as many requests as asked."""
    publisher.fault = f"{status}:2"
    refused = [
        httpx.get(f"{publisher.catalog_url}/datasets/{DATASET}/"),
        httpx.get(publisher.catalog_url + STABLE),
    ]
    assert [answer.status_code for answer in refused] == [status, status]
    assert all(answer.headers["Retry-After"] for answer in refused)
    assert _fetch(publisher).status_code == 200


def test_page_of_apologies_in_place_of_the_file(publisher: PublisherServer) -> None:
    """Status 200 and HTML."""
    publisher.fault = "html"
    answer = _fetch(publisher)
    assert answer.status_code == 200
    assert answer.text.startswith("<!DOCTYPE html>")


def test_empty_file(publisher: PublisherServer) -> None:
    """Status 200 and nothing."""
    publisher.fault = "empty"
    assert (_fetch(publisher).status_code, _fetch(publisher).content) == (200, b"")


def test_stale_catalogue_names_yesterdays_files(publisher: PublisherServer, folder: Path) -> None:
    """The dated addresses it gives are gone already, while the stable ones lead to today's files."""
    publisher.day, publisher.fault = 2, "stale-catalogue"
    stale = _listed(publisher)
    assert stale["filesize"] == len(_content(folder, 1))
    assert httpx.get(stale["url"]).status_code == 404
    assert _fetch(publisher).content == _content(folder, 2)


def test_one_file_of_the_day_is_still_yesterdays(publisher: PublisherServer, folder: Path) -> None:
    """Three files of today and one of yesterday, consistently in the catalogue and behind the addresses."""
    publisher.day, publisher.fault = 2, "mixed-days"
    days = {item["id"]: item["last_modified"][:10] for item in _dataset(publisher)["resources"]}
    assert days.pop(resource(KIND).id) == "2026-11-18"
    assert list(days.values()) == ["2026-11-19"] * 3
    assert _fetch(publisher).content == _content(folder, 1)


def test_mailboxes_are_served_from_their_own_dataset(publisher: PublisherServer, folder: Path) -> None:
    """Another dataset, under its identifier and its slug, whose file the stable address leads to."""
    mailboxes = resource(ExtractKind.MSSANTE)
    by_id = httpx.get(f"{publisher.catalog_url}/datasets/{mailboxes.dataset}/").raise_for_status().json()
    assert by_id["slug"] != _dataset(publisher)["slug"]
    assert httpx.get(f"{publisher.catalog_url}/datasets/{by_id['slug']}/").json() == by_id
    assert [item["id"] for item in by_id["resources"]] == [mailboxes.id]
    stable = httpx.get(f"{publisher.catalog_url}/datasets/r/{mailboxes.id}", follow_redirects=True)
    assert stable.content == _content(folder, 1, ExtractKind.MSSANTE)


def test_unknown_fault_is_refused(folder: Path) -> None:
    """The mend lists the faults there are."""
    with pytest.raises(UsageError, match="no fault") as caught:
        PublisherServer(folder, fault="gremlins")
    assert "truncated" in caught.value.mend


def test_day_that_was_not_published_is_refused(folder: Path) -> None:
    """There is nothing to serve."""
    with pytest.raises(UsageError, match="day 9"):
        PublisherServer(folder, day=9)


def test_port_in_use_is_told(publisher: PublisherServer, folder: Path) -> None:
    """Two servers cannot share a port."""
    with pytest.raises(UsageError, match=str(publisher.port)), PublisherServer(folder, port=publisher.port):
        pytest.fail("it should not have started")


def test_issuer_answers_when_its_keys_are_there(folder: Path, tmp_path: Path) -> None:
    """Discovery names the issuer of the tokens and leads to the keys on this server."""
    (tmp_path / "day-1").symlink_to(folder / "day-1")
    realm = "/auth/realms/esante-wallet"
    with PublisherServer(tmp_path) as server:
        assert httpx.get(f"{server.url}{realm}/protocol/openid-connect/certs").status_code == 404
        (tmp_path / "jwks.json").write_text('{"keys": []}')
        (tmp_path / "issuer.json").write_text(json.dumps({"issuer": "https://issuer.invalid", "client_id": "me"}))
        found = httpx.get(f"{server.url}{realm}/.well-known/wallet-openid-configuration").json()
        assert found["issuer"] == "https://issuer.invalid"
        assert httpx.get(found["jwks_uri"]).json() == {"keys": []}
        assert httpx.get(f"{server.url}{realm}/elsewhere").status_code == 404
