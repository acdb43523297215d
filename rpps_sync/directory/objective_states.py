"""The states of objectives through time: one row a change of state, however often they are assessed.

A state that worsens by the mere passing of time says when it will (``warn_at``, ``error_at``). What nobody
assessed, because the machine was off, is thus known all the same: the next assessment writes down the change at
its own hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from rpps_sync.directory.tables import FRESHNESS, OBJECTIVE_STATES
from rpps_sync.run_summary import FreshnessState

_OK, _WARN, _ERROR = "ok", "warn", "error"
_table = OBJECTIVE_STATES.c


@dataclass(frozen=True, slots=True)
class Stay:
    """A state for as long as it lasted; ``until`` is None for the one that stands."""

    objective: str
    state: str
    since: datetime
    until: datetime | None
    observed: str  # when it began
    link: str
    counted_from: datetime | None = None  # the instant its age is counted from: since when a feed is silent


def record(connection: Connection, states: Sequence[FreshnessState], *, run_id: str, now: datetime) -> None:
    """Write down what was assessed: what stands, and the changes of state.

    Args:
        connection: inside a transaction.
        states: of every subject of every objective; one that is no longer among them is over.
        run_id: the run that assessed them.
        now: when.
    """
    connection.execute(delete(FRESHNESS))
    named = {state.objective: state for state in states}
    rows = [
        {"run_id": run_id, "objective": state.objective, "at": now, "state": state.state}
        | {"observed": state.observed, "limit": state.limit}
        for state in named.values()
    ]
    if rows:
        connection.execute(insert(FRESHNESS), rows)
    standing = {row.objective: row for row in connection.execute(select(OBJECTIVE_STATES).where(_open()))}
    for name, row in standing.items():
        if name not in named:
            _close(connection, row, now)
    for name, state in named.items():
        _settle(connection, standing.get(name), state, now)


def stays(connection: Connection, since: datetime, now: datetime, objective: str = "") -> list[Stay]:
    """Every state that lasted into the time since an instant, oldest first; what stands goes on by its own clock.

    Args:
        connection: reading.
        since: states over before that are left out.
        now: the present, until which what stands is told.
        objective: one name, or all of them.
    """
    lasted = select(OBJECTIVE_STATES).where(or_(_table.until.is_(None), _table.until > since))
    if objective:
        lasted = lasted.where(_table.objective == objective)
    rows = connection.execute(lasted.order_by(_table.objective, _table.since))
    return [stay for row in rows for stay in _told(row, now)]


def _told(row: Row[Any], now: datetime) -> Iterator[Stay]:
    """What a row says, and what it has become by itself since it was last looked at."""
    state, since, observed = row.state, row.since, row.observed
    for worse, at in _worsens(row, now) if row.until is None else ():
        if at > since:
            yield Stay(row.objective, state, since, at, observed, row.link, row.counted_from)
        state, since, observed = worse, max(at, since), ""
    yield Stay(row.objective, state, since, row.until, observed, row.link, row.counted_from)


def _worsens(row: Row[Any], now: datetime) -> list[tuple[str, datetime]]:
    """The graver states that were reached by an instant, in their order."""
    ranks = {_OK: 0, _WARN: 1, _ERROR: 2}
    steps = [(_WARN, row.warn_at), (_ERROR, row.error_at)]
    return [
        (state, at)
        for state, at in steps
        if at is not None and at < now and ranks[state] > ranks.get(row.state, 2)
    ]


def _settle(connection: Connection, row: Row[Any] | None, state: FreshnessState, now: datetime) -> None:
    """Go from what stood to what stands now."""
    last, since = (row.state, row.since) if row else ("", None)
    for worse, at in _worsens(row, now) if row else []:
        assert row is not None
        began = max(at, since or at)
        _begin(connection, replace(state, observed="", since=row.counted_from), worse, since=began, ended=since)
        last, since = worse, began
    if last != state.state:
        _begin(connection, state, state.state, since=_began(state, since, now), ended=since)
    else:
        stands = (_table.objective == state.objective) & _open()
        connection.execute(update(OBJECTIVE_STATES).where(stands).values(_changing(state)))


def _began(state: FreshnessState, former: datetime | None, now: datetime) -> datetime:
    """A limit passed since the last assessment was passed at its own hour."""
    passed = {_WARN: state.warn_at, _ERROR: state.error_at}.get(state.state)
    if passed is None or former is None or not former <= passed <= now:
        return now
    return passed


def _begin(
    connection: Connection, state: FreshnessState, name: str, *, since: datetime, ended: datetime | None
) -> None:
    own = _table.objective == state.objective
    if ended is not None and ended >= since:  # two assessments at one instant: the last one is right
        connection.execute(delete(OBJECTIVE_STATES).where(own, _open()))
    else:
        connection.execute(update(OBJECTIVE_STATES).where(own, _open()).values(until=since))
    connection.execute(delete(OBJECTIVE_STATES).where(own, _table.since == since))
    row = {"objective": state.objective, "since": since, "state": name}
    connection.execute(insert(OBJECTIVE_STATES), [row | _changing(state) | {"observed": state.observed}])


def _changing(state: FreshnessState) -> dict[str, Any]:
    """What each assessment says anew of a state that stands."""
    clocks = {"counted_from": state.since, "warn_at": state.warn_at, "error_at": state.error_at}
    return clocks | {"link": state.link}


def _close(connection: Connection, row: Row[Any], now: datetime) -> None:
    same = (_table.objective == row.objective) & (_table.since == row.since)
    connection.execute(update(OBJECTIVE_STATES).where(same).values(until=max(now, row.since)))


def _open() -> Any:
    return _table.until.is_(None)
