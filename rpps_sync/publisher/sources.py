"""Where extracts come from: the contract between a source and the archive.

A source is asked twice: ``discover`` says what is offered (and touches no extract), ``fetch`` brings one file.
``OnlineSource`` (online.py) speaks to data.gouv.fr, ``WebService`` (webservice.py) to the ANS, ``Channels``
(channels.py) to both, and ``FolderSource`` (folder.py) reads files already on disk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from rpps_sync.publication import ExtractKind, PublishedFile

Progress = Callable[[int], None]

FOLDER = "folder"  # the channel of files that were already on disk


def quiet(_: int) -> None:
    """Tell nobody how many bytes came: the default progress callback."""


@dataclass(frozen=True, slots=True)
class Deposit:
    """One file offered by a source.

    ``published_at``, ``bytes`` and ``checksum`` are what the catalogue says, which may lag behind the file itself:
    they describe it for certain only when the file comes from ``dated_url``.
    """

    kind: ExtractKind
    url: str  # the stable address, or where the file lies on disk
    published_at: datetime
    bytes: int | None  # decompressed size; None when the source does not say
    checksum: str  # 'sha1:…', 'sha256:…' or '' when unknown
    dated_url: str = ""  # the address of this very deposit, which the next one replaces; '' when unknown
    channel: str = ""  # the name of the way it comes
    validator: str = ""  # what tells this deposit from the next one before anything is fetched; '' when unknown
    packed: bool = False  # a ZIP is behind the address, not the text itself


@dataclass(frozen=True, slots=True)
class Fetched:
    """One file that came, complete and checked, and what the source said of it."""

    bytes: int  # decompressed size
    sha256: str  # of the decompressed bytes
    published_at: datetime
    etag: str = ""  # as the server wrote it, for the next conditional request
    last_modified: str = ""  # idem
    notes: tuple[str, ...] = ()  # what disagreed without being a reason to refuse, kept in the manifest
    url: str = ""  # where it came from, when that is not the address of the deposit asked for
    channel: str = ""  # idem
    standing: str = ""  # how the channels stood to one another, for the manifest; '' when there is only one
    file_name: str = ""  # the name that the server gave it (Content-Disposition)


def unchanged(previous: PublishedFile) -> Fetched:
    """The answer of a source that offers the very file it gave before: nothing is written."""
    return Fetched(
        bytes=previous.bytes,
        sha256=previous.sha256,
        published_at=previous.published_at,
        etag=previous.etag,
        last_modified=previous.last_modified,
        url=previous.url,
        channel=previous.channel,
    )


class Source(Protocol):
    """What offers extracts."""

    def discover(self, kinds: Sequence[ExtractKind]) -> tuple[Deposit, ...]:
        """The current deposit of each kind asked for, in that order.

        Raises:
            PublisherUnreachable: no usable answer within the retries.
            ExtractRefused: the catalogue's answer cannot be understood.
            UsageError: a kind asked for is not offered here.
        """
        ...

    def fetch(
        self, deposit: Deposit, into: Path, previous: PublishedFile | None, progress: Progress
    ) -> Fetched | None:
        """Write the decompressed text of a deposit at ``into``, whole or not at all.

        Args:
            deposit: one of those just discovered.
            into: the file to create; a temporary file beside it is renamed at the end. Hidden files may be left in
                that folder until everything came: the archive removes them.
            previous: the last archived file of that kind, if any.
            progress: told the number of bytes that came; a negative number when a transfer starts again.

        Returns:
            What came. When it is the same as ``previous``: None, or a ``Fetched`` with its digest where there is
            more to tell than that; then ``into`` is not written.

        Raises:
            PublisherUnreachable: no usable answer within the retries.
            ExtractRefused: what came is not an extract.
            StorageError: the file cannot be written.
        """
        ...
