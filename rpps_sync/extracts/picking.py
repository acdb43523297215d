"""Picking lines out of a text by their place, without reading the others."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

import polars as pl

LINES_AT_A_TIME = 50_000
_SKIPPED_BYTES = 4 * 1024 * 1024


def lines_at(text: BinaryIO, places: pl.DataFrame) -> Iterator[pl.Series]:
    """The lines of a text at some places, in the order of the text, some thousands at a time.

    Args:
        text: decompressed bytes; at their beginning when they cannot be sought in.
        places: ``offset`` and ``length`` of readable lines, as in their index.
    """
    position = text.seek(0) if text.seekable() else 0
    for some in places.select("offset", "length").sort("offset").iter_slices(LINES_AT_A_TIME):
        lines: list[str] = []
        for offset, length in some.iter_rows():
            _skip(text, offset - position)
            lines.append(text.read(length).removesuffix(b"\r").decode())
            position = offset + length
        yield pl.Series("line", lines, dtype=pl.String)


def _skip(text: BinaryIO, count: int) -> None:
    if text.seekable():
        text.seek(count, io.SEEK_CUR)
        return
    while count and (block := text.read(min(count, _SKIPPED_BYTES))):
        count -= len(block)
