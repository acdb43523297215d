"""Somebody else's table with columns of the directory added: read, looked up and written in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from rpps_sync import sheets
from rpps_sync.directory.enrichment import Enriched, Status, enrich, known_fields
from rpps_sync.directory.lookup import publication_served
from rpps_sync.errors import UsageError
from rpps_sync.sheets.sheet import Cells

ROWS_AT_A_TIME = 5_000
BETWEEN_VALUES = "; "  # of a field that has several
ALWAYS = ("status", "reason", "national_id")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done.

    Args:
        source: the table: ``.csv``, ``.tsv``, ``.txt``, ``.parquet`` or ``.xlsx``.
        target: where the answer goes; of the same kinds, not necessarily the same one.
        id_column: the column of the identifiers.
        fields: names of ``rpps_sync.directory.enrichment.FIELDS``.
        prefix: goes before the names of the added columns.
    """

    source: Path
    target: Path
    id_column: str
    fields: Sequence[str]
    prefix: str = "rpps_"


@dataclass(slots=True)
class Summary:
    """What came of it."""

    order: Order
    rows: int = 0
    by_status: Counter[Status] = field(default_factory=Counter)

    def to_json(self, about: dict[str, Any]) -> dict[str, Any]:
        """The counts, the columns and the publication they come from."""
        return {
            "input": str(self.order.source),
            "output": str(self.order.target),
            "rows": self.rows,
            "by_status": {status.value: self.by_status[status] for status in Status},
            "columns": _added(self.order),
        } | about


def enrich_table(
    connection: Connection,
    order: Order,
    *,
    progress: Callable[[int], None] = lambda _rows: None,
) -> dict[str, Any]:
    """Write the table anew with what the directory says of each row's identifier.

    Returns:
        The summary: rows, how many of each status, the columns added, the publication.

    Raises:
        UsageError: the file, the column or a field is not what it should be; nothing is written.
        NotFound: the directory holds no publication.
    """
    known_fields(order.fields)
    _, about = publication_served(connection)
    summary = Summary(order)
    with sheets.reading(order.source) as sheet:
        place = _place(sheet.header, order)
        with sheets.writing(order.target, [*sheet.header, *_added(order)], sheet.origin) as write:
            for rows in _batches(sheet.rows):
                for cells, answer in zip(rows, _answers(connection, rows, place, order.fields), strict=True):
                    write([*cells, *_cells(answer, order.fields)])
                    summary.by_status[answer.status] += 1
                summary.rows += len(rows)
                progress(len(rows))
    return summary.to_json(about)


def _place(header: Sequence[str], order: Order) -> int:
    """Where the column of the identifiers is, case and spaces around apart."""
    wanted = order.id_column.strip().casefold()
    found = [number for number, name in enumerate(header) if name.strip().casefold() == wanted]
    if len(found) != 1:
        raise UsageError(
            f"{order.source}: {'no column is' if not found else 'several columns are'} named '{order.id_column}'",
            mend=f"its columns are: {', '.join(header)}",
            reason="id-column",
        )
    if taken := set(header) & set(_added(order)):
        raise UsageError(
            f"{order.source} has a column '{min(taken)}' already",
            mend="give the added columns another --prefix",
            reason="column-exists",
        )
    return found[0]


def _added(order: Order) -> list[str]:
    return [f"{order.prefix}{name}" for name in (*ALWAYS, *order.fields)]


def _batches(rows: Iterable[Cells]) -> Iterator[list[Cells]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, ROWS_AT_A_TIME)):
        yield batch


def _answers(
    connection: Connection, rows: Sequence[Cells], place: int, fields: Sequence[str]
) -> list[Enriched]:  # fmt: skip
    return enrich(connection, ["" if row[place] is None else str(row[place]) for row in rows], fields)


def _cells(answer: Enriched, fields: Sequence[str]) -> list[str]:
    values = (BETWEEN_VALUES.join(answer.values.get(name, ())) for name in fields)
    return [answer.status, answer.reason, answer.national_id, *values]
