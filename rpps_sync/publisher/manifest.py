"""The manifest of an archived publication: what came, from where, when, and how to know it again.

A small JSON file, written last; a folder without one was never sealed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rpps_sync.clock import iso, parse_instant
from rpps_sync.errors import DirectoryError, UsageError
from rpps_sync.publication import ExtractKind, Publication, PublishedFile
from rpps_sync.publisher.disk import storage_told

MANIFEST_FILE = "manifest.json"
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says."""

    publication: Publication
    sequence: int  # 1 for the first one received; tells two receptions of one deposit date apart
    notes: Mapping[ExtractKind, Sequence[str]] = field(default_factory=dict)  # where the catalogue was wrong


def write_manifest(manifest: Manifest) -> None:
    """Write the manifest into the publication's folder, and make it survive a power cut.

    Raises:
        StorageError: the disk refuses it.
    """
    publication = manifest.publication
    document = {
        "schema": SCHEMA,
        "sequence": manifest.sequence,
        "id": publication.id,
        "published_at": iso(publication.published_at),
        "files": [_written(file, manifest.notes.get(file.kind, ())) for file in publication.files],
    }
    path = publication.folder / MANIFEST_FILE
    with storage_told(path), path.open("w", encoding="utf-8") as file:
        json.dump(document, file, ensure_ascii=False, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder of the archive.

    Raises:
        DirectoryError: the manifest is missing, damaged, or of a newer form than this program knows.
    """
    path = folder / MANIFEST_FILE
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["schema"] > SCHEMA:
            raise _newer(path)
        publication = Publication(
            id=document["id"],
            published_at=parse_instant(document["published_at"]),
            files=tuple(_read(entry) for entry in document["files"]),
            folder=folder,
        )
        notes = {ExtractKind(entry["kind"]): tuple(entry["notes"]) for entry in document["files"]}
        return Manifest(publication, int(document["sequence"]), notes)
    except (OSError, ValueError, KeyError, TypeError, UsageError) as error:
        raise DirectoryError(
            f"the manifest {path} cannot be read: {error}",
            mend=f"restore it from a backup, or remove the folder {folder} if that publication may be forgotten",
            reason="manifest-damaged",
        ) from error


def _written(file: PublishedFile, notes: Sequence[str]) -> dict[str, Any]:
    entry = asdict(file)
    entry["published_at"] = iso(file.published_at)
    entry["fetched_at"] = iso(file.fetched_at)
    return {**entry, "notes": list(notes)}


def _read(entry: Mapping[str, Any]) -> PublishedFile:
    return PublishedFile(
        kind=ExtractKind(entry["kind"]),
        url=entry["url"],
        published_at=parse_instant(entry["published_at"]),
        fetched_at=parse_instant(entry["fetched_at"]),
        bytes=int(entry["bytes"]),
        sha256=entry["sha256"],
        lines=int(entry["lines"]),
        etag=entry["etag"],
        last_modified=entry["last_modified"],
        channel=entry.get("channel", ""),  # absent from the first archives
    )


def _newer(path: Path) -> DirectoryError:
    return DirectoryError(
        f"the manifest {path} was written by a newer rpps-sync",
        mend="upgrade rpps-sync to the version that wrote it",
        reason="manifest-newer",
    )
