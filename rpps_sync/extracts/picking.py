"""Picking lines out of a text by their place, without reading the others."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

import polars as pl

_LINES_AT_A_TIME = 50_000
_SKIPPED_BYTES = 4 * 1024 * 1024


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
