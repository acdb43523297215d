"""From raw lines to columns, by the names of the header."""

from __future__ import annotations

import io

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
    names = ["_before", *(key or f"_{position}" for position, key in enumerate(header.keys)), "_after"]
    # An empty field on either side of each line: the reader would drop a byte order mark before the first one and
    # a carriage return after the last one, which are text here.
    between = f"{SEPARATOR}\n{SEPARATOR}"
    text = pl.DataFrame({"lines": lines}).select(pl.col("lines").str.join(between)).item()
    frame = pl.read_csv(
        io.BytesIO(f"{SEPARATOR}{text}{SEPARATOR}".encode()),
        separator=SEPARATOR,
        has_header=False,
        quote_char=None,
        infer_schema=False,
        new_columns=names,
        empty_string_is_null=False,
    )
    absent = [pl.lit("").alias(key) for key in known if key not in names]
    return frame.with_columns(absent).select(known)
