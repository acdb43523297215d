"""Parquet files: the columns keep their types, what is added is text. Nothing is taken for a formula there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from rpps_sync.errors import UsageError
from rpps_sync.sheets.sheet import Cells, Sheet, Write

ROWS_A_GROUP = 10_000


@contextmanager
def reading(path: Path) -> Iterator[Sheet]:
    """A Parquet file, some thousand rows at a time.

    Raises:
        UsageError: it is none.
    """
    try:
        file = pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise UsageError(f"{path}: {error}", mend="give a Parquet file", reason="not-parquet") from error
    with file:
        yield Sheet(file.schema_arrow.names, _rows(file), file.schema_arrow)


@contextmanager
def writing(path: Path, header: Cells, origin: object) -> Iterator[Write]:
    """A Parquet file with the schema of the one read, and text columns for the others."""
    source = origin if isinstance(origin, pa.Schema) else pa.schema([])
    fields = [source.field(name) if name in source.names else pa.field(name, pa.string()) for name in header]
    schema = pa.schema(fields)
    pending: list[Cells] = []
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:

        def flush() -> None:
            columns = zip(*pending, strict=True) if pending else ((),) * len(fields)
            arrays = [_array(column, field) for column, field in zip(columns, fields, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            pending.clear()

        def write(cells: Cells) -> None:
            pending.append(list(cells))
            if len(pending) >= ROWS_A_GROUP:
                flush()

        yield write
        flush()


def _array(column: Any, field: Any) -> Any:
    if field.type == pa.string():
        column = [None if cell is None else str(cell) for cell in column]
    return pa.array(column, field.type)


def _rows(file: Any) -> Iterator[Cells]:
    for batch in file.iter_batches(batch_size=ROWS_A_GROUP):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
