"""How fresh everything is, read from the ledgers; written down when a run asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from rpps_sync.directory.objective_states import Stay, record, stays
from rpps_sync.freshness.budget import WINDOWS, Budget, budgets
from rpps_sync.freshness.gathering import AtWork, gather
from rpps_sync.freshness.objectives import title_of
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


def documents(connection: Connection, now: datetime, language: str) -> list[dict[str, Any]]:
    """Every state at ``now`` with its title, since when it has been so and its budgets: ``freshness --json``."""
    lasted = stays(connection, now - timedelta(days=max(WINDOWS)), now)
    standing = {stay.objective: stay for stay in lasted if stay.until is None}
    spent = budgets(lasted, now)
    return [
        _document(state, standing.get(state.objective), spent.get(state.objective, ()), language)
        for state in states(connection, now, language)
    ]


def _document(state: FreshnessState, stay: Stay | None, spent: Sequence[Budget], language: str) -> dict[str, Any]:
    known = stay is not None and stay.state == state.state
    return {
        "objective": state.objective,
        "title": title_of(state.objective, language),
        "state": state.state,
        "observed": state.observed,
        "limit": state.limit,
        "since": state.since,
        "state_since": stay.since if known and stay else None,
        "link": state.link,
        "mend": state.mend,
        "budgets": [budget.to_json() for budget in spent],
    }
