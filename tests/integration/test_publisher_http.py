"""Downloads over real HTTP from a publisher on loopback that misbehaves on demand."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import Message
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from rpps_sync.errors import ExtractRefused, PublisherUnreachable, UsageError
from rpps_sync.limits import LIMITS, Limits
from rpps_sync.publication import ExtractKind, PublishedFile
from rpps_sync.publisher.archive import Archive
from rpps_sync.publisher.catalogue import resource
from rpps_sync.publisher.days import Patience
from rpps_sync.publisher.layouts import layout
from rpps_sync.publisher.online import OnlineSource
from rpps_sync.publisher.retries import AT_ONCE, RetryPolicy
from rpps_sync.publisher.sources import Deposit, Fetched, quiet

PA = ExtractKind.PERSONNE_ACTIVITE
BODY = (layout(PA).header + "\n" + ("999|" + "|" * 54 + "\n") * 4000).encode()
ETAG = '"deposit-1"'
DATED = "/resources/20261120-081200/ps-libreacces-personne-activite.txt"
QUICK = replace(LIMITS, read_seconds=0.3, connect_seconds=1.0)

Behaviour = Callable[["_Handler"], None]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Publisher

    def do_GET(self) -> None:
        """Answer the catalogue, lead to the dated address, and there behave as told."""
        self.close_connection = True
        if self.path.startswith("/api/1/datasets/r/"):
            answer(self, 302, b"", Location=f"{self.server.url}{self.server.dated}")
        elif self.path.startswith("/api/1/datasets/"):
            self.server.catalogue(self)
        else:
            self.server.requests.append(self.headers)
            behaviours = self.server.behaviours
            (behaviours.pop(0) if len(behaviours) > 1 else behaviours[0])(self)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that the library gives it
        """Say nothing."""


class Publisher(ThreadingHTTPServer):
    """A publisher of one extract; ``behaviours`` are its next answers, the last one for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.behaviours: list[Behaviour] = [honest]
        self.requests: list[Message] = []
        self.stopping = threading.Event()
        self.dated = DATED
        self.entry: dict[str, Any] = {
            "id": resource(PA).id,
            "last_modified": "2026-11-20T08:12:00+00:00",
            "filesize": len(BODY),
            "checksum": {"type": "sha1", "value": hashlib.sha1(BODY, usedforsecurity=False).hexdigest()},
            "url": f"{self.url}{DATED}",
        }
        self.catalogue: Behaviour = lambda handler: answer(
            handler, 200, json.dumps({"resources": [self.entry]}).encode()
        )

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let clients hang up: they do when they refuse an answer."""


def answer(handler: _Handler, status: int, body: bytes, **headers: str) -> None:
    """A complete answer; names of headers are written with underscores."""
    head(handler, status, **{"Content-Length": str(len(body)), **headers})
    handler.wfile.write(body)


def head(handler: _Handler, status: int, **headers: str) -> None:
    """The first lines of an answer."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Connection", "close")
    handler.end_headers()


def honest(handler: _Handler, body: bytes = BODY, etag: str = ETAG) -> None:
    """What a good server does: validators, conditions and ranges."""
    validators = {"ETag": etag, "Last-Modified": "Fri, 20 Nov 2026 08:12:00 GMT"}
    if handler.headers.get("If-None-Match") == etag:
        answer(handler, 304, b"", **validators)
    elif handler.headers.get("Range") and handler.headers.get("If-Range") == etag:
        start = int(handler.headers["Range"].removeprefix("bytes=").rstrip("-"))
        part = f"bytes {start}-{len(body) - 1}/{len(body)}"
        answer(handler, 206, body[start:], Content_Range=part, **validators)
    else:
        answer(handler, 200, body, **validators)


def cut(handler: _Handler, *, at: int = 100_000, etag: str = ETAG) -> None:
    """A body that stops before its announced end."""
    head(handler, 200, Content_Length=str(len(BODY)), ETag=etag)
    handler.wfile.write(BODY[:at])


def reset(handler: _Handler) -> None:
    """A connection that is torn down in the middle of the body."""
    cut(handler)
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    handler.connection.close()


def cut_chunks(handler: _Handler) -> None:
    """A chunked body without its last chunk."""
    head(handler, 200, Transfer_Encoding="chunked", ETag='W/"weak"')
    handler.wfile.write(b"%x\r\n" % 100_000 + BODY[:100_000] + b"\r\n")


def unmarked(handler: _Handler, body: bytes) -> None:
    """A body whose end is the end of the connection."""
    head(handler, 200)
    handler.wfile.write(body)


def drip(handler: _Handler) -> None:
    """One byte from time to time, for ever."""
    head(handler, 200, Content_Length=str(len(BODY)))
    while not handler.server.stopping.wait(0.05):
        handler.wfile.write(b"x")
        handler.wfile.flush()


def drip_headers(handler: _Handler) -> None:
    """Headers that come byte by byte, for ever."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    while not handler.server.stopping.wait(0.05):
        handler.wfile.write(b"x")
        handler.wfile.flush()


def endless(handler: _Handler) -> None:
    """A body that does not end."""
    head(handler, 200, Transfer_Encoding="chunked")
    while not handler.server.stopping.is_set():
        handler.wfile.write(b"%x\r\n" % len(BODY) + BODY + b"\r\n")


def silent(handler: _Handler) -> None:
    """No answer at all."""
    handler.server.stopping.wait(30)


def status(handler: _Handler, code: int, **headers: str) -> None:
    """An answer of which only the status matters."""
    answer(handler, code, b"no", **headers)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """A publisher on loopback, one for each test."""
    with Publisher() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.stopping.set()
        server.shutdown()
        thread.join()


def _source(publisher: Publisher, limits: Limits = QUICK) -> OnlineSource:
    return OnlineSource(f"{publisher.url}/api/1", limits=limits, policy=AT_ONCE)


def _fetch(
    publisher: Publisher,
    into: Path,
    previous: PublishedFile | None = None,
    *,
    limits: Limits = QUICK,
    progress: Callable[[int], None] = quiet,
) -> Fetched | None:
    source = _source(publisher, limits)
    return source.fetch(source.discover([PA])[0], into / "pa.txt", previous, progress)


def _came(publisher: Publisher, into: Path) -> Fetched:
    fetched = _fetch(publisher, into)
    assert fetched is not None
    assert fetched.sha256 == hashlib.sha256((into / "pa.txt").read_bytes()).hexdigest()
    return fetched


def _refusal(publisher: Publisher, into: Path, *, limits: Limits = QUICK) -> ExtractRefused:
    with pytest.raises(ExtractRefused, match="former publication is still served") as refusal:
        _fetch(publisher, into, limits=limits)
    assert list(into.iterdir()) == []
    assert refusal.value.exit_code == 3
    assert refusal.value.mend
    return refusal.value


def _unreachable(publisher: Publisher, into: Path, *, limits: Limits = QUICK) -> PublisherUnreachable:
    with pytest.raises(PublisherUnreachable, match="former publication is still served") as error:
        _fetch(publisher, into, limits=limits)
    assert list(into.iterdir()) == []
    assert error.value.exit_code == 75
    return error.value


def test_the_catalogue_tells_where_when_and_how_large(publisher: Publisher) -> None:
    """One deposit, at its stable address, with what the catalogue says of it."""
    deposit = _source(publisher).discover([PA])[0]
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
        _source(publisher, limits).discover([PA])
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
    fetched = _came(publisher, tmp_path)
    assert (tmp_path / "pa.txt").read_bytes() == BODY
    assert (fetched.bytes, fetched.etag, fetched.notes) == (len(BODY), ETAG, ())
    assert fetched.last_modified == "Fri, 20 Nov 2026 08:12:00 GMT"
    assert publisher.requests[0]["Accept-Encoding"] == "identity"


def _previous(publisher: Publisher, **changes: Any) -> PublishedFile:
    day = datetime(2026, 11, 20, 8, 12, tzinfo=UTC)
    address = f"{publisher.url}/api/1/datasets/r/{resource(PA).id}"
    return replace(PublishedFile(PA, address, day, day, 1, "", 1, etag=ETAG), **changes)


def test_an_unmodified_file_is_not_sent_again(publisher: Publisher, tmp_path: Path) -> None:
    """The second night asks with the ETag of the first, and the server sends nothing."""
    assert _fetch(publisher, tmp_path, _previous(publisher)) is None
    assert publisher.requests[0]["If-None-Match"] == ETAG
    assert list(tmp_path.iterdir()) == []


def test_a_date_alone_is_a_condition_when_there_is_no_etag(publisher: Publisher, tmp_path: Path) -> None:
    """Last-Modified serves where the server gives no ETag."""
    stamp = "Fri, 20 Nov 2026 08:12:00 GMT"
    _fetch(publisher, tmp_path, _previous(publisher, etag="", last_modified=stamp))
    assert publisher.requests[0]["If-Modified-Since"] == stamp


def test_a_stale_date_does_not_hide_a_newer_file(publisher: Publisher, tmp_path: Path) -> None:
    """When the catalogue says that the file is newer, no date can answer that it is not."""
    publisher.entry["last_modified"] = "2026-11-21T08:12:00+00:00"
    stamp = "Fri, 20 Nov 2026 08:12:00 GMT"
    assert _fetch(publisher, tmp_path, _previous(publisher, etag="", last_modified=stamp)) is not None
    assert publisher.requests[0]["If-Modified-Since"] is None


@pytest.mark.parametrize("failure", [cut, reset], ids=["cut", "reset"])
def test_a_broken_transfer_is_resumed_where_it_stopped(
    publisher: Publisher, tmp_path: Path, failure: Behaviour
) -> None:
    """With a strong ETag the second request asks for the rest, and only for it."""
    publisher.behaviours = [failure, honest]
    _came(publisher, tmp_path)
    assert (tmp_path / "pa.txt").read_bytes() == BODY
    assert publisher.requests[1]["Range"].startswith("bytes=")
    assert publisher.requests[1]["Range"] != "bytes=0-"
    assert publisher.requests[1]["If-Range"] == ETAG


def test_a_weak_etag_resumes_nothing(publisher: Publisher, tmp_path: Path) -> None:
    """A weak validator does not promise the same bytes: the transfer starts again."""
    publisher.behaviours = [partial(cut, etag='W/"weak"'), honest]
    _came(publisher, tmp_path)
    assert publisher.requests[1]["Range"] is None
    assert (tmp_path / "pa.txt").read_bytes() == BODY


def test_a_file_that_changes_between_two_tries_is_not_sewn_together(publisher: Publisher, tmp_path: Path) -> None:
    """A new deposit during the transfer is taken from its beginning."""
    other = BODY.replace(b"999|", b"998|")
    publisher.entry |= {"url": "", "checksum": None}
    publisher.behaviours = [cut, partial(honest, body=other, etag='"deposit-2"')]
    fetched = _came(publisher, tmp_path)
    assert (tmp_path / "pa.txt").read_bytes() == other
    assert fetched.etag == '"deposit-2"'


def test_progress_takes_back_what_is_lost(publisher: Publisher, tmp_path: Path) -> None:
    """After a restart the count of bytes is that of the file."""
    seen: list[int] = []
    publisher.behaviours = [partial(cut, etag=""), honest]
    _fetch(publisher, tmp_path, progress=seen.append)
    assert sum(seen) == len(BODY)
    assert min(seen) < 0


def test_a_416_starts_again(publisher: Publisher, tmp_path: Path) -> None:
    """A server that knows no such range is asked for the whole."""
    publisher.behaviours = [cut, partial(status, code=416), honest]
    _came(publisher, tmp_path)
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
    assert _refusal(publisher, tmp_path).reason == reason


def test_a_part_that_nobody_asked_for_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    """A 206 to a plain request is not the file, although the library takes it for one."""
    publisher.behaviours = [partial(answer, status=206, body=BODY[:100])]
    assert _refusal(publisher, tmp_path).reason == "unasked-part"


@pytest.mark.parametrize("failure", [partial(cut, etag=""), cut_chunks], ids=["length", "chunks"])
def test_a_truncated_body_is_tried_again_then_refused(
    publisher: Publisher, tmp_path: Path, failure: Behaviour
) -> None:
    """Five tries, then a sentence; the half file is removed."""
    publisher.behaviours = [failure]
    assert _refusal(publisher, tmp_path).reason == "truncated"
    assert len(publisher.requests) == LIMITS.attempts


def test_a_body_without_length_that_stops_inside_a_line_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    """Nothing marks its end, so its last byte must."""
    publisher.entry["filesize"] = None
    publisher.behaviours = [partial(unmarked, body=BODY[:-3])]
    assert _refusal(publisher, tmp_path).reason == "truncated"


def test_a_body_without_length_must_have_the_size_of_the_catalogue(publisher: Publisher, tmp_path: Path) -> None:
    """A cut at the end of a line shows only against the catalogue."""
    publisher.entry["url"] = ""
    publisher.behaviours = [partial(unmarked, body=BODY[: BODY.index(b"\n") + 1])]
    assert _refusal(publisher, tmp_path).reason == "wrong-size"


def test_a_whole_body_without_length_is_taken(publisher: Publisher, tmp_path: Path) -> None:
    """The size of the catalogue vouches for it."""
    publisher.behaviours = [partial(unmarked, body=BODY)]
    assert _came(publisher, tmp_path).bytes == len(BODY)


def test_a_length_announced_too_short_is_seen_in_the_catalogue(publisher: Publisher, tmp_path: Path) -> None:
    """A server that lies about the length of that very deposit is not believed."""
    publisher.behaviours = [partial(answer, status=200, body=BODY[:5000])]
    assert _refusal(publisher, tmp_path).reason == "wrong-size"


def test_corrupted_bytes_of_the_right_length_are_refused(publisher: Publisher, tmp_path: Path) -> None:
    """The catalogue's checksum describes that very deposit, and must match."""
    publisher.behaviours = [partial(answer, status=200, body=BODY.replace(b"999|", b"998|", 1))]
    assert _refusal(publisher, tmp_path).reason == "wrong-checksum"


def test_a_catalogue_that_lags_does_not_refuse_a_good_file(publisher: Publisher, tmp_path: Path) -> None:
    """It still describes yesterday's deposit: the file is taken, dated by its address, and the gap noted."""
    publisher.entry |= {
        "url": f"{publisher.url}/resources/20261119-081200/ps.txt",
        "last_modified": "2026-11-19T08:12:00+00:00",
        "filesize": 7,
        "checksum": {"type": "sha1", "value": "00"},
    }
    fetched = _came(publisher, tmp_path)
    assert fetched.published_at == datetime(2026, 11, 20, 8, 12, tzinfo=UTC)
    assert len(fetched.notes) == 3


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
    assert _refusal(publisher, tmp_path).reason == "html-page"
    assert len(publisher.requests) == 1


def test_an_empty_file_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    """Zero bytes are not an extract."""
    publisher.entry |= {"filesize": None, "checksum": None}
    publisher.behaviours = [partial(answer, status=200, body=b"")]
    assert _refusal(publisher, tmp_path).reason == "empty"


def test_a_compressed_body_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    """None was accepted, and a server that lies about it would be found out only later."""
    publisher.behaviours = [partial(answer, status=200, body=BODY, Content_Encoding="gzip")]
    assert _refusal(publisher, tmp_path).reason == "content-encoding"


@pytest.mark.parametrize("failure", [endless, honest], ids=["endless", "announced"])
def test_a_file_larger_than_any_extract_is_refused(
    publisher: Publisher, tmp_path: Path, failure: Behaviour
) -> None:
    """The disk is never given more than the limit."""
    publisher.behaviours = [failure]
    limits = replace(QUICK, file_bytes=len(BODY) - 1)
    assert _refusal(publisher, tmp_path, limits=limits).reason == "too-large"


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504, 408])
def test_a_passing_failure_is_tried_again(publisher: Publisher, tmp_path: Path, code: int) -> None:
    """Overload and maintenance end by themselves."""
    publisher.behaviours = [partial(status, code=code, Retry_After="0"), honest]
    assert _came(publisher, tmp_path).bytes == len(BODY)


def test_a_lasting_failure_is_for_later(publisher: Publisher, tmp_path: Path) -> None:
    """After five tries the run ends with 'try again later'."""
    publisher.behaviours = [partial(status, code=503)]
    assert _unreachable(publisher, tmp_path).reason == "http-503"
    assert len(publisher.requests) == LIMITS.attempts


def test_a_server_that_asks_for_a_long_rest_gets_it(publisher: Publisher, tmp_path: Path) -> None:
    """A Retry-After beyond our patience ends the run instead of insisting."""
    publisher.behaviours = [partial(status, code=429, Retry_After="86400")]
    assert _unreachable(publisher, tmp_path).reason == "http-429"
    assert len(publisher.requests) == 1


def test_a_dated_address_that_just_died_is_looked_up_again(publisher: Publisher, tmp_path: Path) -> None:
    """A deposit between the redirect and the request costs one more try."""
    publisher.behaviours = [partial(status, code=404), honest]
    assert _came(publisher, tmp_path).bytes == len(BODY)


def test_a_forbidden_file_is_not_insisted_upon(publisher: Publisher, tmp_path: Path) -> None:
    """A 403 does not pass by itself: one request, and the operator reads it."""
    publisher.behaviours = [partial(status, code=403)]
    assert _unreachable(publisher, tmp_path).reason == "http-403"
    assert len(publisher.requests) == 1


def test_a_redirect_loop_ends(publisher: Publisher, tmp_path: Path) -> None:
    """Five redirects, not more."""
    publisher.behaviours = [partial(answer, status=302, body=b"", Location=DATED)]
    assert _refusal(publisher, tmp_path).reason == "redirect-loop"
    assert len(publisher.requests) == LIMITS.redirects


@pytest.mark.parametrize("location", ["ftp://example.org/f", "file:///etc/passwd"])
def test_a_redirect_to_something_else_is_refused(publisher: Publisher, tmp_path: Path, location: str) -> None:
    """Only http(s) addresses are followed."""
    publisher.behaviours = [partial(answer, status=302, body=b"", Location=location)]
    assert _refusal(publisher, tmp_path).reason == "https-downgrade"


def test_a_redirect_to_another_host_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    """The same server under another name is another host: nothing is asked of it."""
    elsewhere = f"http://localhost:{publisher.server_port}{DATED}"
    publisher.behaviours = [partial(answer, status=302, body=b"", Location=elsewhere), honest]
    assert _refusal(publisher, tmp_path).reason == "redirect-elsewhere"
    assert len(publisher.requests) == 1


def test_a_redirect_to_nowhere_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    """A redirect must say where to."""
    publisher.behaviours = [partial(status, code=302)]
    assert _refusal(publisher, tmp_path).reason == "redirect-unreadable"


def test_a_redirect_to_no_address_is_for_later(publisher: Publisher, tmp_path: Path) -> None:
    """An address that cannot be read is a server's mistake that may pass."""
    publisher.behaviours = [partial(answer, status=302, body=b"", Location="http://h:port/")]
    assert _unreachable(publisher, tmp_path).reason == "network"


@pytest.mark.parametrize("failure", [drip, drip_headers])
def test_a_drip_ends_at_the_deadline(publisher: Publisher, tmp_path: Path, failure: Behaviour) -> None:
    """A byte from time to time satisfies every read, not the deadline of the whole."""
    publisher.behaviours = [failure]
    limits = replace(QUICK, download_seconds=0.5)
    assert _unreachable(publisher, tmp_path, limits=limits).reason == "deadline"


def test_a_silent_server_is_left(publisher: Publisher, tmp_path: Path) -> None:
    """No answer in time, five times, is 'try again later'."""
    publisher.behaviours = [silent]
    limits = replace(QUICK, read_seconds=0.05)
    assert _unreachable(publisher, tmp_path, limits=limits).reason == "network"


def test_a_night_over_http_then_the_same_again(publisher: Publisher, tmp_path: Path) -> None:
    """The archive takes the publication once; the second night costs one conditional request."""
    archive = Archive(tmp_path / "archive")
    received = archive.receive(_source(publisher), [PA])
    assert received is not None
    assert received.id.startswith("2026-11-20-")
    assert received.files[0].lines == 4000
    assert archive.receive(_source(publisher), [PA]) is None
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
        archive.receive(_source(publisher), [PA])
    assert archive.all() == before
    return refusal.value.reason


OTHER = BODY.replace(b"999|", b"998|")


def test_yesterdays_file_under_todays_date_is_nothing_new(publisher: Publisher, tmp_path: Path) -> None:
    """The same bytes deposited again, with another ETag and another date, are no new publication."""
    archive = _archive(tmp_path)
    archive.receive(_source(publisher), [PA])
    _deposit(publisher, "2026-11-21", BODY)
    assert archive.receive(_source(publisher), [PA]) is None
    assert len(archive.all()) == 1


def test_an_older_file_than_yesterdays_does_not_roll_the_directory_back(
    publisher: Publisher, tmp_path: Path
) -> None:
    """A publisher restored from a backup offers the day before last."""
    archive = _archive(tmp_path)
    archive.receive(_source(publisher), [PA])
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
    fetched = _came(publisher, tmp_path)
    assert fetched.published_at == datetime(2026, 11, 20, 8, 12, tzinfo=UTC)
    assert len(fetched.notes) == 1


def test_a_last_modified_in_the_future_is_not_kept(publisher: Publisher, tmp_path: Path) -> None:
    """Sent back as a condition, it would make the server answer 'not modified' until that day."""
    lie = {"ETag": ETAG, "Last_Modified": "Thu, 01 Jan 2099 08:12:00 GMT"}
    publisher.behaviours = [partial(answer, status=200, body=BODY, **lie)]
    fetched = _came(publisher, tmp_path)
    assert fetched.last_modified == ""
    assert "2099" in fetched.notes[0]


def test_the_validator_of_another_address_is_no_condition(publisher: Publisher, tmp_path: Path) -> None:
    """What the other channel, or a former publisher, said of its file says nothing of this one."""
    elsewhere = _previous(publisher, url="https://example.org/f")
    assert _fetch(publisher, tmp_path, elsewhere) is not None
    assert publisher.requests[0]["If-None-Match"] is None


def test_a_gzip_body_that_does_not_say_so_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    """The catalogue vouches for the bytes, and they are no text."""
    archive = _archive(tmp_path)
    _deposit(publisher, "2026-11-20", gzip.compress(BODY))
    assert _refused_by(archive, publisher) in {"header-not-utf8", "column-missing"}


def test_a_header_alone_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    """A file of no line would empty the directory."""
    archive = _archive(tmp_path)
    archive.receive(_source(publisher), [PA])
    _deposit(publisher, "2026-11-21", BODY[: BODY.index(b"\n") + 1])
    assert _refused_by(archive, publisher) == "no-lines"


def test_the_checksum_of_another_deposit_is_noted_and_refuses_nothing(
    publisher: Publisher, tmp_path: Path
) -> None:
    """The catalogue still has yesterday's checksum: the file is taken, and the manifest says so."""
    archive = _archive(tmp_path)
    publisher.entry |= {"checksum": {"type": "sha1", "value": "0" * 40}, "url": f"{publisher.url}/resources/other"}
    received = archive.receive(_source(publisher), [PA])
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


def _cut_at(handler: _Handler, at: int) -> None:
    """What an honest server sends, up to an offset of the file."""
    asked = handler.headers.get("Range")
    start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
    part = {"Content_Range": f"bytes {start}-{len(BODY) - 1}/{len(BODY)}"} if asked else {}
    head(handler, 206 if asked else 200, Content_Length=str(len(BODY) - start), ETag=ETAG, **part)
    handler.wfile.write(BODY[start:at])
