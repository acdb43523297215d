"""From raw lines to columns, by the names of the header."""

from __future__ import annotations

import polars as pl

from rpps_sync.publisher.layouts import SEPARATOR, Header, layout


def columns_of(lines: pl.Series, header: Header) -> pl.DataFrame:
    """Cut readable lines at the separator.

    Args:
        lines: text, each with exactly ``header.fields`` fields.
        header: the file's header.

    Returns:
        One text column per known column of the newest vintage; those the file lacks are empty strings.
    """
    known = [column.key for column in layout(header.kind).columns]
    if lines.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(known, pl.String))
    # Not the CSV reader: it drops a byte order mark at the start and a carriage return at the end of a field.
    fields = lines.str.split_exact(SEPARATOR, header.fields - 1).struct
    names = [key or f"_{position}" for position, key in enumerate(header.keys)]
    frame = fields.rename_fields(names).struct.unnest()
    absent = [pl.lit("").alias(key) for key in known if key not in names]
    return frame.with_columns(absent).select(known)
