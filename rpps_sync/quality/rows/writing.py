"""Rows as a CSV file that a spreadsheet opens safely."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import TextIO

import polars as pl

from rpps_sync.formulas import harmless


def write_csv(frames: Iterable[pl.DataFrame], file: TextIO) -> int:
    """Write rows as CSV: semicolons, every cell quoted, no formula (see ``rpps_sync.formulas``).

    Returns:
        How many rows were written, the header left out.
    """
    writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    written = 0
    for frame in frames:
        if not written:
            writer.writerow(frame.columns)
        writer.writerows([harmless(cell) for cell in row] for row in frame.iter_rows())
        written += frame.height
    return written
