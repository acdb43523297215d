"""One conditional download: resumed when it can be, refused when it cannot be trusted.

Call order of an attempt: conditions or range sent, answer judged (``_judge``), body read to the disk, length
checked. A transfer that breaks is resumed only with a strong ETag in ``If-Range``; with anything weaker the file
could have changed in between, so it starts again. All attempts share one deadline.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx

from rpps_sync.clock import iso
from rpps_sync.errors import ExtractRefused
from rpps_sync.publication import PublishedFile
from rpps_sync.publisher.exchange import Exchange
from rpps_sync.publisher.file_names import read_stamp
from rpps_sync.publisher.incoming import IncomingFile, refused
from rpps_sync.publisher.judgement import is_future
from rpps_sync.publisher.retries import Deadline, TryAgain, retried
from rpps_sync.publisher.sources import Deposit, Fetched, Progress, unchanged

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_STAMP = re.compile(r"/(\d{8}-\d{6})/")
_FILE_NAME = re.compile(r'filename="?([^";]+)', re.IGNORECASE)
_LAG = timedelta(minutes=5)  # the stamp of a deposit and its 'last_modified' differ by seconds
_AGAIN_LATER = "run again later: a deposit may be under way"


def download(
    exchange: Exchange,
    deposit: Deposit,
    into: Path,
    previous: PublishedFile | None,
    progress: Progress,
) -> Fetched | None:
    """Bring one deposit to ``into``; None when it was not modified since ``previous``.

    Raises:
        PublisherUnreachable: no usable answer within the retries or the deadline.
        ExtractRefused: what came is not the file.
        StorageError: the file cannot be written.
    """
    algorithm = deposit.checksum.partition(":")[0]
    with IncomingFile(
        into,
        name=f"{deposit.kind} ({deposit.url})",
        limits=exchange.limits,
        expected=deposit.bytes,
        also=algorithm,
    ) as file:
        transfer = _Transfer(exchange, deposit, file, previous, progress)
        return retried(exchange.policy, transfer.deadline, transfer.attempt)


class _Transfer:
    """What is known of one file between two attempts."""

    def __init__(
        self,
        exchange: Exchange,
        deposit: Deposit,
        file: IncomingFile,
        previous: PublishedFile | None,
        progress: Progress,
    ) -> None:
        self._exchange = exchange
        self._deposit = deposit
        self._file = file
        self._previous = previous
        self._progress = progress
        self.deadline = Deadline(exchange.limits.download_seconds)
        self._total: int | None = None  # bytes of the whole file, once a server said so
        self._etag = ""
        self._last_modified = ""
        self._disposition = ""

    def attempt(self) -> Fetched | None:
        """One request and its body."""
        asked = self._headers()
        with self._exchange.get(self._file.name, self._deposit.url, asked, self.deadline) as response:
            if response.status_code == 304 and ("If-None-Match" in asked or "If-Modified-Since" in asked):
                return self._not_modified(response)
            self._judge(response, asked)
            self._read(response)
            return self._finish(response)

    def _not_modified(self, response: httpx.Response) -> Fetched | None:
        """None, unless the address tells another date of this deposit than the catalogue does."""
        published_at, lag = _dated(self._deposit, response.url)
        if self._previous is None or not lag:
            return None
        return replace(unchanged(self._previous), published_at=published_at, notes=lag)

    def _headers(self) -> dict[str, str]:
        if self._file.bytes and _strong(self._etag):
            return {"Range": f"bytes={self._file.bytes}-", "If-Range": self._etag}
        self._start_again()
        return conditions(self._deposit, self._previous)

    def _start_again(self) -> None:
        if lost := self._file.restart():
            self._progress(-lost)
        self._total = None

    def _judge(self, response: httpx.Response, asked: dict[str, str]) -> None:
        if response.status_code == 206:
            self._judge_part(response, resumed="Range" in asked)
        elif response.status_code == 200:
            self._judge_whole(response)
        else:  # 304 or 416 that nothing we sent calls for: the file changed under the transfer
            self._etag = ""
            raise TryAgain(self._refused(f"the server answered {response.status_code}", "unasked-status"))
        self._etag = response.headers.get("etag", self._etag)
        self._last_modified = response.headers.get("last-modified", self._last_modified)
        self._disposition = response.headers.get("content-disposition", self._disposition)

    def _judge_whole(self, response: httpx.Response) -> None:
        self._start_again()
        length = response.headers.get("content-length")
        self._total = int(length) if length is not None else None
        if self._total == 0:
            raise self._refused("the file is empty", "empty")
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type in {"text/html", "application/xhtml+xml"}:
            raise self._refused("a web page came in place of the extract", "html-page")
        if response.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
            raise self._refused("a compressed body came although none was accepted", "content-encoding")
        if self._total is not None and self._total > self._exchange.limits.file_bytes:
            raise self._refused(f"{self._total:,} bytes are announced, which no extract has", "too-large")

    def _judge_part(self, response: httpx.Response, *, resumed: bool) -> None:
        if not resumed:
            raise self._refused("a part of the file came where the whole was asked for", "unasked-part")
        match = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", "").strip())
        starts = int(match[1]) if match else None
        total = int(match[3]) if match and match[3] != "*" else self._total
        same_file = response.headers.get("etag", self._etag) == self._etag
        if starts != self._file.bytes or not same_file or (self._total is not None and total != self._total):
            raise self._refused("another part of the file came than the one asked for", "wrong-part")
        self._total = total

    def _read(self, response: httpx.Response) -> None:
        try:
            for block in response.iter_raw():
                self._file.write(block)
                self._progress(len(block))
                self.deadline.check(self._file.name)
        except httpx.RemoteProtocolError as error:
            self.deadline.check(self._file.name)
            raise self._cut() from error
        if self._total is not None and self._file.bytes != self._total:
            raise self._cut()

    def _cut(self) -> TryAgain:
        announced = f" of {self._total:,}" if self._total is not None else ""
        return TryAgain(
            self._refused(f"the transfer stops after {self._file.bytes:,} bytes{announced}", "truncated")
        )

    def _finish(self, response: httpx.Response) -> Fetched:
        notes = (*self._compare_size(response), *self._compare_checksum(response), *self._drop_future_date())
        published_at, lag = _dated(self._deposit, response.url)
        self._file.keep()
        return Fetched(
            bytes=self._file.bytes,
            sha256=self._file.sha256,
            published_at=published_at,
            etag=self._etag,
            last_modified=self._last_modified,
            notes=(*notes, *lag),
            file_name=file_name(self._disposition),
        )

    def _drop_future_date(self) -> tuple[str, ...]:
        """A Last-Modified that has not come yet would make the server answer 'not modified' until then."""
        try:
            ahead = is_future(parsedate_to_datetime(self._last_modified), self._exchange.limits)
        except (TypeError, ValueError):  # none, unreadable, or without a zone
            return ()
        if not ahead:
            return ()
        told, self._last_modified = self._last_modified, ""
        return (f"the server says that the file was last modified on {told}, which has not come yet",)

    def _compare_size(self, response: httpx.Response) -> tuple[str, ...]:
        """A body whose end nothing marks must have the catalogue's size; any body of that very deposit too."""
        marked = self._total is not None or "chunked" in response.headers.get("transfer-encoding", "")
        if not marked and not self._deposit.packed and not self._file.ends_with_newline:
            raise self._again("the transfer stops inside a line", "truncated")
        expected = self._deposit.bytes
        if expected is None or expected == self._file.bytes:
            return ()
        what = f"{self._file.bytes:,} bytes came where the catalogue says {expected:,}"
        if not marked or self._is_described(response):
            raise self._again(what, "wrong-size")
        return (f"{what}: the catalogue describes another deposit",)

    def _compare_checksum(self, response: httpx.Response) -> tuple[str, ...]:
        """A digest of another deposit is noted and refuses nothing: the catalogue lags behind the files."""
        algorithm, _, expected = self._deposit.checksum.partition(":")
        found = self._file.sha256 if algorithm == "sha256" else self._file.second_digest
        if not expected or not found or found == expected:
            return ()
        if self._is_described(response):
            raise self._again(f"its {algorithm} is not the catalogue's", "wrong-checksum")
        return (f"the {algorithm} differs from the catalogue's, which describes another deposit",)

    def _is_described(self, response: httpx.Response) -> bool:
        return bool(self._deposit.dated_url) and str(response.url) == self._deposit.dated_url

    def _again(self, what: str, reason: str) -> TryAgain:
        self._etag = ""  # complete and wrong: nothing to resume
        return TryAgain(self._refused(what, reason))

    def _refused(self, what: str, reason: str) -> ExtractRefused:
        return refused(self._file.name, what, reason=reason, mend=_AGAIN_LATER)


def conditions(deposit: Deposit, previous: PublishedFile | None) -> dict[str, str]:
    """The headers that ask for the file only if it changed.

    A date is weaker than an ETag: it is sent alone, and never against a catalogue that says there is a newer file.
    What another address said of its file is no condition here.
    """
    if previous is None or previous.url != deposit.url:
        return {}
    if previous.etag:
        return {"If-None-Match": previous.etag}
    if previous.last_modified and deposit.published_at <= previous.published_at:
        return {"If-Modified-Since": previous.last_modified}
    return {}


def _strong(etag: str) -> bool:
    return etag.startswith('"')


def file_name(disposition: str) -> str:
    """The name inside a Content-Disposition header, '' when it gives none."""
    match = _FILE_NAME.search(disposition)
    return match[1] if match else ""


def _dated(deposit: Deposit, url: httpx.URL) -> tuple[datetime, tuple[str, ...]]:
    """When the file was deposited: by the stamp in its dated address where the catalogue tells otherwise."""
    match = _STAMP.search(url.path)
    try:
        stamp = read_stamp(match[1]) if match else None
    except ValueError:
        stamp = None
    if stamp is None or abs(stamp - deposit.published_at) <= _LAG:
        return deposit.published_at, ()
    return stamp, (f"the catalogue gives {iso(deposit.published_at)} where the address is dated {iso(stamp)}",)
