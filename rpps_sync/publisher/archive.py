"""The archive: every publication as it was received, sealed for ever.

    root/2026-11-20-a1b2c3/manifest.json
                          /personne-activite.txt.zst …    whole, or, in older publications (see compaction.py):
                          /personne-activite.delta.zst    the difference from
                          /personne-activite.base.zst     a second name of an older text
        /.draft-…                                       a reception under way, or left by a crash

A reception downloads into a draft folder, checks each file, and seals the whole with one rename: a publication is
in the archive entirely or not at all. What cannot be an extract is refused before the seal and leaves nothing
behind, because nobody could publish it later. One process receives at a time: the caller holds the run lock.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import structlog

from rpps_sync import clock
from rpps_sync.errors import DirectoryError, NotFound, SourceError
from rpps_sync.limits import LIMITS, Limits
from rpps_sync.publication import ExtractKind, Publication, PublishedFile
from rpps_sync.publisher.compaction import compact
from rpps_sync.publisher.days import Patience
from rpps_sync.publisher.disk import drafted, storage_told, sync_folder
from rpps_sync.publisher.incoming import BLOCK_BYTES, refused
from rpps_sync.publisher.manifest import Manifest, read_manifest, write_manifest
from rpps_sync.publisher.marks import last_known, remember
from rpps_sync.publisher.packing import open_text, plain_path, text_path, unpack
from rpps_sync.publisher.reception import Received, Reception
from rpps_sync.publisher.room import Occupied, too_many
from rpps_sync.publisher.sources import Progress, Source, quiet

_log = structlog.get_logger()

_DRAFT = ".draft-"
_NAME = re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{6}")
_DIRECTORY_OF_REFERENCE = ExtractKind.PERSONNE_ACTIVITE  # its date is the publication's


class Archive:
    """The publications kept under one folder.

    Args:
        root: created at the first reception.
        texts: a folder, on the same disk, where decompressed texts may lie until the caller removes it.
        limits: bounds on headers and dates.
        patience: how long to wait when the files offered are of two days.
    """

    def __init__(
        self, root: Path, texts: Path | None = None, *, limits: Limits = LIMITS, patience: Patience | None = None
    ) -> None:
        self._root = root
        self._texts = texts
        self._limits = limits
        self._patience = patience or Patience()

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
            PublisherUnreachable: no usable answer within the retries, or files of two days.
            ExtractRefused: something that came is not an extract, or is older than what the archive holds.
            StorageError: the disk is full or refuses to be written.
        """
        with storage_told(self._root):
            self._root.mkdir(parents=True, exist_ok=True)
        self.remove_drafts()
        newest = self.newest()
        with storage_told(self._root):
            draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=self._root))
        try:
            reception = Reception(source, draft, newest, self._limits, self._patience, texts=self._texts)
            return self._seal(draft, reception.of_one_day(kinds, progress), newest)
        finally:
            shutil.rmtree(draft, ignore_errors=True)  # gone already once sealed; else cleaned at the next start

    def remove_drafts(self) -> None:
        """Remove what a killed run left half-done: receptions, removals, differences.

        Raises:
            StorageError: the disk refuses it.
        """
        with storage_told(self._root):
            for left_over in self._root.glob(f"{_DRAFT}*"):
                shutil.rmtree(left_over)
            for left_over in self._root.glob("*/.*"):
                left_over.unlink(missing_ok=True)

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
        return unpack(publication.folder, self._file(publication, kind))

    def seekable(self, publication: Publication, kind: ExtractKind) -> BinaryIO:
        """The decompressed bytes of one extract, as a file in which one can seek, to be closed by the caller.

        Raises:
            NotFound: that publication has no such extract.
            DirectoryError: the archived file is missing; or, while reading, damaged.
            StorageError: the disk refuses what is decompressed for it, which stays among ``texts``.
        """
        file, texts = self._file(publication, kind), self._texts
        assert texts is not None
        return open_text(publication.folder, file, texts)

    def text(self, publication: Publication, kind: ExtractKind) -> Path:
        """The decompressed text of one extract, as a file among ``texts``: what just came lies there already.

        Raises:
            NotFound: that publication has no such extract.
            DirectoryError: the archived file is missing or damaged.
            StorageError: the disk refuses it.
        """
        file, folder = self._file(publication, kind), self._texts
        assert folder is not None
        path = plain_path(folder, file.sha256)
        if not path.is_file():
            with unpack(publication.folder, file) as packed, storage_told(path, file.bytes):
                folder.mkdir(parents=True, exist_ok=True)
                with drafted(path, path.with_suffix(".part")) as draft, draft.open("wb") as target:
                    shutil.copyfileobj(packed, target, BLOCK_BYTES)
        return path

    def verify(self, publication: Publication, *, progress: Progress = quiet) -> tuple[str, ...]:
        """Read every extract of a publication again and compare it with the digest in its manifest.

        Args:
            publication: one of this archive.
            progress: told the number of bytes read.

        Returns:
            What is damaged, a sentence each; empty when the publication is whole.
        """
        return tuple(told for file in publication.files if (told := self._damage(publication, file, progress)))

    def damages(self, *, progress: Progress = quiet) -> tuple[str, ...]:
        """What is damaged in the whole archive; a text that publications share is read once."""
        found: list[str] = []
        read: set[tuple[int, int, str]] = set()
        for folder in sorted(self._folders()):
            try:
                publication = read_manifest(folder).publication
            except DirectoryError as error:
                found.append(error.what)
                continue
            new = [file for file in publication.files if (mark := _mark(publication, file)) not in read]
            read |= {mark for file in new if (mark := _mark(publication, file))}
            found += self.verify(replace(publication, files=tuple(new)), progress=progress)
        return tuple(found)

    def prune(self, keep_count: int, keep_days: int, protected: Collection[str] = ()) -> tuple[str, ...]:
        """Remove the publications that are neither among the newest nor young.

        Args:
            keep_count: so many of the newest stay, however old.
            keep_days: younger ones stay, however many.
            protected: ids that stay whatever happens: the publication being served. The newest one always does.

        Returns:
            The ids removed, oldest first.

        Raises:
            StorageError: a folder cannot be removed.
        """
        oldest = clock.now() - timedelta(days=keep_days)
        candidates = self.all()[: -max(1, keep_count)]
        gone = [item for item in candidates if item.published_at < oldest and item.id not in protected]
        for publication in gone:
            self._remove(publication)
        return tuple(publication.id for publication in gone)

    def shrink(self, most: int, needed: Collection[str] = ()) -> tuple[str, ...]:
        """Remove the oldest publications until the archive takes no more than so many bytes.

        Args:
            most: bytes, each text once however many publications share it.
            needed: ids that stay whatever happens, and the newest one: the archive may then stay larger.

        Returns:
            The ids removed, oldest first.

        Raises:
            StorageError: a folder cannot be removed.
        """
        gone = too_many(self.all(), most, needed)
        for publication in gone:
            self._remove(publication)
        return tuple(publication.id for publication in gone)

    def bytes(self) -> int:
        """What all publications take on disk, each text once however many share it."""
        return Occupied.by(self.all()).bytes

    def compact(self, most: int = 5, *, progress: Progress = quiet) -> tuple[str, ...]:
        """Tell texts as their difference from an older one, in place of those that are no longer the newest.

        Args:
            most: how many publications to look at; the newest of those still whole come last.
            progress: told the number of bytes worked on; what it raises ends the work, of which nothing is lost.

        Returns:
            The ids of the publications that became smaller.

        Raises:
            StorageError: the disk refuses it; every publication is still whole in one form or the other.
        """
        with storage_told(self._root), tempfile.TemporaryDirectory(dir=self._root, prefix=_DRAFT) as own:
            texts = self._texts if self._texts and self._texts.is_dir() else Path(own)
            return compact(self.all(), most, texts, progress)

    def _file(self, publication: Publication, kind: ExtractKind) -> PublishedFile:
        file = publication.file(kind)
        if file is None:
            raise NotFound(
                f"publication {publication.id} has no {kind}",
                mend="see 'rpps-sync publications' for what each holds",
                reason="no-extract",
            )
        return file

    def _remove(self, publication: Publication) -> None:
        """Out of the archive with one rename, then off the disk: a crash in between leaves a draft to sweep."""
        condemned = self._root / f"{_DRAFT}gone-{publication.id}"
        with storage_told(publication.folder):
            publication.folder.rename(condemned)
            shutil.rmtree(condemned)

    def _damage(self, publication: Publication, file: PublishedFile, progress: Progress) -> str:
        digest = hashlib.sha256()
        try:
            with self.open(publication, file.kind) as stream:
                while block := stream.read(BLOCK_BYTES):
                    digest.update(block)
                    progress(len(block))
        except DirectoryError as error:
            return error.what
        if digest.hexdigest() == file.sha256:
            return ""
        return f"the archived extract {file.kind} of {publication.folder} is not what its manifest says"

    def _folders(self) -> Iterator[Path]:
        for folder in self._root.iterdir() if self._root.is_dir() else ():
            if _NAME.fullmatch(folder.name):
                yield folder

    def _manifests(self) -> list[Manifest]:
        found = (read_manifest(folder) for folder in self._folders())
        return sorted(found, key=lambda one: (one.publication.published_at, one.sequence, one.publication.id))

    def _seal(self, draft: Path, received: Sequence[Received], newest: Publication | None) -> Publication | None:
        files = tuple(item.file for item in received)
        if newest and _content(files) == _content(newest.files):
            if _marked(files) != _marked(last_known(newest)):
                remember(newest, files)
            return None
        publication = _publication(files, draft)
        target = self._root / publication.id
        if newest and (publication.published_at < newest.published_at or target.exists()):
            raise _older(publication, newest)
        sequence = max((manifest.sequence for manifest in self._manifests()), default=0) + 1
        write_manifest(Manifest(publication, sequence, {item.file.kind: _noted(item) for item in received}))
        with storage_told(target):
            sync_folder(draft)
            draft.chmod(0o755)  # mkdtemp closes it to everybody else; the extracts are open data
            draft.rename(target)
            sync_folder(self._root)
        _tell(received)
        return replace(publication, folder=target)


def _mark(publication: Publication, file: PublishedFile) -> tuple[int, int, str] | None:
    """The same for two names of one text on disk; None when it is not there."""
    try:
        found = text_path(publication.folder, file.kind).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, file.sha256


def _tell(received: Iterable[Received]) -> None:
    for item in received:
        for note in item.notes:
            _log.warning("catalogue disagrees", extract=str(item.file.kind), note=note)


def _noted(item: Received) -> tuple[str, ...]:
    return (*item.notes, item.standing) if item.standing else item.notes


def _content(files: Iterable[PublishedFile]) -> dict[ExtractKind, str]:
    return {file.kind: file.sha256 for file in files}


def _marked(files: Iterable[PublishedFile]) -> set[tuple[str, str, str]]:
    return {(file.url, file.etag, file.last_modified) for file in files}


def _publication(files: tuple[PublishedFile, ...], folder: Path) -> Publication:
    dates = {file.kind: file.published_at for file in files}
    published_at = dates.get(_DIRECTORY_OF_REFERENCE) or max(dates.values())
    digest = hashlib.sha256("".join(sorted(file.sha256 for file in files)).encode()).hexdigest()
    return Publication(f"{published_at:%Y-%m-%d}-{digest[:6]}", published_at, files, folder)


def _older(publication: Publication, newest: Publication) -> SourceError:
    return refused(
        f"publication {publication.id}",
        f"it is older than {newest.id}, which the archive already holds",
        reason="rollback",
        mend="wait for the publisher's next deposit; to look at an older day, use an empty RPPS_SYNC_HOME",
    )
