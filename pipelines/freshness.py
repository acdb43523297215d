"""How fresh everything is, read from the ledgers; recorded with a run when there is one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from rpps_sync.directory.tables import FRESHNESS, OBSERVATIONS, PUBLICATIONS, RUNS
from rpps_sync.freshness.states import Clocks, assess
from rpps_sync.run_summary import FreshnessState, Outcome

SUCCESSES = (Outcome.PUBLISHED.value, Outcome.UNCHANGED.value)


def states(
    connection: Connection,
    now: datetime,
    language: str,
    *,
    run_id: str = "",
    succeeded_at: datetime | None = None,
) -> tuple[FreshnessState, ...]:
    """The state of every objective at ``now``.

    Args:
        connection: the directory's database; written to only when ``run_id`` is given, within the caller's
            transaction.
        now: the instant of the assessment.
        language: ``fr`` or ``en``.
        run_id: the run to record the states with; nothing is recorded when it is empty.
        succeeded_at: when the run at work succeeded; it is not in the ledger yet, and counts all the same.
    """
    assessed = assess(clocks(connection, succeeded_at), now=now, language=language)
    if run_id:
        _record(connection, run_id, now, assessed)
    return assessed


def clocks(connection: Connection, succeeded_at: datetime | None = None) -> Clocks:
    """What the ages are counted from, as the ledgers know it."""
    served = select(PUBLICATIONS.c.published_at).where(PUBLICATIONS.c.seq.is_not(None))
    succeeded = select(func.max(RUNS.c.finished_at)).where(RUNS.c.outcome.in_(SUCCESSES))
    successes = [connection.scalar(succeeded), succeeded_at]
    return Clocks(
        published_at=connection.scalar(served.order_by(PUBLICATIONS.c.seq.desc()).limit(1)),
        last_success=max((instant for instant in successes if instant), default=None),
        last_observation=connection.scalar(select(func.max(OBSERVATIONS.c.last_seen))),
    )


def _record(connection: Connection, run_id: str, now: datetime, assessed: tuple[FreshnessState, ...]) -> None:
    """Replace what was recorded for the run: the same assessment twice leaves one state."""
    connection.execute(delete(FRESHNESS).where(FRESHNESS.c.run_id == run_id))
    columns = ("objective", "state", "observed", "limit")
    rows = [{name: getattr(state, name) for name in columns} | {"run_id": run_id, "at": now} for state in assessed]
    connection.execute(insert(FRESHNESS), rows)
