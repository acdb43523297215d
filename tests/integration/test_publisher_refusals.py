"""What a publisher on loopback must not serve, and how long it is waited for."""

from __future__ import annotations

import gzip
import hashlib
import random
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
    Handler,
    Publisher,
    answer,
    came,
    drip,
    drip_headers,
    endless,
    fetch,
    head,
    honest,
    previous_file,
    refusal,
    silent,
    source,
    status,
    unreachable,
)
from rpps_sync.errors import ExtractRefused, PublisherUnreachable
from rpps_sync.limits import LIMITS
from rpps_sync.publisher.archive import Archive
from rpps_sync.publisher.days import Patience
from rpps_sync.publisher.online import OnlineSource
from rpps_sync.publisher.retries import AT_ONCE, RetryPolicy
from rpps_sync.publisher.sources import quiet


@pytest.mark.parametrize(
    "page",
    [
        partial(answer, status=200, body=b"<p>Maintenance</p>", Content_Type="text/html; charset=utf-8"),
        partial(answer, status=200, body=b"\r\n<!DOCTYPE HTML>", Content_Type="text/plain"),
        partial(answer, status=200, body=b"<html>"),
    ],
)
def test_a_web_page_is_refused(publisher: Publisher, tmp_path: Path, page: Behaviour) -> None:
    """By its type or by its first bytes, at once."""
    publisher.behaviours = [page]
    assert refusal(publisher, tmp_path).reason == "html-page"
    assert len(publisher.requests) == 1


def test_an_empty_file_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    """Zero bytes are not an extract."""
    publisher.entry |= {"filesize": None, "checksum": None}
    publisher.behaviours = [partial(answer, status=200, body=b"")]
    assert refusal(publisher, tmp_path).reason == "empty"


def test_a_compressed_body_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    """None was accepted, and a server that lies about it would be found out only later."""
    publisher.behaviours = [partial(answer, status=200, body=BODY, Content_Encoding="gzip")]
    assert refusal(publisher, tmp_path).reason == "content-encoding"


@pytest.mark.parametrize("failure", [endless, honest], ids=["endless", "announced"])
def test_a_file_larger_than_any_extract_is_refused(
    publisher: Publisher, tmp_path: Path, failure: Behaviour
) -> None:
    """The disk is never given more than the limit."""
    publisher.behaviours = [failure]
    limits = replace(QUICK, file_bytes=len(BODY) - 1)
    assert refusal(publisher, tmp_path, limits=limits).reason == "too-large"


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504, 408])
def test_a_passing_failure_is_tried_again(publisher: Publisher, tmp_path: Path, code: int) -> None:
    """Overload and maintenance end by themselves."""
    publisher.behaviours = [partial(status, code=code, Retry_After="0"), honest]
    assert came(publisher, tmp_path).bytes == len(BODY)


def test_a_lasting_failure_is_for_later(publisher: Publisher, tmp_path: Path) -> None:
    """After five tries the run ends with 'try again later'."""
    publisher.behaviours = [partial(status, code=503)]
    assert unreachable(publisher, tmp_path).reason == "http-503"
    assert len(publisher.requests) == LIMITS.attempts


def test_a_server_that_asks_for_a_long_rest_gets_it(publisher: Publisher, tmp_path: Path) -> None:
    """A Retry-After beyond our patience ends the run instead of insisting."""
    publisher.behaviours = [partial(status, code=429, Retry_After="86400")]
    assert unreachable(publisher, tmp_path).reason == "http-429"
    assert len(publisher.requests) == 1


def test_a_dated_address_that_just_died_is_looked_up_again(publisher: Publisher, tmp_path: Path) -> None:
    """A deposit between the redirect and the request costs one more try."""
    publisher.behaviours = [partial(status, code=404), honest]
    assert came(publisher, tmp_path).bytes == len(BODY)


def test_a_forbidden_file_is_not_insisted_upon(publisher: Publisher, tmp_path: Path) -> None:
    """A 403 does not pass by itself: one request, and the operator reads it."""
    publisher.behaviours = [partial(status, code=403)]
    assert unreachable(publisher, tmp_path).reason == "http-403"
    assert len(publisher.requests) == 1


def test_a_redirect_loop_ends(publisher: Publisher, tmp_path: Path) -> None:
    """Five redirects, not more."""
    publisher.behaviours = [partial(answer, status=302, body=b"", Location=DATED)]
    assert refusal(publisher, tmp_path).reason == "redirect-loop"
    assert len(publisher.requests) == LIMITS.redirects


@pytest.mark.parametrize("location", ["ftp://example.org/f", "file:///etc/passwd"])
def test_a_redirect_to_something_else_is_refused(publisher: Publisher, tmp_path: Path, location: str) -> None:
    """Only http(s) addresses are followed."""
    publisher.behaviours = [partial(answer, status=302, body=b"", Location=location)]
    assert refusal(publisher, tmp_path).reason == "https-downgrade"


def test_a_redirect_to_another_host_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    """The same server under another name is another host: nothing is asked of it."""
    elsewhere = f"http://localhost:{publisher.server_port}{DATED}"
    publisher.behaviours = [partial(answer, status=302, body=b"", Location=elsewhere), honest]
    assert refusal(publisher, tmp_path).reason == "redirect-elsewhere"
    assert len(publisher.requests) == 1


def test_a_redirect_to_nowhere_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    """A redirect must say where to."""
    publisher.behaviours = [partial(status, code=302)]
    assert refusal(publisher, tmp_path).reason == "redirect-unreadable"


def test_a_redirect_to_no_address_is_for_later(publisher: Publisher, tmp_path: Path) -> None:
    """An address that cannot be read is a server's mistake that may pass."""
    publisher.behaviours = [partial(answer, status=302, body=b"", Location="http://h:port/")]
    assert unreachable(publisher, tmp_path).reason == "network"


@pytest.mark.parametrize("failure", [drip, drip_headers])
def test_a_drip_ends_at_the_deadline(publisher: Publisher, tmp_path: Path, failure: Behaviour) -> None:
    """A byte from time to time satisfies every read, not the deadline of the whole."""
    publisher.behaviours = [failure]
    limits = replace(QUICK, download_seconds=0.5)
    assert unreachable(publisher, tmp_path, limits=limits).reason == "deadline"


def test_a_silent_server_is_left(publisher: Publisher, tmp_path: Path) -> None:
    """No answer in time, five times, is 'try again later'."""
    publisher.behaviours = [silent]
    limits = replace(QUICK, read_seconds=0.05)
    assert unreachable(publisher, tmp_path, limits=limits).reason == "network"


def test_a_night_over_http_then_the_same_again(publisher: Publisher, tmp_path: Path) -> None:
    """The archive takes the publication once; the second night costs one conditional request."""
    archive = Archive(tmp_path / "archive")
    received = archive.receive(source(publisher), [PA])
    assert received is not None
    assert received.id.startswith("2026-11-20-")
    assert received.files[0].lines == 4000
    assert archive.receive(source(publisher), [PA]) is None
    assert publisher.requests[-1]["If-None-Match"] == ETAG


def _archive(tmp_path: Path) -> Archive:
    """An archive that already holds the deposit of 20 November."""
    return Archive(tmp_path / "archive", patience=Patience(sleep=lambda _: None))


def _deposit(publisher: Publisher, day: str, body: bytes) -> None:
    """Make the publisher offer another deposit, catalogue and dated address included."""
    publisher.entry |= {
        "last_modified": f"{day}T08:12:00+00:00",
        "filesize": len(body),
        "checksum": {"type": "sha256", "value": hashlib.sha256(body).hexdigest()},
        "url": "",
    }
    publisher.dated = f"/resources/{day.replace('-', '')}-081200/ps-libreacces-personne-activite.txt"
    publisher.behaviours = [partial(honest, body=body, etag=f'"deposit of {day}"')]


def _refused_by(archive: Archive, publisher: Publisher) -> str:
    """The reason why the offer is refused; the archive stays as it was."""
    before = archive.all()
    with pytest.raises(ExtractRefused, match="former publication is still served") as refusal:
        archive.receive(source(publisher), [PA])
    assert archive.all() == before
    return refusal.value.reason


OTHER = BODY.replace(b"999|", b"998|")


def test_yesterdays_file_under_todays_date_is_nothing_new(publisher: Publisher, tmp_path: Path) -> None:
    """The same bytes deposited again, with another ETag and another date, are no new publication."""
    archive = _archive(tmp_path)
    archive.receive(source(publisher), [PA])
    _deposit(publisher, "2026-11-21", BODY)
    assert archive.receive(source(publisher), [PA]) is None
    assert len(archive.all()) == 1


def test_an_older_file_than_yesterdays_does_not_roll_the_directory_back(
    publisher: Publisher, tmp_path: Path
) -> None:
    """A publisher restored from a backup offers the day before last."""
    archive = _archive(tmp_path)
    archive.receive(source(publisher), [PA])
    _deposit(publisher, "2026-11-18", OTHER)
    assert _refused_by(archive, publisher) == "rollback"


def test_a_deposit_dated_in_the_future_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    """Once archived it would make every real deposit look like a roll-back, for years."""
    archive = _archive(tmp_path)
    _deposit(publisher, "2099-01-01", BODY)
    assert _refused_by(archive, publisher) == "future-date"
    assert publisher.requests == []


def test_an_address_dated_in_the_future_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    """The catalogue tells a possible date, and the file proves to come from another one."""
    archive = _archive(tmp_path)
    publisher.dated = "/resources/20990101-081200/ps-libreacces-personne-activite.txt"
    assert _refused_by(archive, publisher) == "future-date"


def test_an_address_older_than_the_catalogue_says_dates_the_file(publisher: Publisher, tmp_path: Path) -> None:
    """A catalogue that runs ahead of its files does not make yesterday's file today's."""
    publisher.entry["last_modified"] = "2026-11-21T08:12:00+00:00"
    fetched = came(publisher, tmp_path)
    assert fetched.published_at == datetime(2026, 11, 20, 8, 12, tzinfo=UTC)
    assert len(fetched.notes) == 1


def test_a_last_modified_in_the_future_is_not_kept(publisher: Publisher, tmp_path: Path) -> None:
    """Sent back as a condition, it would make the server answer 'not modified' until that day."""
    lie = {"ETag": ETAG, "Last_Modified": "Thu, 01 Jan 2099 08:12:00 GMT"}
    publisher.behaviours = [partial(answer, status=200, body=BODY, **lie)]
    fetched = came(publisher, tmp_path)
    assert fetched.last_modified == ""
    assert "2099" in fetched.notes[0]


def test_the_validator_of_another_address_is_no_condition(publisher: Publisher, tmp_path: Path) -> None:
    """What the other channel, or a former publisher, said of its file says nothing of this one."""
    elsewhere = previous_file(publisher, url="https://example.org/f")
    assert fetch(publisher, tmp_path, elsewhere) is not None
    assert publisher.requests[0]["If-None-Match"] is None


def test_a_gzip_body_that_does_not_say_so_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    """The catalogue vouches for the bytes, and they are no text."""
    archive = _archive(tmp_path)
    _deposit(publisher, "2026-11-20", gzip.compress(BODY))
    assert _refused_by(archive, publisher) in {"header-not-utf8", "column-missing"}


def test_a_header_alone_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    """A file of no line would empty the directory."""
    archive = _archive(tmp_path)
    archive.receive(source(publisher), [PA])
    _deposit(publisher, "2026-11-21", BODY[: BODY.index(b"\n") + 1])
    assert _refused_by(archive, publisher) == "no-lines"


def test_the_checksum_of_another_deposit_is_noted_and_refuses_nothing(
    publisher: Publisher, tmp_path: Path
) -> None:
    """The catalogue still has yesterday's checksum: the file is taken, and the manifest says so."""
    archive = _archive(tmp_path)
    publisher.entry |= {"checksum": {"type": "sha1", "value": "0" * 40}, "url": f"{publisher.url}/resources/other"}
    received = archive.receive(source(publisher), [PA])
    assert received is not None
    assert "describes another deposit" in (received.folder / "manifest.json").read_text()


def test_503_for_ten_minutes_ends_with_try_again_later(publisher: Publisher, tmp_path: Path) -> None:
    """A Retry-After longer than the whole transfer may last is not waited for."""
    publisher.behaviours = [partial(status, code=503, Retry_After="600")]
    limits = replace(QUICK, download_seconds=1.0)
    source = OnlineSource(f"{publisher.url}/api/1", limits=limits, policy=RetryPolicy(first_wait=0, jitter=0))
    deposit = source.discover([PA])[0]
    with pytest.raises(PublisherUnreachable) as error:
        source.fetch(deposit, tmp_path / "pa.txt", None, quiet)
    assert error.value.reason == "http-503"
    assert len(publisher.requests) == 1


def test_429_is_given_longer_and_longer_rest(publisher: Publisher, tmp_path: Path) -> None:
    """Four times too close, then served: the rests double."""
    publisher.behaviours = [*[partial(status, code=429)] * 4, honest]
    policy = RetryPolicy(first_wait=0, longest_wait=0, jitter=0, crowded_wait=0.001)
    source = OnlineSource(f"{publisher.url}/api/1", limits=QUICK, policy=policy)
    assert source.fetch(source.discover([PA])[0], tmp_path / "pa.txt", None, quiet) is not None
    assert len(publisher.requests) == 5


def test_ten_cuts_send_each_byte_once(publisher: Publisher, tmp_path: Path) -> None:
    """Every transfer goes on exactly where the former one stopped."""
    cuts = sorted(random.Random(7).sample(range(1, len(BODY)), 10))
    publisher.behaviours = [*(partial(_cut_at, at=at) for at in cuts), honest]
    limits = replace(QUICK, attempts=20)
    source = OnlineSource(f"{publisher.url}/api/1", limits=limits, policy=replace(AT_ONCE, attempts=20))
    fetched = source.fetch(source.discover([PA])[0], tmp_path / "pa.txt", None, quiet)
    assert fetched is not None
    assert fetched.sha256 == hashlib.sha256(BODY).hexdigest()
    starts = [int(str(asked["Range"]).removeprefix("bytes=").rstrip("-")) for asked in publisher.requests[1:]]
    assert starts == cuts


def _cut_at(handler: Handler, at: int) -> None:
    """What an honest server sends, up to an offset of the file."""
    asked = handler.headers.get("Range")
    start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
    part = {"Content_Range": f"bytes {start}-{len(BODY) - 1}/{len(BODY)}"} if asked else {}
    head(handler, 206 if asked else 200, Content_Length=str(len(BODY) - start), ETag=ETAG, **part)
    handler.wfile.write(BODY[start:at])
