"""The state of each objective at one instant: a pure function of the evidence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from rpps_sync.freshness.evidence import Evidence
from rpps_sync.freshness.objectives import Objective, objectives
from rpps_sync.freshness.verdict import Asked, State, Verdict
from rpps_sync.freshness.watching import WATCHES
from rpps_sync.run_summary import FreshnessState

__all__ = ["State", "assess", "in_error"]


def assess(evidence: Evidence, *, now: datetime, language: str) -> tuple[FreshnessState, ...]:
    """The state of every subject of every declared objective, in the order people read them.

    Args:
        evidence: what the ledgers know.
        now: the instant of the assessment, with its zone.
        language: ``fr`` or ``en``, for what is observed, the limit and what to do.
    """
    return tuple(
        _state(objective, verdict, language)
        for objective in objectives()
        for verdict in WATCHES[objective.watches](Asked(objective, evidence, now, language))
    )


def in_error(states: Iterable[FreshnessState]) -> bool:
    """Whether at least one objective is in error, which the exit code tells."""
    return any(state.state == State.ERROR for state in states)


def _state(objective: Objective, verdict: Verdict, language: str) -> FreshnessState:
    asks = verdict.state in (State.WARN, State.ERROR)
    return FreshnessState(
        objective=objective.named(verdict.subject),
        state=verdict.state.value,
        observed=verdict.observed,
        limit=verdict.limit,
        since=verdict.since,
        link=verdict.link.value,
        mend=objective.mend.spoken(language) if asks else "",
        warn_at=verdict.warn_at,
        error_at=verdict.error_at,
    )
