"""By which marks the publisher knows a text again that it has deposited anew without changing it.

A publication's manifest says how its texts first came. When the same content comes again from another address or
under another ETag, no publication is made of it; the marks by which it can be asked for "if it changed" are then
kept beside the manifest, or each later run would bring the whole text home to find it known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from rpps_sync.publication import Publication, PublishedFile
from rpps_sync.publisher.disk import drafted, storage_told

MARKS_FILE = "marks.json"
_MARKS = ("url", "etag", "last_modified")


def remember(publication: Publication, files: Iterable[PublishedFile]) -> None:
    """Keep the marks under which the texts of a publication came again.

    Raises:
        StorageError: the disk refuses it.
    """
    path = publication.folder / MARKS_FILE
    document = {str(file.kind): {name: getattr(file, name) for name in _MARKS} for file in files}
    with storage_told(path), drafted(path, path.with_name(f".{MARKS_FILE}")) as draft:
        draft.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def last_known(publication: Publication) -> tuple[PublishedFile, ...]:
    """The texts of a publication, with the marks under which each came last."""
    marks = _read(publication.folder / MARKS_FILE)
    return tuple(_marked(file, marks.get(str(file.kind))) for file in publication.files)


def _marked(file: PublishedFile, marks: dict[str, str] | None) -> PublishedFile:
    if marks is None:
        return file
    return replace(file, url=marks["url"], etag=marks["etag"], last_modified=marks["last_modified"])


def _read(path: Path) -> dict[str, dict[str, str]]:
    """Marks are a convenience: without them, or with damaged ones, a text is brought home once more."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return {kind: {name: str(entry[name]) for name in _MARKS} for kind, entry in document.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
