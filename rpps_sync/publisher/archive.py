"""The archive: every publication as it was received, sealed for ever.

    root/2026-11-20-a1b2c3/manifest.json
                          /personne-activite.txt.zst …
        /.draft-…                                       a reception under way, or left by a crash

A reception downloads into a draft folder, checks each file, and seals the whole with one rename: a publication is
in the archive entirely or not at all. What cannot be an extract is refused before the seal and leaves nothing
behind, because nobody could publish it later. One process receives at a time: the caller holds the run lock.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import structlog

from rpps_sync import clock
from rpps_sync.errors import NotFound, SourceError
from rpps_sync.limits import LIMITS, Limits
from rpps_sync.publication import ExtractKind, Publication, PublishedFile
from rpps_sync.publisher.disk import require_space, storage_told, sync_folder
from rpps_sync.publisher.incoming import refused
from rpps_sync.publisher.layouts import read_header
from rpps_sync.publisher.manifest import Manifest, read_manifest, write_manifest
from rpps_sync.publisher.packing import pack, unpack
from rpps_sync.publisher.sources import Deposit, Fetched, Progress, Source, quiet

_log = structlog.get_logger()

_DRAFT = ".draft-"
_NAME = re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{6}")
_DIRECTORY_OF_REFERENCE = ExtractKind.PERSONNE_ACTIVITE  # its date is the publication's


@dataclass(frozen=True, slots=True)
class _Received:
    file: PublishedFile
    notes: tuple[str, ...]


class Archive:
    """The publications kept under one folder.

    Args:
        root: created at the first reception.
        limits: bounds on headers.
    """

    def __init__(self, root: Path, *, limits: Limits = LIMITS) -> None:
        self._root = root
        self._limits = limits

    def receive(
        self, source: Source, kinds: Sequence[ExtractKind], *, progress: Progress = quiet
    ) -> Publication | None:
        """Take what a source offers now into the archive.

        Args:
            source: where to ask.
            kinds: which extracts; all of them must come.
            progress: told the number of bytes received.

        Returns:
            The new publication, or None when its content is that of the newest one.

        Raises:
            PublisherUnreachable: no usable answer within the retries.
            ExtractRefused: something that came is not an extract, or is older than what the archive holds.
            StorageError: the disk is full or refuses to be written.
        """
        with storage_told(self._root):
            self._root.mkdir(parents=True, exist_ok=True)
        self._remove_drafts()
        deposits = source.discover(kinds)
        require_space(self._root, sum(deposit.bytes or 0 for deposit in deposits))
        newest = self.newest()
        with storage_told(self._root):
            draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=self._root))
        try:
            received = [self._take(source, deposit, draft, newest, progress) for deposit in deposits]
            return self._seal(draft, received, newest)
        finally:
            shutil.rmtree(draft, ignore_errors=True)  # gone already once sealed; else cleaned at the next start

    def newest(self) -> Publication | None:
        """The publication deposited last, or None when the archive is empty."""
        return next(reversed(self.all()), None)

    def all(self) -> tuple[Publication, ...]:
        """Every publication, oldest first.

        Raises:
            DirectoryError: a manifest cannot be read.
        """
        return tuple(manifest.publication for manifest in self._manifests())

    def load(self, publication_id: str) -> Publication:
        """One publication by its id.

        Raises:
            NotFound: the archive has none of that name.
            DirectoryError: its manifest cannot be read.
        """
        folder = self._root / publication_id
        if not _NAME.fullmatch(publication_id) or not folder.is_dir():
            raise NotFound(
                f"the archive {self._root} holds no publication '{publication_id}'",
                mend="see 'rpps-sync publications' for those it holds",
                reason="no-publication",
            )
        return read_manifest(folder).publication

    def open(self, publication: Publication, kind: ExtractKind) -> BinaryIO:
        """The decompressed bytes of one extract, as a buffered stream to be closed by the caller.

        Raises:
            NotFound: that publication has no such extract.
            DirectoryError: the archived file is missing; or, while reading, damaged.
        """
        file = publication.file(kind)
        if file is None:
            raise NotFound(
                f"publication {publication.id} has no {kind}",
                mend="see 'rpps-sync publications' for what each holds",
                reason="no-extract",
            )
        return unpack(_packed(publication.folder, kind), file)

    def _manifests(self) -> list[Manifest]:
        folders = self._root.iterdir() if self._root.is_dir() else ()
        found = (read_manifest(folder) for folder in folders if _NAME.fullmatch(folder.name))
        return sorted(found, key=lambda one: (one.publication.published_at, one.sequence, one.publication.id))

    def _remove_drafts(self) -> None:
        with storage_told(self._root):
            for left_over in self._root.glob(f"{_DRAFT}*"):
                shutil.rmtree(left_over)

    def _take(
        self, source: Source, deposit: Deposit, draft: Path, newest: Publication | None, progress: Progress
    ) -> _Received:
        kept = newest is not None and _packed(newest.folder, deposit.kind).is_file()
        previous = newest.file(deposit.kind) if newest and kept else None
        text = draft / f"{deposit.kind}.txt"
        fetched = source.fetch(deposit, text, previous, progress)
        if newest and previous and (fetched is None or fetched.sha256 == previous.sha256):
            _link(_packed(newest.folder, deposit.kind), _packed(draft, deposit.kind))
            text.unlink(missing_ok=True)
            return _unchanged(previous, deposit, fetched)
        if fetched is None:  # a source that says 'not modified' of a file we do not have
            raise SourceError(f"{deposit.url}: nothing came", mend="run again", reason="nothing-came")
        self._refuse_unreadable(text, deposit)
        packed = pack(text, _packed(draft, deposit.kind))
        text.unlink()
        if not packed.lines:
            raise _no_lines(deposit)
        return _Received(_file(deposit, fetched, packed.lines), fetched.notes)

    def _refuse_unreadable(self, text: Path, deposit: Deposit) -> None:
        with text.open("rb") as file:
            line = file.readline(self._limits.header_bytes)
        try:
            read_header(deposit.kind, line.decode())
        except UnicodeDecodeError as error:
            raise refused(
                f"{deposit.kind} ({deposit.url})",
                "the first line is not UTF-8 text",
                reason="header-not-utf8",
                mend="look at the first line of the file: is it a header of this extract?",
            ) from error

    def _seal(self, draft: Path, received: Sequence[_Received], newest: Publication | None) -> Publication | None:
        files = tuple(item.file for item in received)
        if newest and _content(files) == _content(newest.files):
            return None
        publication = _publication(files, draft)
        target = self._root / publication.id
        if newest and (publication.published_at < newest.published_at or target.exists()):
            raise _older(publication, newest)
        sequence = max((manifest.sequence for manifest in self._manifests()), default=0) + 1
        write_manifest(Manifest(publication, sequence, {item.file.kind: item.notes for item in received}))
        with storage_told(target):
            sync_folder(draft)
            draft.chmod(0o755)  # mkdtemp closes it to everybody else; the extracts are open data
            draft.rename(target)
            sync_folder(self._root)
        _tell(received)
        return replace(publication, folder=target)


def _tell(received: Iterable[_Received]) -> None:
    for item in received:
        for note in item.notes:
            _log.warning("catalogue disagrees", extract=str(item.file.kind), note=note)


def _packed(folder: Path, kind: ExtractKind) -> Path:
    return folder / f"{kind}.txt.zst"


def _content(files: Iterable[PublishedFile]) -> dict[ExtractKind, str]:
    return {file.kind: file.sha256 for file in files}


def _publication(files: tuple[PublishedFile, ...], folder: Path) -> Publication:
    dates = {file.kind: file.published_at for file in files}
    published_at = dates.get(_DIRECTORY_OF_REFERENCE) or max(dates.values())
    digest = hashlib.sha256("".join(sorted(file.sha256 for file in files)).encode()).hexdigest()
    return Publication(f"{published_at:%Y-%m-%d}-{digest[:6]}", published_at, files, folder)


def _file(deposit: Deposit, fetched: Fetched, lines: int) -> PublishedFile:
    return PublishedFile(
        kind=deposit.kind,
        url=deposit.url,
        published_at=_whole_second(fetched.published_at),
        fetched_at=_whole_second(clock.now()),
        bytes=fetched.bytes,
        sha256=fetched.sha256,
        lines=lines,
        etag=fetched.etag,
        last_modified=fetched.last_modified,
    )


def _unchanged(previous: PublishedFile, deposit: Deposit, fetched: Fetched | None) -> _Received:
    """The former file, deposited again: its bytes are known, its dates and conditions are the new ones."""
    if fetched is None:
        return _Received(replace(previous, published_at=_whole_second(deposit.published_at)), ())
    return _Received(_file(deposit, fetched, previous.lines), fetched.notes)


def _whole_second(instant: datetime) -> datetime:
    """As precise as a manifest writes it, so that what was received equals what is loaded."""
    return instant.astimezone(UTC).replace(microsecond=0)


def _link(existing: Path, new: Path) -> None:
    with storage_told(new):
        try:
            os.link(existing, new)
        except OSError:  # a disk without hard links
            shutil.copyfile(existing, new)


def _no_lines(deposit: Deposit) -> SourceError:
    return refused(
        f"{deposit.kind} ({deposit.url})",
        "the file has a header and not one line",
        reason="no-lines",
        mend="run again later: a deposit may be under way",
    )


def _older(publication: Publication, newest: Publication) -> SourceError:
    return refused(
        f"publication {publication.id}",
        f"it is older than {newest.id}, which the archive already holds",
        reason="rollback",
        mend="wait for the publisher's next deposit; to look at an older day, use an empty RPPS_SYNC_HOME",
    )
