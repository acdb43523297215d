"""The quarantine: every line that could not be read, publication after publication, with its bytes.

Each publication has its own: a line that a later publication or a later version can read is simply not in the
later one. What a past publication had set aside stays on record.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, insert, select

from rpps_sync.clock import iso
from rpps_sync.directory.ledger import status_of
from rpps_sync.directory.tables import PUBLICATIONS, QUARANTINE, RUNS
from rpps_sync.errors import NotFound
from rpps_sync.run_summary import QuarantinedLine

_LINE = ("kind", "line_number", "reason", "detail", "national_id", "raw", "cut", "publication_id", "run_id")


def record(connection: Connection, run_id: str, publication_id: str, lines: Sequence[QuarantinedLine]) -> None:
    """Enter the lines that a run could not read in a publication."""
    rows = [
        {
            "run_id": run_id,
            "publication_id": publication_id,
            "kind": line.kind.value,
            "line_number": line.line_number,
            "reason": line.reason,
            "detail": line.detail,
            "national_id": line.national_id,
            "raw": line.raw,
            "cut": line.cut,
        }
        for line in lines
    ]
    if rows:
        connection.execute(insert(QUARANTINE), rows)


def last_looked_at(connection: Connection) -> str | None:
    """The publication that was looked at last, published or refused; None before the first."""
    last = select(PUBLICATIONS.c.id).order_by(
        PUBLICATIONS.c.recorded_at.desc(), PUBLICATIONS.c.published_at.desc()
    )
    return connection.execute(last.limit(1)).scalar()


def of_publication(connection: Connection, publication_id: str) -> list[dict[str, Any]]:
    """The lines set aside in a publication by the run that looked at it last, in file order.

    Returns:
        For each line: ``kind``, ``line_number``, ``reason``, ``detail``, ``national_id`` (empty when unknown),
        ``raw`` (bytes), ``cut``, ``publication_id``, ``published_at``, ``run_id`` and ``set_aside_at``, the start
        of that run (None when the run is no longer in the ledger).

    Raises:
        NotFound: no publication bears that name.
    """
    row = status_of(connection, publication_id)
    if row is None:
        raise NotFound(f"no publication is called {publication_id}", mend="see 'rpps-sync publications'")
    these = and_(QUARANTINE.c.publication_id == publication_id, QUARANTINE.c.run_id == row.run_id)
    return _lines(connection, _with_dates().where(these))


def ever(connection: Connection) -> list[dict[str, Any]]:
    """Every line ever set aside, run after run, oldest first; the same form as :func:`of_publication`."""
    return _lines(connection, _with_dates())


def _with_dates() -> Select[Any]:
    return (
        select(QUARANTINE, PUBLICATIONS.c.published_at, RUNS.c.started_at)
        .outerjoin(RUNS, RUNS.c.run_id == QUARANTINE.c.run_id)
        .join(PUBLICATIONS, PUBLICATIONS.c.id == QUARANTINE.c.publication_id)
        .order_by(RUNS.c.started_at, QUARANTINE.c.kind, QUARANTINE.c.line_number)
    )


def _lines(connection: Connection, statement: Select[Any]) -> list[dict[str, Any]]:
    return [
        {name: getattr(row, name) for name in _LINE}
        | {"published_at": iso(row.published_at), "set_aside_at": iso(row.started_at) if row.started_at else None}
        for row in connection.execute(statement)
    ]
