"""What a database holds, as one number a table: equal for equal rows, whatever the database and their order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import polars as pl
import polars_hash as plh
from sqlalchemy import Connection, Integer, String, Table, select

ROWS_AT_A_TIME = 20_000
_NOTHING, _UNIT = "\x1d", "\x1e"


@dataclass(slots=True)
class Digest:
    """Rows counted, and the sum of their fingerprints (64 bits)."""

    rows: int = 0
    total: int = field(default=0, repr=False)

    def add(self, frame: pl.DataFrame) -> None:
        """Take in some rows, as :func:`batches` gives them."""
        texts = [pl.col(name).cast(pl.String).fill_null(_NOTHING) for name in frame.columns]
        hashed = frame.select(row=pl.concat_str(texts, separator=_UNIT)).select(plh.col("row").nchash.xxh3_64())
        self.rows += frame.height
        self.total = (self.total + sum(hashed["row"].to_list())) % 2**64


def of_table(connection: Connection, table: Table) -> Digest:
    """The digest of a whole table, read in bounded memory."""
    digest = Digest()
    for rows in batches(connection, table):
        digest.add(as_texts(table, rows))
    return digest


def batches(connection: Connection, table: Table) -> Iterator[Sequence[Any]]:
    """All rows of a table, some at a time, in no order."""
    yield from connection.execute(select(table).execution_options(yield_per=ROWS_AT_A_TIME)).partitions()


def as_texts(table: Table, rows: Sequence[Any]) -> pl.DataFrame:
    """Rows as a frame of texts and numbers, the same for both databases."""
    if not is_plain(table):
        rows = [tuple(map(_text, row)) for row in rows]
        return pl.DataFrame(rows, schema=dict.fromkeys(table.c.keys(), pl.String), orient="row")
    return pl.DataFrame(rows, schema=plain_schema(table), orient="row")


def is_plain(table: Table) -> bool:
    """Whether all of its columns are texts and whole numbers."""
    return all(isinstance(column.type, String | Integer) for column in table.c)


def plain_schema(table: Table) -> dict[str, Any]:
    """The columns of a plain table as polars sees them."""
    return {column.name: pl.Int64 if isinstance(column.type, Integer) else pl.String for column in table.c}


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    return str(value)
