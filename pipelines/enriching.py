"""Somebody else's table with columns of the directory added: read, looked up and written in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from pipelines.matching import match
from rpps_sync import sheets
from rpps_sync.directory.enrichment import Enriched, Status, enrich, known_fields
from rpps_sync.directory.served import served
from rpps_sync.errors import UsageError
from rpps_sync.matching.decision import Decision, Verdict
from rpps_sync.matching.description import TRAITS, Described
from rpps_sync.sheets.sheet import Cells

ROWS_AT_A_TIME = 5_000
BETWEEN_VALUES = "; "  # of a field that has several
ALWAYS = ("status", "reason", "national_id")
OF_MATCH = ("match", "probability", "candidates")
CANDIDATES = 5  # told of each row


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done.

    Args:
        source: the table: ``.csv``, ``.tsv``, ``.txt``, ``.parquet`` or ``.xlsx``.
        target: where the answer goes; of the same kinds, not necessarily the same one.
        id_column: the column of the identifiers.
        fields: names of ``rpps_sync.directory.enrichment.FIELDS``.
        prefix: goes before the names of the added columns.
        match: the column of each trait (``rpps_sync.matching.description.TRAITS``) that people without a known
            identifier are found by; the column of the identifiers may then be missing.
    """

    source: Path
    target: Path
    id_column: str
    fields: Sequence[str]
    prefix: str = "rpps_"
    match: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Summary:
    """What came of it."""

    order: Order
    rows: int = 0
    by_status: Counter[Status] = field(default_factory=Counter)
    by_match: Counter[Verdict] = field(default_factory=Counter)

    def to_json(self, about: dict[str, Any]) -> dict[str, Any]:
        """The counts, the columns and the publication they come from."""
        return {
            "input": str(self.order.source),
            "output": str(self.order.target),
            "rows": self.rows,
            "by_status": {status.value: self.by_status[status] for status in Status},
            "columns": _added(self.order),
            **({"by_match": {one.value: self.by_match[one] for one in Verdict}} if self.order.match else {}),
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
    known_traits(order)
    about = served(connection).about
    summary = Summary(order)
    with sheets.reading(order.source) as sheet:
        places = _places(sheet.header, order)
        with sheets.writing(order.target, [*sheet.header, *_added(order)], sheet.origin) as write:
            for rows in _batches(sheet.rows):
                answers = _answers(connection, rows, places.get(""), order.fields)
                matches = _matches(connection, rows, places, answers, order)
                for cells, answer, match in zip(rows, *_named(connection, answers, matches, order), strict=True):
                    write([*cells, *_cells(answer, order.fields), *_of_match(match, order)])
                    summary.by_status[answer.status] += 1
                    if match is not None:
                        summary.by_match[match.verdict] += 1
                summary.rows += len(rows)
                progress(len(rows))
    return summary.to_json(about)


def known_traits(order: Order) -> None:
    """Refuse an order that names neither a column of identifiers nor usable ones to match by.

    Raises:
        UsageError: so it is.
    """
    if unknown := sorted(set(order.match) - set(TRAITS)):
        raise UsageError(
            f"people are not matched by '{unknown[0]}'",
            mend=f"write family=COLUMN,given=COLUMN…; choose among {', '.join(TRAITS)}",
            reason="unknown-trait",
        )
    if order.match and "family" not in order.match:
        raise UsageError("people are matched by their family name at least", mend="add family=COLUMN to --match")
    if not order.id_column and not order.match:
        raise UsageError("nothing says who the rows are", mend="give --id-column, --match, or both")


def _places(header: Sequence[str], order: Order) -> dict[str, int]:
    """Where the columns are: that of the identifiers under an empty name, those to match by under their trait."""
    if taken := set(header) & set(_added(order)):
        raise UsageError(
            f"{order.source} has a column '{min(taken)}' already",
            mend="give the added columns another --prefix",
            reason="column-exists",
        )
    wanted = ({"": order.id_column} if order.id_column else {}) | dict(order.match)
    return {trait: _place(header, column, order.source) for trait, column in wanted.items()}


def _place(header: Sequence[str], column: str, source: Path) -> int:
    """Where a column is, case and spaces around apart."""
    wanted = column.strip().casefold()
    found = [number for number, name in enumerate(header) if name.strip().casefold() == wanted]
    if len(found) != 1:
        raise UsageError(
            f"{source}: {'no column is' if not found else 'several columns are'} named '{column}'",
            mend=f"its columns are: {', '.join(header)}",
            reason="id-column",
        )
    return found[0]


def _added(order: Order) -> list[str]:
    matched = OF_MATCH if order.match else ()
    return [f"{order.prefix}{name}" for name in (*ALWAYS, *order.fields, *matched)]


def _batches(rows: Iterable[Cells]) -> Iterator[list[Cells]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, ROWS_AT_A_TIME)):
        yield batch


def _answers(
    connection: Connection, rows: Sequence[Cells], place: int | None, fields: Sequence[str]
) -> list[Enriched]:
    if place is None:
        return [Enriched("", Status.UNKNOWN)] * len(rows)
    return enrich(connection, [_text(row, place) for row in rows], fields)


def _matches(
    connection: Connection,
    rows: Sequence[Cells],
    places: Mapping[str, int],
    answers: Sequence[Enriched],
    order: Order,
) -> list[Decision | None]:
    """Who is meant, for each row whose identifier names nobody of the directory; None for the others."""
    if not order.match:
        return [None] * len(rows)
    lost = [one.status not in (Status.FOUND, Status.DEPARTED) for one in answers]
    told = (
        Described(**{trait: _text(row, place) for trait, place in places.items() if trait})
        for row, is_lost in zip(rows, lost, strict=True)
        if is_lost
    )
    decisions = match(connection, told)
    return [next(decisions) if is_lost else None for is_lost in lost]


def _named(
    connection: Connection, answers: Sequence[Enriched], matches: Sequence[Decision | None], order: Order
) -> tuple[list[Enriched], Sequence[Decision | None]]:
    """The answers, with the fields of those whom a match names; of the others why it names nobody."""
    names = [one.chosen.candidate.national_id if one and one.chosen else "" for one in matches]
    found = {one.national_id: one for one in enrich(connection, [name for name in names if name], order.fields)}
    named = [
        replace(found[name], given=answer.given, reason="matched")
        if name
        else (answer if decision is None else replace(answer, reason=answer.reason or str(decision.verdict)))
        for answer, name, decision in zip(answers, names, matches, strict=True)
    ]
    return named, matches


def _of_match(decision: Decision | None, order: Order) -> list[str]:
    if not order.match:
        return []
    if decision is None:
        return ["", "", ""]
    likely = decision.ranked[:CANDIDATES]
    best = f"{likely[0].probability:.4f}" if likely else ""
    return [decision.verdict, best, BETWEEN_VALUES.join(one.candidate.national_id for one in likely)]


def _text(row: Cells, place: int) -> str:
    return "" if row[place] is None else str(row[place])


def _cells(answer: Enriched, fields: Sequence[str]) -> list[str]:
    values = (BETWEEN_VALUES.join(answer.values.get(name, ())) for name in fields)
    return [answer.status, answer.reason, answer.national_id, *values]
