"""Reading back what ``simulate publish`` wrote."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import layout

FIRST_DAY = date(2026, 11, 18)


def read(folder: Path, kind: ExtractKind = ExtractKind.PERSONNE_ACTIVITE) -> pl.DataFrame:
    """One extract of one day, by the column keys of its layout."""
    expected = layout(kind)
    frame = pl.read_csv(
        folder / expected.file_name, separator="|", quote_char=None, infer_schema=False, empty_string_is_null=False
    )
    return frame.rename({column.name: column.key for column in expected.columns})
