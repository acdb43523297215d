"""The ledgers made light: what nobody reads of the nights of long ago goes, and the nights stay.

A run's summary is 160 kB, nearly all of it results of checks that had nothing to say. Unread lines are entered
again with each publication that still holds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from rpps_sync.directory import ledger
from rpps_sync.directory.quarantine import last_looked_at
from rpps_sync.directory.tables import PUBLICATIONS, QUARANTINE, RUNS
from rpps_sync.run_summary import CheckStatus

WHOLE_RUNS = 60  # the newest stay whole whatever their age; pages and reports look back at thirty
QUIET = "quiet_checks"  # member of a thin summary: how many results went, by status
_SILENT = (CheckStatus.PASSED, CheckStatus.SKIPPED)


def thin_summaries(connection: Connection, before: datetime) -> int:
    """Leave out of the runs begun before an instant the results of checks that passed or were skipped.

    Warnings and failures, figures, timings and freshness stay for ever; trends and budgets read nothing else.

    Returns:
        How many runs were made light; those made so earlier are not read again.
    """
    newest_first = select(RUNS.c.run_id, RUNS.c.started_at).order_by(RUNS.c.started_at.desc())
    old = [row.run_id for row in connection.execute(newest_first.offset(WHOLE_RUNS)) if row.started_at < before]
    for done, run_id in enumerate(old):
        own = RUNS.c.run_id == run_id
        summary = connection.scalars(select(RUNS.c.summary).where(own)).one()
        if QUIET in summary:
            return done
        connection.execute(update(RUNS).where(own).values(summary=_thin(summary)))
    return len(old)


def forget_unread_lines(connection: Connection, before: datetime) -> int:
    """Remove the lines set aside in publications deposited before an instant.

    Those of the publication being served stay, and of the one looked at last: the next night reads them.

    Returns:
        How many lines went.
    """
    being_served = ledger.served(connection)
    read = {last_looked_at(connection), being_served.id if being_served else None} - {None}
    old = select(PUBLICATIONS.c.id).where(PUBLICATIONS.c.published_at < before)
    gone = QUARANTINE.c.publication_id.in_(old) & QUARANTINE.c.publication_id.not_in(read)
    return connection.execute(delete(QUARANTINE).where(gone)).rowcount


def _thin(summary: Mapping[str, Any]) -> dict[str, Any]:
    checks = summary.get("checks", ())
    counts = {str(status): sum(check["status"] == status for check in checks) for status in _SILENT}
    return {**summary, "checks": [check for check in checks if check["status"] not in _SILENT], QUIET: counts}
