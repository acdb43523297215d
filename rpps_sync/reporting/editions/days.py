"""What became of the night of each day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from rpps_sync.clock import french_day, parse_instant
from rpps_sync.directory.objective_states import Stay
from rpps_sync.reporting.editions.counting import failing
from rpps_sync.reporting.editions.material import PeriodMaterial
from rpps_sync.reporting.editions.model import Day, DayState
from rpps_sync.run_summary import Outcome

AGE = "publication.age"  # the objective that a late day misses
_BY_OUTCOME = {
    Outcome.REFUSED: DayState.REFUSED,
    Outcome.UNCHANGED: DayState.UNCHANGED,
    Outcome.FAILED: DayState.FAILED,
}


def days_of(material: PeriodMaterial) -> tuple[Day, ...]:
    """Each day of the period that has come, from the first run ever on."""
    runs: defaultdict[date, list[Mapping[str, Any]]] = defaultdict(list)
    for summary in material.runs:
        runs[french_day(parse_instant(summary["started_at"]))].append(summary)
    late = _late_days(material.stays, material.now)
    begins, today = french_day(material.began or material.now), french_day(material.now)
    return tuple(
        _day(day, runs[day], late=day in late)
        for day in material.period.days
        if begins <= day < today or runs[day]  # a day that is not over is told once something happened
    )


def _day(day: date, runs: Sequence[Mapping[str, Any]], *, late: bool) -> Day:
    published = [summary for summary in runs if summary["outcome"] == Outcome.PUBLISHED]
    moved = [summary["delta"]["practitioners"] for summary in published]
    steps = [people for people in moved if people["added"] < people["total"]]  # a first load is no movement
    return Day(
        day=day,
        state=_state(runs, published, late=late),
        practitioners=moved[-1]["total"] if moved else None,
        arrived=sum(people["added"] for people in steps),
        changed=sum(people["changed"] for people in steps),
        departed=sum(people["departed"] for people in steps),
    )


def _state(runs: Sequence[Mapping[str, Any]], published: Sequence[Mapping[str, Any]], *, late: bool) -> DayState:
    if not published:
        seen = {summary["outcome"] for summary in runs}
        worst = next((state for outcome, state in _BY_OUTCOME.items() if outcome in seen), DayState.MISSED)
        return DayState.LATE if late and worst is DayState.UNCHANGED else worst
    if late:
        return DayState.LATE
    reserved = any(next(failing(one), None) or one["quarantine"]["lines"] for one in published)
    return DayState.RESERVED if reserved else DayState.CLEAN


def _late_days(stays: Sequence[Stay], now: datetime) -> set[date]:
    """The days on which what was served was too old at some hour."""
    found: set[date] = set()
    for stay in stays:
        if stay.objective == AGE:
            day, last = french_day(stay.since), french_day(min(stay.until or now, now))
            while day <= last:
                found.add(day)
                day += timedelta(days=1)
    return found
