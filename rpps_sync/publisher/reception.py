"""One reception: from what a source offers to a publication ready to be sealed.

Each file is fetched into a draft folder, judged and packed; the set is then held to one day. While two days are
mixed the source is asked again, a bounded number of times, and only what changed meanwhile is fetched again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import structlog

from rpps_sync import clock
from rpps_sync.errors import SourceError
from rpps_sync.limits import Limits
from rpps_sync.publication import ExtractKind, Publication, PublishedFile
from rpps_sync.publisher.days import Dates, Patience, in_words, mixed, still_mixed
from rpps_sync.publisher.disk import require_space, storage_told
from rpps_sync.publisher.judgement import refuse_future, refuse_unreadable
from rpps_sync.publisher.marks import last_known
from rpps_sync.publisher.packing import pack, plain_path, text_path
from rpps_sync.publisher.sources import FOLDER, Deposit, Fetched, Progress, Source

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Received:
    """One extract that came, or that has not changed: its packed text lies at ``packed``."""

    file: PublishedFile
    packed: Path
    notes: tuple[str, ...] = ()
    standing: str = ""  # how the channels stood to one another


class Reception:
    """What is being received into one draft folder.

    Args:
        source: where to ask.
        draft: an existing folder, thrown away or sealed by the caller.
        newest: the publication received last; what has not changed since is shared with it.
        limits: bounds on headers and dates.
        patience: how long to wait for the rest of a day.
        texts: where the decompressed texts are left, for who reads them next; None: they are removed.
    """

    def __init__(
        self,
        source: Source,
        draft: Path,
        newest: Publication | None,
        limits: Limits,
        patience: Patience,
        *,
        texts: Path | None = None,
    ) -> None:
        self._source = source
        self._draft = draft
        self._limits = limits
        self._patience = patience
        self._texts = texts
        self._held = _held_by(newest)

    def of_one_day(self, kinds: Sequence[ExtractKind], progress: Progress) -> tuple[Received, ...]:
        """Every extract asked for, in that order, all of one day.

        Raises:
            PublisherUnreachable: no usable answer within the retries, or two days still mixed after the last try.
            ExtractRefused: something that came is not an extract.
            StorageError: the disk is full or refuses to be written.
        """
        dates: Dates = {}
        for number in range(self._patience.tries):
            if number:
                _log.warning("two days are mixed: waiting for the rest of the newer one", files=in_words(dates))
                self._patience.sleep(self._patience.wait_seconds)
            deposits = self._source.discover(kinds)
            dates = _dates_to_hold((item.kind, item.published_at, item.channel) for item in deposits)
            if mixed(dates):
                continue
            received = self._take_all(deposits, progress)
            files = [item.file for item in received]
            dates = _dates_to_hold((file.kind, file.published_at, file.channel) for file in files)
            if not mixed(dates):
                return received
            self._held |= {item.file.kind: item for item in received}
        raise still_mixed(dates, self._patience)

    def _take_all(self, deposits: Sequence[Deposit], progress: Progress) -> tuple[Received, ...]:
        for deposit in deposits:
            refuse_future(deposit.kind, deposit.url, deposit.published_at, self._limits)
        require_space(self._draft, sum(deposit.bytes or 0 for deposit in deposits))
        with ThreadPoolExecutor(1) as packing:  # one file is packed while the next one comes
            taken = [self._take(deposit, progress, packing) for deposit in deposits]
        received = tuple(item.result() for item in taken)
        for left_over in self._draft.glob(".*"):  # what the source kept there until everything came
            left_over.unlink()
        return received

    def _take(self, deposit: Deposit, progress: Progress, packing: Executor) -> Future[Received]:
        held = self._held.get(deposit.kind)
        text = self._draft / f"{deposit.kind}.txt"
        fetched = self._source.fetch(deposit, text, held.file if held else None, progress)
        if held and (fetched is None or fetched.sha256 == held.file.sha256):
            text.unlink(missing_ok=True)
            packed = text_path(self._draft, deposit.kind)
            _share(held.packed, packed)
            return packing.submit(_unchanged, held.file, packed, deposit, fetched)
        if fetched is None:  # a source that says 'not modified' of a file we do not have
            raise SourceError(f"{deposit.url}: nothing came", mend="run again", reason="nothing-came")
        refuse_unreadable(text, deposit.kind, fetched.url or deposit.url, self._limits)
        refuse_future(deposit.kind, fetched.url or deposit.url, fetched.published_at, self._limits)
        return packing.submit(self._keep, text, deposit, fetched)

    def _keep(self, text: Path, deposit: Deposit, fetched: Fetched) -> Received:
        target = text_path(self._draft, deposit.kind)
        fresh = target.with_name(f".{target.name}")
        lines = pack(text, fresh).lines  # beside: the former try's may be shared with the archive
        with storage_told(target):
            fresh.replace(target)
            self._leave(text, fetched.sha256)
        return Received(_file(deposit, fetched, lines), target, fetched.notes, fetched.standing)

    def _leave(self, text: Path, sha256: str) -> None:
        if self._texts is None:
            text.unlink()
            return
        self._texts.mkdir(parents=True, exist_ok=True)
        text.replace(plain_path(self._texts, sha256))


def _held_by(newest: Publication | None) -> dict[ExtractKind, Received]:
    files = last_known(newest) if newest else ()
    folder = newest.folder if newest else Path()
    held = {file.kind: Received(file, text_path(folder, file.kind)) for file in files}
    return {kind: item for kind, item in held.items() if item.packed.is_file()}


def _dates_to_hold(files: Iterable[tuple[ExtractKind, datetime, str]]) -> Dates:
    """A folder holds its own files to one day, by those dates that it was told."""
    return {kind: published_at for kind, published_at, channel in files if channel != FOLDER}


def _file(deposit: Deposit, fetched: Fetched, lines: int) -> PublishedFile:
    return PublishedFile(
        kind=deposit.kind,
        url=fetched.url or deposit.url,
        published_at=_whole_second(fetched.published_at),
        fetched_at=_whole_second(clock.now()),
        bytes=fetched.bytes,
        sha256=fetched.sha256,
        lines=lines,
        etag=fetched.etag,
        last_modified=fetched.last_modified,
        channel=fetched.channel or deposit.channel,
    )


def _unchanged(former: PublishedFile, packed: Path, deposit: Deposit, fetched: Fetched | None) -> Received:
    """The former file, deposited again: its bytes are known, its dates and conditions are the new ones."""
    if fetched is None:
        return Received(replace(former, published_at=_whole_second(deposit.published_at)), packed)
    return Received(_file(deposit, fetched, former.lines), packed, fetched.notes, fetched.standing)


def _whole_second(instant: datetime) -> datetime:
    """As precise as a manifest writes it, so that what was received equals what is loaded."""
    return instant.astimezone(UTC).replace(microsecond=0)


def _share(existing: Path, new: Path) -> None:
    """Give a packed text a second name: the disk holds it once."""
    if existing == new:
        return
    with storage_told(new):
        new.unlink(missing_ok=True)
        try:
            os.link(existing, new)
        except OSError:  # a disk without hard links
            shutil.copyfile(existing, new)
