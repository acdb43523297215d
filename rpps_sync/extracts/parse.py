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


def known_text(lines: pl.Series, header: Header) -> pl.Series:
    """The lines without the columns nobody knows: what has to differ for a practitioner to be looked at again.

    A column that appears then moves no line, and one that is noise moves none any night.
    """
    if None not in header.keys:
        return lines
    fields = lines.str.split_exact(SEPARATOR, header.fields - 1).struct.unnest()
    known = [f"field_{position}" for position, key in enumerate(header.keys) if key is not None]
    return fields.select(line=pl.concat_str(known, separator=SEPARATOR)).to_series()
