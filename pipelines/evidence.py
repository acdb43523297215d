"""The rows behind a result of the checks, from the archive: those of any publication looked at, refused or not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import polars as pl
from sqlalchemy import Connection

from rpps_sync.directory.departed import last_names
from rpps_sync.directory.ledger import figures
from rpps_sync.errors import DirectoryError, NotFound
from rpps_sync.publication import ExtractKind, Publication
from rpps_sync.publisher.archive import Archive
from rpps_sync.quality.moves import FLAPPING_NIGHTS
from rpps_sync.quality.rows import Side, Sources, rows_behind


@contextmanager
def evidence(
    connection: Connection, root: Path, publication: str, name: str, kind: ExtractKind
) -> Iterator[Iterator[pl.DataFrame]]:
    """The rows behind a result of a publication, as frames that all have the same columns.

    Args:
        connection: the directory, only read.
        root: of the archive.
        publication: which one.
        name: of the result.
        kind: the extract it is about.

    Raises:
        NotFound: no such result, or no row can be behind it; the publication is no longer in the archive.
        DirectoryError: an archived file is missing or damaged.
    """
    root.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=root, prefix=".rows-") as texts:
        yield rows_behind(name, kind, _sources(connection, Archive(root, Path(texts)), publication))


def _sources(connection: Connection, archive: Archive, publication: str) -> Sources:
    ledger = figures(connection)
    place = next((rank for rank, row in enumerate(ledger) if row["id"] == publication), len(ledger))
    served = [row for row in ledger[place + 1 :] if row["seq"] is not None]
    kept = (found for row in served if (found := _kept(archive, row["id"])) is not None)
    former = _kept(archive, served[0]["id"]) if served else None
    older = islice(kept, 1 if former else 0, FLAPPING_NIGHTS + 1)
    return Sources(
        tonight=_side(archive, archive.load(publication)),
        former=_side(archive, former) if former else None,
        older=tuple(Side(_kinds(one), partial(archive.open, one)) for one in older),
        past=tuple(row["metrics"] for row in reversed(served)),
        remembered=partial(last_names, connection, before_seq=served[0]["seq"] + 1 if served else 0),
    )


def _kept(archive: Archive, publication: str) -> Publication | None:
    with suppress(NotFound, DirectoryError):
        return archive.load(publication)
    return None


def _side(archive: Archive, publication: Publication) -> Side:
    """A publication whose texts are laid on disk when they are asked for: they are read several times."""

    def text(kind: ExtractKind) -> BinaryIO:
        return archive.text(publication, kind).open("rb")

    return Side(_kinds(publication), text)


def _kinds(publication: Publication) -> tuple[ExtractKind, ...]:
    return tuple(file.kind for file in publication.files)
