"""Picking lines out of a text by their place, without reading the others."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

import numpy as np
import polars as pl

from rpps_sync.limits import MEBIBYTE

_LINES_AT_A_TIME = 50_000
_SKIPPED_BYTES = 4 * MEBIBYTE
_STRETCH_BYTES = 32 * MEBIBYTE


def lines_at(text: BinaryIO, places: pl.DataFrame) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
    """The lines of a text at some places, in the order of the text, some thousands at a time.

    Args:
        text: decompressed bytes; at their beginning when they cannot be sought in.
        places: ``offset`` and ``length`` of lines that are text, as in their index.

    Yields:
        ``line``, and the rows of ``places`` that say where they are.
    """
    position = text.seek(0) if text.seekable() else 0
    for rows in places.sort("offset").iter_slices(_LINES_AT_A_TIME):
        lines: list[str] = []
        for offset, length in rows.select("offset", "length").iter_rows():
            _skip(text, offset - position)
            lines.append(text.read(length).removesuffix(b"\r").decode())
            position = offset + length
        yield pl.Series("line", lines, dtype=pl.String), rows


def _skip(text: BinaryIO, count: int) -> None:
    if text.seekable():
        text.seek(count, io.SEEK_CUR)
        return
    while count and (block := text.read(min(count, _SKIPPED_BYTES))):
        count -= len(block)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text in which most lines are wanted, and where those are."""

    raw: bytes
    begins: int  # where it is in the text, in bytes
    places: pl.DataFrame  # ``offset`` and ``length`` of lines that are text, in their order

    def lines(self) -> pl.Series:
        """``line``, one a row of ``places``, cut out without a look at what is between them."""
        import pyarrow as pa  # noqa: PLC0415 - forty megabytes, and only who publishes much needs it

        starts = self.places["offset"].to_numpy().astype(np.int64) - self.begins
        buffers = [None, pa.py_buffer(np.append(starts, len(self.raw))), pa.py_buffer(self.raw)]
        ending = pl.from_arrow(pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(starts), buffers))
        assert isinstance(ending, pl.Series)
        cut = pl.col("line").bin.slice(0, self.places["length"]).cast(pl.String)
        return pl.DataFrame({"line": ending}).select(cut.str.strip_suffix("\r")).to_series()


def stretches_of(text: BinaryIO, places: pl.DataFrame) -> Iterator[Stretch]:
    """The parts of a text that hold the lines at some places, read once from end to end.

    Args:
        text: a file in which one can seek.
        places: ``offset`` and ``length`` of lines that are text, in the order of the text.
    """
    offsets = places["offset"].to_numpy()
    bounds = np.arange(0, offsets[-1] if len(offsets) else 0, _STRETCH_BYTES, dtype=offsets.dtype)
    ends = np.unique(np.append(np.searchsorted(offsets, bounds), len(offsets))).tolist()
    for first, last in pairwise(ends):
        rows = places[first:last]
        begins = text.seek(rows["offset"][0])
        yield Stretch(text.read(rows["offset"][-1] + rows["length"][-1] - begins), begins, rows)
