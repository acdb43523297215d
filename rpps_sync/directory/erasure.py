"""Erasing what tokens told: of one person on request, of everybody once it was not seen for long enough.

The open directory is not touched: it is published by the ANS, and whoever wants to leave it asks the registration
authority. Digests of lines taken in before are kept by :func:`forget`, so that yesterday's file does not bring
the person back; they tell nothing by themselves and go with :func:`purge`. A new login is a new observation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, exists, func, insert, or_, select

from rpps_sync import pseudonyms
from rpps_sync.clock import iso
from rpps_sync.directory import pseudonymity, server
from rpps_sync.directory.engine import told_in_words
from rpps_sync.directory.tables import COMPARISONS, ERASURES, FINDING_EVENTS, FINDINGS, INTAKE, OBSERVATIONS
from rpps_sync.finding import FindingStatus

FORGET, PURGE, PSEUDONYMISE = "forget", "purge", "pseudonymise"
ABOUT_PEOPLE = (OBSERVATIONS, COMPARISONS, FINDING_EVENTS, FINDINGS)
"""Every table that holds what a token told about a person."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """An entry of the ledger: what went, never about whom."""

    action: str
    at: datetime
    removed: Mapping[str, int]  # rows by table, and report files
    by: str = ""
    because: str = ""
    before: date | None = None

    @property
    def nothing(self) -> bool:
        """Whether there was nothing to remove."""
        return not any(self.removed.values())

    def to_json(self) -> dict[str, Any]:
        """The proof, as printed and as kept."""
        return {
            "action": self.action,
            "at": iso(self.at),
            "by": self.by,
            "because": self.because,
            "before": self.before.isoformat() if self.before else None,
            "removed": dict(self.removed),
        }


def held(connection: Connection, national_id: str) -> dict[str, list[dict[str, Any]]]:
    """All that is kept of what tokens told about one person: what :func:`forget` would remove.

    Returns:
        Rows by table, as they stand, the claims of observations decoded.

    Raises:
        UsageError: the database holds pseudonyms, and their key is not there: nobody could be found.
    """
    pseudonymity.check(connection)
    name = pseudonyms.named(national_id)
    found = {table.name: _rows_about(connection, table, name) for table in ABOUT_PEOPLE}
    for row in found[OBSERVATIONS.name]:
        row["claims"] = json.loads(row["claims"])
    return found


def _rows_about(connection: Connection, table: Table, name: str) -> list[dict[str, Any]]:
    rows = connection.execute(select(table).where(table.c.national_id == name).order_by(*table.primary_key))
    return [dict(row) for row in rows.mappings()]


def forget(connection: Connection, national_id: str) -> dict[str, int]:
    """Remove all that tokens told about one person.

    Returns:
        Rows removed, by table.

    Raises:
        UsageError: the database holds pseudonyms, and their key is not there: nobody could be found.
    """
    pseudonymity.check(connection)
    name = pseudonyms.named(national_id)
    return {table.name: _delete(connection, table, table.c.national_id == name) for table in ABOUT_PEOPLE}


def purge(connection: Connection, before: date) -> dict[str, int]:
    """Remove what was last seen before a day.

    An observation goes by its own last day. Comparisons and findings go once no observation of that person at
    that application is left; a resolved finding goes by its own last day too. Events go with their finding.

    Returns:
        Rows removed, by table.
    """
    removed = {
        OBSERVATIONS.name: _delete(connection, OBSERVATIONS, OBSERVATIONS.c.last_seen < before),
        COMPARISONS.name: _delete(connection, COMPARISONS, ~_observed(COMPARISONS)),
    }
    settled = (FINDINGS.c.status == str(FindingStatus.RESOLVED)) & (FINDINGS.c.last_seen < before)
    removed[FINDINGS.name] = _delete(connection, FINDINGS, or_(~_observed(FINDINGS), settled))
    has_finding = exists(select(FINDINGS.c.id).where(FINDINGS.c.id == FINDING_EVENTS.c.finding_id))
    removed[FINDING_EVENTS.name] = _delete(connection, FINDING_EVENTS, ~has_finding)
    removed[INTAKE.name] = _delete(connection, INTAKE, INTAKE.c.day < before)
    return removed


def oldest_left(connection: Connection) -> date | None:
    """The last day of the claims that were not seen for longest: the proof that nothing older is kept."""
    oldest: date | None = connection.execute(select(func.min(OBSERVATIONS.c.last_seen))).scalar()
    return oldest


def enter(connection: Connection, erasure: Erasure) -> None:
    """Enter an erasure in its ledger."""
    values = {name: getattr(erasure, name) for name in ("action", "at", "by", "because", "before")}
    connection.execute(insert(ERASURES).values(**values, removed=dict(erasure.removed)))


def ledger(connection: Connection) -> list[dict[str, Any]]:
    """Every erasure, newest first."""
    rows = connection.execute(select(ERASURES).order_by(ERASURES.c.id.desc()))
    return [Erasure(row.action, row.at, row.removed, row.by, row.because, row.before).to_json() for row in rows]


def scrub(engine: Engine) -> bool:
    """Leave no trace of deleted rows in the database's files; to be called outside any transaction.

    SQLite has overwritten them already (``secure_delete``), but its write-ahead log holds former pages until it
    is emptied. A server forgets them when the tables are vacuumed.

    Returns:
        Whether it could be done now; False while another program reads the embedded database.

    Raises:
        DirectoryError: the database complained.
    """
    with told_in_words(engine), engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        if server.is_server(engine):
            alone.exec_driver_sql(f"VACUUM {', '.join(table.name for table in (*ABOUT_PEOPLE, INTAKE))}")
            return True
        raw = alone.connection.driver_connection
        assert raw is not None
        busy, *_ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy


def _observed(table: Table) -> ColumnElement[bool]:
    """Whether an observation of the same person at the same application is left."""
    same = (OBSERVATIONS.c.national_id == table.c.national_id) & (OBSERVATIONS.c.source == table.c.source)
    return exists(select(OBSERVATIONS.c.id).where(same))


def _delete(connection: Connection, table: Table, condition: ColumnElement[bool]) -> int:
    return connection.execute(delete(table).where(condition)).rowcount
