"""Extracts already on disk: ``run --from DIR``, for machines without a way out and for past publications.

A folder holds one file of each kind, under its data.gouv.fr name (``ps-libreacces-personne-activite.txt``) or its
dated ANS name (``PS_LibreAcces_Personne_activite_201807300827.txt``), plain, ``.gz`` or ``.zst``, or inside a
``PS_LibreAcces_*.zip`` or its like. When it holds several of a kind, the newest stamp wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rpps_sync.errors import UsageError
from rpps_sync.limits import LIMITS, Limits
from rpps_sync.publication import ExtractKind, PublishedFile
from rpps_sync.publisher import containers
from rpps_sync.publisher.catalogue import read_deposit, resource
from rpps_sync.publisher.days import in_words, mixed
from rpps_sync.publisher.file_names import name_pattern, stamp_of
from rpps_sync.publisher.incoming import IncomingFile, refused
from rpps_sync.publisher.layouts import layout
from rpps_sync.publisher.sources import FOLDER, Deposit, Fetched, Progress

CATALOGUE_FILE = "catalog.json"
_SAME_DAY = timedelta(hours=24)  # in a folder made by hand, names may be less exact than a catalogue


@dataclass(frozen=True, slots=True)
class Candidate:
    """One file that may be the extract of a kind."""

    path: Path
    entry: str  # name inside a ZIP, or ''
    stamp: datetime | None  # from the name
    bytes: int | None  # decompressed; None inside .gz and .zst, which do not tell reliably

    @property
    def url(self) -> str:
        """Where it lies."""
        return f"{self.path}#{self.entry}" if self.entry else str(self.path)


class FolderSource:
    """Extracts read from a folder.

    Args:
        folder: where the files lie; sub-folders are not looked into.
        limits: bounds on sizes and archives.

    Raises:
        UsageError: there is no such folder.
    """

    def __init__(self, folder: Path, *, limits: Limits = LIMITS) -> None:
        self._folder = folder
        self._limits = limits
        if not folder.is_dir():
            raise UsageError(
                f"there is no folder {folder}", mend="check the path given with --from", reason="no-folder"
            )

    def discover(self, kinds: Sequence[ExtractKind]) -> tuple[Deposit, ...]:
        """The file of each kind; see ``Source.discover``.

        ``published_at`` is that of ``catalog.json`` beside the files, else of the stamp in the name, else of the
        file's modification.

        Raises:
            UsageError: a kind has no file, or several that nothing tells apart.
            ExtractRefused: an archive or the ``catalog.json`` cannot be trusted, or the files are of several days.
        """
        found = [self._deposit(kind) for kind in kinds]
        dates = {deposit.kind: deposit.published_at for deposit, told in found if told}
        if mixed(dates, _SAME_DAY):
            raise refused(
                str(self._folder),
                f"the files are of different days: {in_words(dates)}",
                reason="mixed-days",
                mend="put the files of one day in the folder",
            )
        return tuple(deposit for deposit, _ in found)

    def fetch(
        self, deposit: Deposit, into: Path, previous: PublishedFile | None, progress: Progress
    ) -> Fetched | None:
        """Copy one file, decompressed; None when it has the digest of ``previous``; see ``Source.fetch``."""
        chosen = next((item for item in self._candidates(deposit.kind) if item.url == deposit.url), None)
        if chosen is None:
            raise _missing(self._folder, deposit.kind)
        with IncomingFile(into, name=chosen.url, limits=self._limits, expected=chosen.bytes) as file:
            for block in self._blocks(chosen):
                file.write(block)
                progress(len(block))
            if previous is not None and file.sha256 == previous.sha256:
                return None
            file.keep()
            return Fetched(bytes=file.bytes, sha256=file.sha256, published_at=deposit.published_at)

    def _blocks(self, chosen: Candidate) -> Iterator[bytes]:
        blocks = containers.text_blocks(chosen.path, chosen.entry, self._limits)
        while True:
            try:
                block = next(blocks)
            except StopIteration:
                return
            except OSError as error:
                raise _unreadable(chosen.path, error) from error
            yield block

    def _deposit(self, kind: ExtractKind) -> tuple[Deposit, bool]:
        """The file of a kind, and whether its date was told: that of its last modification proves nothing."""
        chosen = self._chosen(kind)
        catalogue = self._folder / CATALOGUE_FILE
        told = chosen.stamp
        if catalogue.is_file():
            told = read_deposit(self._read_catalogue(catalogue), kind, chosen.url).published_at
        published_at = told or datetime.fromtimestamp(chosen.path.stat().st_mtime, UTC)
        return Deposit(kind, chosen.url, published_at, chosen.bytes, "", channel=FOLDER), told is not None

    def _read_catalogue(self, catalogue: Path) -> bytes:
        try:
            with catalogue.open("rb") as file:
                return file.read(self._limits.catalogue_bytes)
        except OSError as error:
            raise _unreadable(catalogue, error) from error

    def _chosen(self, kind: ExtractKind) -> Candidate:
        found = self._candidates(kind)
        if not found:
            raise _missing(self._folder, kind)
        stamps = [item.stamp for item in found if item.stamp is not None]
        newest = [item for item in found if len(found) == 1 or item.stamp == max(stamps, default=None)]
        if len(newest) > 1 or (len(found) > 1 and len(stamps) < len(found)):
            raise UsageError(
                f"{self._folder} holds several files for {kind} and nothing tells which is the newest: "
                + ", ".join(Path(item.url).name for item in found),
                mend="leave one of them there",
                reason="extract-ambiguous",
            )
        return newest[0]

    def _candidates(self, kind: ExtractKind) -> list[Candidate]:
        try:
            return sorted(self._listed(kind), key=lambda item: item.url)
        except OSError as error:
            raise _unreadable(self._folder, error) from error

    def _listed(self, kind: ExtractKind) -> Iterator[Candidate]:
        for path in self._folder.iterdir():
            if match := name_pattern(kind).fullmatch(path.name):
                size = None if match["packed"] else path.stat().st_size
                yield Candidate(path, "", _stamp(match), size)
            elif re.fullmatch(rf"{resource(kind).archive}.*\.zip", path.name, re.IGNORECASE):
                yield from self._inside(path, kind)

    def _inside(self, archive: Path, kind: ExtractKind) -> Iterator[Candidate]:
        """The stamp of a ZIP is not that of the data: only the names inside count."""
        for entry, size in containers.entries(archive, self._limits).items():
            match = name_pattern(kind).fullmatch(entry)
            if match and not match["packed"]:
                yield Candidate(archive, entry, _stamp(match), size)


def _stamp(match: re.Match[str]) -> datetime | None:
    try:
        return stamp_of(match)
    except ValueError as error:
        raise UsageError(
            f"the name {match.string} carries a stamp that is no date",
            mend="give the file the name it was published under",
            reason="bad-stamp",
        ) from error


def _missing(folder: Path, kind: ExtractKind) -> UsageError:
    return UsageError(
        f"{folder} holds no {layout(kind).file_name} (nor .gz, .zst, {layout(kind).title}_*.txt, "
        f"nor a {resource(kind).archive}_*.zip with it); nothing was touched",
        mend="put the file there, or leave that extract out with RPPS_SYNC_EXTRACTS",
        reason="extract-missing",
    )


def _unreadable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"{path} cannot be read: {error.strerror or error}; nothing was touched",
        mend="check its permissions, and that the disk is mounted",
        reason="not-readable",
    )
