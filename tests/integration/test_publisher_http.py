"""Downloads over real HTTP from a publisher on loopback that misbehaves on demand: catalogue and transfer."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from misbehaving_publisher import (
    BODY,
    DATED,
    ETAG,
    PA,
    QUICK,
    Behaviour,
    Publisher,
    answer,
    came,
    cut,
    cut_chunks,
    fetch,
    honest,
    previous_file,
    refusal,
    reset,
    source,
    status,
    unmarked,
)
from rpps_sync.errors import ExtractRefused, PublisherUnreachable, UsageError
from rpps_sync.limits import LIMITS
from rpps_sync.publisher.catalogue import resource
from rpps_sync.publisher.online import OnlineSource
from rpps_sync.publisher.retries import AT_ONCE
from rpps_sync.publisher.sources import Deposit


def test_the_catalogue_tells_where_when_and_how_large(publisher: Publisher) -> None:
    """One deposit, at its stable address, with what the catalogue says of it."""
    deposit = source(publisher).discover([PA])[0]
    assert deposit == Deposit(
        kind=PA,
        url=f"{publisher.url}/api/1/datasets/r/{resource(PA).id}",
        published_at=datetime(2026, 11, 20, 8, 12, tzinfo=UTC),
        bytes=len(BODY),
        checksum="sha1:" + hashlib.sha1(BODY, usedforsecurity=False).hexdigest(),
        dated_url=f"{publisher.url}{DATED}",
        channel="data-gouv",
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<!doctype html><p>Maintenance", "html-page"),
        (b"{", "catalogue-not-json"),
        (b"[" * 100_000, "catalogue-not-json"),
        (b"null", "resource-missing"),
        (b'{"resources": null}', "resource-missing"),
        (json.dumps({"resources": [{"id": resource(PA).id}]}).encode(), "catalogue-no-date"),
        (b" " * 3000, "catalogue-too-large"),
    ],
)
def test_a_catalogue_that_cannot_be_understood_is_refused(publisher: Publisher, body: bytes, reason: str) -> None:
    """No guess is made about where the extracts are or when they were published."""
    publisher.catalogue = partial(answer, status=200, body=body)
    limits = replace(QUICK, catalogue_bytes=2000) if reason == "catalogue-too-large" else QUICK
    with pytest.raises(ExtractRefused) as refusal:
        source(publisher, limits).discover([PA])
    assert refusal.value.reason == reason


def test_nobody_listens_at_the_catalogue(publisher: Publisher) -> None:
    """A publisher that is down is worth another try later."""
    publisher.server_close()
    with pytest.raises(PublisherUnreachable) as error:
        OnlineSource("http://127.0.0.1:9/api/1", limits=QUICK, policy=AT_ONCE).discover([PA])
    assert error.value.exit_code == 75


@pytest.mark.parametrize("address", ["ftp://example.org/api", "no address", "http://h:port", "http://", ""])
def test_a_catalogue_address_that_is_none_is_a_wrong_setting(address: str) -> None:
    """The setting is named before anything is sent."""
    with pytest.raises(UsageError, match="address"):
        OnlineSource(address).discover([PA])


def test_an_honest_download_is_whole_and_described(publisher: Publisher, tmp_path: Path) -> None:
    """The bytes, their digest, the validators for the next night, and nothing to note."""
    fetched = came(publisher, tmp_path)
    assert (tmp_path / "pa.txt").read_bytes() == BODY
    assert (fetched.bytes, fetched.etag, fetched.notes) == (len(BODY), ETAG, ())
    assert fetched.last_modified == "Fri, 20 Nov 2026 08:12:00 GMT"
    assert publisher.requests[0]["Accept-Encoding"] == "identity"


def test_an_unmodified_file_is_not_sent_again(publisher: Publisher, tmp_path: Path) -> None:
    """The second night asks with the ETag of the first, and the server sends nothing."""
    assert fetch(publisher, tmp_path, previous_file(publisher)) is None
    assert publisher.requests[0]["If-None-Match"] == ETAG
    assert list(tmp_path.iterdir()) == []


def test_a_date_alone_is_a_condition_when_there_is_no_etag(publisher: Publisher, tmp_path: Path) -> None:
    """Last-Modified serves where the server gives no ETag."""
    stamp = "Fri, 20 Nov 2026 08:12:00 GMT"
    fetch(publisher, tmp_path, previous_file(publisher, etag="", last_modified=stamp))
    assert publisher.requests[0]["If-Modified-Since"] == stamp


def test_a_stale_date_does_not_hide_a_newer_file(publisher: Publisher, tmp_path: Path) -> None:
    """When the catalogue says that the file is newer, no date can answer that it is not."""
    publisher.entry["last_modified"] = "2026-11-21T08:12:00+00:00"
    stamp = "Fri, 20 Nov 2026 08:12:00 GMT"
    assert fetch(publisher, tmp_path, previous_file(publisher, etag="", last_modified=stamp)) is not None
    assert publisher.requests[0]["If-Modified-Since"] is None


@pytest.mark.parametrize("failure", [cut, reset], ids=["cut", "reset"])
def test_a_broken_transfer_is_resumed_where_it_stopped(
    publisher: Publisher, tmp_path: Path, failure: Behaviour
) -> None:
    """With a strong ETag the second request asks for the rest, and only for it."""
    publisher.behaviours = [failure, honest]
    came(publisher, tmp_path)
    assert (tmp_path / "pa.txt").read_bytes() == BODY
    assert publisher.requests[1]["Range"].startswith("bytes=")
    assert publisher.requests[1]["Range"] != "bytes=0-"
    assert publisher.requests[1]["If-Range"] == ETAG


def test_a_weak_etag_resumes_nothing(publisher: Publisher, tmp_path: Path) -> None:
    """A weak validator does not promise the same bytes: the transfer starts again."""
    publisher.behaviours = [partial(cut, etag='W/"weak"'), honest]
    came(publisher, tmp_path)
    assert publisher.requests[1]["Range"] is None
    assert (tmp_path / "pa.txt").read_bytes() == BODY


def test_a_file_that_changes_between_two_tries_is_not_sewn_together(publisher: Publisher, tmp_path: Path) -> None:
    """A new deposit during the transfer is taken from its beginning."""
    other = BODY.replace(b"999|", b"998|")
    publisher.entry |= {"url": "", "checksum": None}
    publisher.behaviours = [cut, partial(honest, body=other, etag='"deposit-2"')]
    fetched = came(publisher, tmp_path)
    assert (tmp_path / "pa.txt").read_bytes() == other
    assert fetched.etag == '"deposit-2"'


def test_progress_takes_back_what_is_lost(publisher: Publisher, tmp_path: Path) -> None:
    """After a restart the count of bytes is that of the file."""
    seen: list[int] = []
    publisher.behaviours = [partial(cut, etag=""), honest]
    fetch(publisher, tmp_path, progress=seen.append)
    assert sum(seen) == len(BODY)
    assert min(seen) < 0


def test_a_416_starts_again(publisher: Publisher, tmp_path: Path) -> None:
    """A server that knows no such range is asked for the whole."""
    publisher.behaviours = [cut, partial(status, code=416), honest]
    came(publisher, tmp_path)
    assert publisher.requests[2]["Range"] is None


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ({"Content_Range": f"bytes 0-{len(BODY) - 1}/{len(BODY)}"}, "wrong-part"),
        ({"Content_Range": f"bytes 100000-{len(BODY)}/{len(BODY) + 1}"}, "wrong-part"),
        ({"Content_Range": "lines 1-2/3"}, "wrong-part"),
        ({}, "wrong-part"),
        ({"Content_Range": f"bytes 100000-{len(BODY) - 1}/{len(BODY)}", "ETag": '"other"'}, "wrong-part"),
    ],
    ids=["wrong start", "other total", "other unit", "no range", "other file"],
)
def test_another_part_than_the_one_asked_for_is_refused(
    publisher: Publisher, tmp_path: Path, part: dict[str, str], reason: str
) -> None:
    """Bytes from elsewhere are never appended."""
    publisher.behaviours = [cut, partial(answer, status=206, body=BODY[100_000:], **part)]
    assert refusal(publisher, tmp_path).reason == reason


def test_a_part_that_nobody_asked_for_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    """A 206 to a plain request is not the file, although the library takes it for one."""
    publisher.behaviours = [partial(answer, status=206, body=BODY[:100])]
    assert refusal(publisher, tmp_path).reason == "unasked-part"


@pytest.mark.parametrize("failure", [partial(cut, etag=""), cut_chunks], ids=["length", "chunks"])
def test_a_truncated_body_is_tried_again_then_refused(
    publisher: Publisher, tmp_path: Path, failure: Behaviour
) -> None:
    """Five tries, then a sentence; the half file is removed."""
    publisher.behaviours = [failure]
    assert refusal(publisher, tmp_path).reason == "truncated"
    assert len(publisher.requests) == LIMITS.attempts


def test_a_body_without_length_that_stops_inside_a_line_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    """Nothing marks its end, so its last byte must."""
    publisher.entry["filesize"] = None
    publisher.behaviours = [partial(unmarked, body=BODY[:-3])]
    assert refusal(publisher, tmp_path).reason == "truncated"


def test_a_body_without_length_must_have_the_size_of_the_catalogue(publisher: Publisher, tmp_path: Path) -> None:
    """A cut at the end of a line shows only against the catalogue."""
    publisher.entry["url"] = ""
    publisher.behaviours = [partial(unmarked, body=BODY[: BODY.index(b"\n") + 1])]
    assert refusal(publisher, tmp_path).reason == "wrong-size"


def test_a_whole_body_without_length_is_taken(publisher: Publisher, tmp_path: Path) -> None:
    """The size of the catalogue vouches for it."""
    publisher.behaviours = [partial(unmarked, body=BODY)]
    assert came(publisher, tmp_path).bytes == len(BODY)


def test_a_length_announced_too_short_is_seen_in_the_catalogue(publisher: Publisher, tmp_path: Path) -> None:
    """A server that lies about the length of that very deposit is not believed."""
    publisher.behaviours = [partial(answer, status=200, body=BODY[:5000])]
    assert refusal(publisher, tmp_path).reason == "wrong-size"


def test_corrupted_bytes_of_the_right_length_are_refused(publisher: Publisher, tmp_path: Path) -> None:
    """The catalogue's checksum describes that very deposit, and must match."""
    publisher.behaviours = [partial(answer, status=200, body=BODY.replace(b"999|", b"998|", 1))]
    assert refusal(publisher, tmp_path).reason == "wrong-checksum"


def test_a_catalogue_that_lags_does_not_refuse_a_good_file(publisher: Publisher, tmp_path: Path) -> None:
    """It still describes yesterday's deposit: the file is taken, dated by its address, and the gap noted."""
    publisher.entry |= {
        "url": f"{publisher.url}/resources/20261119-081200/ps.txt",
        "last_modified": "2026-11-19T08:12:00+00:00",
        "filesize": 7,
        "checksum": {"type": "sha1", "value": "00"},
    }
    fetched = came(publisher, tmp_path)
    assert fetched.published_at == datetime(2026, 11, 20, 8, 12, tzinfo=UTC)
    assert len(fetched.notes) == 3
