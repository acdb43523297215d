"""The lines of the affected practitioners, gathered on disk in buckets that each fit in memory.

A practitioner's lines are scattered over a file and over several files; folding needs them together. A normal
night has one small bucket; a first load has as many as its size asks for, so that memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

import polars as pl

from rpps_sync.extracts.ahead import ahead
from rpps_sync.extracts.lines import LineReader, Piece
from rpps_sync.extracts.parse import columns_of
from rpps_sync.extracts.picking import lines_at
from rpps_sync.extracts.scratch import frame_told
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import Header

PRACTITIONERS_A_BUCKET = 60_000
READ_THROUGH = 0.05  # from this share of the lines on, reading all of them is faster than picking some
_BUCKET = "bucket"


@dataclass(frozen=True, slots=True)
class Spool:
    """Affected lines, parsed, in ``folder/<bucket>/<kind>-<part>.arrow``.

    Args:
        folder: an empty folder of this run.
        affected: national identifiers whose lines are wanted.
    """

    folder: Path
    affected: pl.DataFrame  # national_id, bucket

    @classmethod
    def of(cls, folder: Path, affected: pl.Series) -> Spool:
        """A spool for these practitioners."""
        # Buckets are ranges of identifiers, so that rows reach the tables in the order of their keys.
        people = pl.DataFrame({"national_id": affected.unique().sort()}).with_row_index(_BUCKET)
        return cls(folder, people.with_columns(pl.col(_BUCKET) // PRACTITIONERS_A_BUCKET))

    @property
    def buckets(self) -> int:
        """Into how many buckets the practitioners are spread."""
        return max(1, -(-self.affected.height // PRACTITIONERS_A_BUCKET))

    def fill(self, stream: BinaryIO, kind: ExtractKind, index: pl.DataFrame | None = None) -> None:
        """Take in the affected lines of one file.

        Args:
            stream: the decompressed bytes.
            kind: which extract this is.
            index: that of the file (see ``rpps_sync.extracts.index``), if it is known: a few lines are then picked
                where they are, and the others not read.

        Raises:
            StorageError: the disk is full or refuses to be written.
        """
        reader = LineReader(stream, kind)
        if index is None:
            blocks = ahead(partial(self._affected_of, reader), reader.pieces())
        else:
            wanted = index.join(self.affected, on="national_id")
            if wanted.height > index.height * READ_THROUGH:
                blocks = ahead(partial(self._affected_of, reader), reader.pieces())
            else:
                blocks = self._picked(stream, wanted, reader.header)
        for part, columns in enumerate(blocks):
            if not columns.is_empty():
                self._write(columns, kind, part)

    def _affected_of(self, reader: LineReader, piece: Piece) -> pl.DataFrame:
        lines = reader.read(piece).frame.join(self.affected, on="national_id")
        return columns_of(lines["line"], reader.header).with_columns(lines[_BUCKET])

    def _picked(self, stream: BinaryIO, wanted: pl.DataFrame, header: Header) -> Iterator[pl.DataFrame]:
        for lines, rows in lines_at(stream, wanted):
            yield columns_of(lines, header).with_columns(rows[_BUCKET])

    def practitioners(self) -> Iterator[tuple[pl.Series, dict[ExtractKind, pl.DataFrame]]]:
        """Bucket by bucket: the affected identifiers, and their lines by extract (absent: none)."""
        for bucket in range(self.buckets):
            identifiers = self.affected.filter(pl.col(_BUCKET) == bucket)["national_id"]
            yield (
                identifiers,
                {kind: frame for kind in ExtractKind if (frame := self._read(bucket, kind)) is not None},
            )

    def _write(self, columns: pl.DataFrame, kind: ExtractKind, part: int) -> None:
        for (bucket,), frame in columns.partition_by(_BUCKET, as_dict=True, include_key=False).items():
            folder = self.folder / str(bucket)
            path = folder / f"{kind}-{part}.arrow"
            with frame_told(path):
                folder.mkdir(parents=True, exist_ok=True)
                frame.write_ipc(path, compression="lz4")

    def _read(self, bucket: int, kind: ExtractKind) -> pl.DataFrame | None:
        parts = sorted((self.folder / str(bucket)).glob(f"{kind}-*.arrow"))
        return pl.concat([pl.read_ipc(part) for part in parts]) if parts else None
