"""How fresh everything is, read from the ledgers; written down when a run asks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from rpps_sync.directory.objective_states import record
from rpps_sync.freshness.gathering import AtWork, gather
from rpps_sync.freshness.states import assess
from rpps_sync.run_summary import FreshnessState


def states(
    connection: Connection, now: datetime, language: str, *, run_id: str = "", at_work: AtWork | None = None
) -> tuple[FreshnessState, ...]:
    """The state of every objective at ``now``.

    Args:
        connection: the directory's database; written to only when ``run_id`` is given, within the caller's
            transaction.
        now: the instant of the assessment.
        language: ``fr`` or ``en``.
        run_id: the run to write the states down with; nothing is written when it is empty.
        at_work: the run that asks; it is not in the ledger yet, and counts all the same.
    """
    assessed = assess(gather(connection, now, at_work), now=now, language=language)
    if run_id:
        record(connection, assessed, run_id=run_id, now=now)
    return assessed
