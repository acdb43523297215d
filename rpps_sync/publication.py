"""What the ANS deposits on one day: a set of extract files that belong together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class ExtractKind(StrEnum):
    """The open extracts, by the name used in settings, files and reports."""

    PERSONNE_ACTIVITE = "personne-activite"
    DIPL_AUTEXERC = "dipl-autexerc"
    SAVOIRFAIRE = "savoirfaire"
    MSSANTE = "mssante"  # secure mailboxes (boîtes aux lettres MSSanté)
    CARTES = "cartes"  # professional cards (CPS, CPF)


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """One extract, once it is in the archive."""

    kind: ExtractKind
    url: str  # where it came from: an http(s) address or a file path
    published_at: datetime
    fetched_at: datetime
    bytes: int  # decompressed size
    sha256: str  # of the decompressed bytes
    lines: int  # data lines, header excluded
    etag: str = ""  # what tells this file from its successor at that address, for the next conditional request
    last_modified: str = ""  # as the server wrote it, for the next conditional request
    channel: str = ""  # 'data-gouv', 'ans' or 'folder'; empty in archives made before channels were told apart


@dataclass(frozen=True, slots=True)
class Publication:
    """A set of extracts of one day, archived under ``folder`` and named ``id`` (``2026-11-20-a1b2c3``)."""

    id: str
    published_at: datetime
    files: tuple[PublishedFile, ...]
    folder: Path

    def file(self, kind: ExtractKind) -> PublishedFile | None:
        """The file of one kind, or None when the publication has none."""
        return next((file for file in self.files if file.kind == kind), None)
