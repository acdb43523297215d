"""What the directory and the tokens say now, as columns: many practitioners at once, no object for each.

Rows cross from the database as one text and are parsed by polars, which is several times faster than fetching them
one by one; a value that holds a separator of that text sends its query the ordinary way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import polars as pl
from polars.exceptions import ComputeError
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    LargeBinary,
    Table,
    Text,
    bindparam,
    cast,
    func,
    literal,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from rpps_sync import pseudonyms
from rpps_sync.directory import pseudonymity, server
from rpps_sync.directory.tables import COMPARISONS, OBSERVATIONS, PRACTITIONERS, STRUCTURES

_CELL, _ROW = "\x1f", "\x1e"
_DENSE = 2  # a range is read whole when it holds at most that many times the practitioners wanted

Condition = Callable[[ColumnElement[Any]], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Among:
    """The condition that a column holds one of some identifiers."""

    observed: Condition  # on tables of observations
    published: Condition  # on tables of the directory
    people: pl.DataFrame | None = None  # national_id, pseudonym; None in clear

    def __call__(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """On a column of a table of observations."""
        return self.observed(column)


def wanted(connection: Connection, national_ids: Sequence[str]) -> Among:
    """The condition that a column holds one of those identifiers, in the cheapest way for so many of them.

    Where pseudonyms stand for them, tables of the directory are asked for the identifiers behind.
    """
    if not pseudonyms.in_use():
        condition = _cheapest(connection, national_ids)
        return Among(condition, condition)
    people = pseudonymity.pseudonyms_among(connection, national_ids)
    published = _cheapest(connection, people["national_id"].to_list())
    return Among(_listed(connection, list(national_ids)), published, people)


def _cheapest(connection: Connection, national_ids: Sequence[str]) -> Condition:
    """A condition for tables ordered by identifier.

    Where most of the directory between the first and the last is wanted, that range is: what is read in vain costs
    less than looking each one up. Whoever uses the answer joins it with what was wanted.
    """
    first, last = min(national_ids, default=""), max(national_ids, default="")
    inside = PRACTITIONERS.c.national_id.between(first, last)
    if connection.execute(select(func.count()).where(inside)).scalar_one() <= _DENSE * len(national_ids):
        return lambda column: column.between(first, last)
    return _listed(connection, list(national_ids))


def newest_claims(connection: Connection, among: Among) -> pl.DataFrame:
    """The newest claims of each practitioner at each application: ``national_id, source, claims, scope``."""
    table = OBSERVATIONS.c
    columns = (table.national_id, table.source, table.claims, table.first_seen, table.last_seen, table.scope)
    states = _frame(connection, columns, among(table.national_id))
    who = ["national_id", "source"]
    if states.select(who).is_duplicated().any():  # texts of claims are dear to sort
        states = states.sort("last_seen", "first_seen", "claims").unique(who, keep="last", maintain_order=True)
    return states.select(*who, "claims", "scope")


def current(connection: Connection, table: Table, names: Sequence[str], among: Among) -> pl.DataFrame:
    """Some columns of a table of the current directory, for some practitioners; ``national_id`` among them."""
    found = _frame(connection, tuple(table.c[name] for name in names), among.published(table.c.national_id))
    if among.people is None:
        return found
    named = found.join(among.people, on="national_id").drop("national_id")
    return named.rename({"pseudonym": "national_id"}).select(found.columns)


def structures(
    connection: Connection, names: Sequence[str], structure_ids: pl.Series | None = None
) -> pl.DataFrame:
    """Some columns of some structures, or of all, and ``structure_id``; names after people hidden if asked."""
    column = STRUCTURES.c.structure_id
    among = true() if structure_ids is None else _listed(connection, structure_ids.unique().to_list())(column)
    found = _frame(connection, (column, *(STRUCTURES.c[name] for name in names)), among)
    if not pseudonyms.in_use():
        return found
    hidden = (name for name in ("technical_id", "former_id") if name in names)
    return found.with_columns(
        pl.col(name).map_elements(pseudonyms.of_place, return_dtype=pl.String) for name in hidden
    )


def comparisons(connection: Connection, among: Among) -> pl.DataFrame:
    """How some practitioners were judged last time: ``national_id, source, by_verdict`` (JSON)."""
    table = COMPARISONS.c
    return _frame(connection, (table.national_id, table.source, table.by_verdict), among(table.national_id))


def _listed(connection: Connection, values: list[Any]) -> Condition:
    """The values as one bound parameter, however many."""
    if server.is_server(connection):
        return lambda column: column == func.any(literal(values, _array_of(values)))
    listed = text("SELECT value FROM json_each(:listed)").bindparams(bindparam("listed", json.dumps(values)))
    return lambda column: column.in_(listed)


def _frame(
    connection: Connection, columns: Sequence[ColumnElement[Any]], condition: ColumnElement[bool]
) -> pl.DataFrame:
    """The rows that meet a condition, every column as text but ``structure_id``."""
    names = [column.key or "" for column in columns]
    cells = [cast(column, Text) for column in columns]
    rows, whole = connection.execute(select(func.count(), _whole(connection, columns)).where(condition)).one()
    frame = _parsed(whole.encode() if isinstance(whole, str) else whole or b"", names, rows)
    if frame is None:
        found = connection.execute(select(*cells).where(condition)).all()
        frame = pl.DataFrame(found, schema=dict.fromkeys(names, pl.String), orient="row")
    return frame.with_columns(pl.col(name).cast(pl.Int64) for name in names if name == "structure_id")


def _whole(connection: Connection, columns: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    """All rows as one text, which the embedded database gives as bytes.

    There, a row made in one call costs half of joining its cells one by one.
    """
    if server.is_server(connection):
        cells = [cast(column, Text) for column in columns]
        return func.string_agg(func.concat_ws(_CELL, *cells), _ROW)
    row = func.printf(_CELL.join(["%s"] * len(columns)), *columns)
    return cast(func.group_concat(row, _ROW), LargeBinary)


def _parsed(whole: bytes, names: Sequence[str], rows: int) -> pl.DataFrame | None:
    """The text as a frame; None when a value holds a separator, so that cells or rows do not add up."""
    if not rows:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    try:
        frame = pl.read_csv(
            BytesIO(whole),
            has_header=False,
            new_columns=list(names),
            schema=dict.fromkeys(names, pl.String),
            separator=_CELL,
            eol_char=_ROW,
            quote_char=None,
            empty_string_is_null=False,
        )
    except ComputeError:
        return None
    return frame if frame.height == rows else None


def _array_of(values: list[Any]) -> Any:
    return ARRAY(BigInteger if values and isinstance(values[0], int) else Text)
