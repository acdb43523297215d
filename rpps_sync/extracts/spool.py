"""The lines of the affected practitioners, gathered on disk in buckets that each fit in memory.

A practitioner's lines are scattered over a file and over several files; folding needs them together. A normal
night has one small bucket; a first load has as many as its size asks for, so that memory stays bounded. They are
kept as the text they are: cut into columns when their bucket is read, each is written once, whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO

import polars as pl

from rpps_sync.extracts.ahead import ahead
from rpps_sync.extracts.lines import LineReader, Piece
from rpps_sync.extracts.parse import columns_of
from rpps_sync.extracts.picking import Stretch, lines_at, stretches_of
from rpps_sync.extracts.scratch import frame_told
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import Header

PRACTITIONERS_A_BUCKET = 40_000
READ_THROUGH = 0.05  # from this share of the lines on, reading all of them is faster than picking some
_BUCKET = "bucket"
_Lines = tuple[pl.Series, pl.Series]  # their text, and the bucket of each


@dataclass(frozen=True, slots=True)
class Spool:
    """Affected lines, in ``folder/<bucket>/<kind>.txt``.

    Args:
        folder: an empty folder of this run.
        affected: national identifiers whose lines are wanted.
    """

    folder: Path
    affected: pl.DataFrame  # national_id, bucket
    headers: dict[ExtractKind, Header] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, affected: pl.Series, held: Collection[str] = ()) -> Spool:
        """A spool for these practitioners, but for those held: with a line that cannot be read."""
        # Buckets are ranges of identifiers, so that rows reach the tables in the order of their keys.
        names = affected.filter(~affected.is_in(list(held))).unique().sort()
        people = pl.DataFrame({"national_id": names}).with_row_index(_BUCKET)
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
        self.headers[kind] = reader.header
        for line, bucket in self._wanted(reader, index):
            self._write(pl.DataFrame({"line": line, _BUCKET: bucket}), kind)

    def _wanted(self, reader: LineReader, index: pl.DataFrame | None) -> Iterator[_Lines]:
        """The affected lines, in the cheapest way there is to come by them."""
        if index is None or not reader.stream.seekable():
            return ahead(partial(self._affected_of, reader), reader.pieces())
        places = index.join(self.affected, on="national_id", maintain_order="left")
        if places.height > index.height * READ_THROUGH:
            return ahead(_cut, stretches_of(reader.stream, places))
        return ((lines, rows[_BUCKET]) for lines, rows in lines_at(reader.stream, places))

    def _affected_of(self, reader: LineReader, piece: Piece) -> _Lines:
        lines = reader.read(piece).frame.join(self.affected, on="national_id")
        return lines["line"], lines[_BUCKET]

    def bucket(self, number: int) -> tuple[pl.Series, dict[ExtractKind, pl.DataFrame]]:
        """The affected identifiers of one bucket, and their lines in columns, by extract (absent: none)."""
        identifiers = self.affected.filter(pl.col(_BUCKET) == number)["national_id"]
        read = {kind: self._read(number, kind) for kind in ExtractKind}
        return identifiers, {kind: frame for kind, frame in read.items() if frame is not None}

    def _write(self, lines: pl.DataFrame, kind: ExtractKind) -> None:
        for (bucket,), part in lines.partition_by(_BUCKET, as_dict=True, include_key=False).items():
            path = self._path(int(str(bucket)), kind)
            with frame_told(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("ab") as file:
                    # One CR is dropped when lines are read: the one written here, not one that belongs to a line.
                    part.write_csv(file, include_header=False, quote_style="never", line_terminator="\r\n")

    def _read(self, bucket: int, kind: ExtractKind) -> pl.DataFrame | None:
        path = self._path(bucket, kind)
        return columns_of(pl.read_lines(path)["line"], self.headers[kind]) if path.is_file() else None

    def _path(self, bucket: int, kind: ExtractKind) -> Path:
        return self.folder / str(bucket) / f"{kind}.txt"


def _cut(stretch: Stretch) -> _Lines:
    return stretch.lines(), stretch.places[_BUCKET]
