"""What one application saw of one practitioner: each distinct state of the claims once, and the history it makes.

A *state* says: these claims, first seen on a day, last on another, so many times. The days in between are not
kept (see docs/privacy.md), and the order in which observations arrive leaves no trace: a day that comes late ends
in the same states as one that came in time. ``unfolded`` lays states out as a history.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import reduce

from rpps_sync.observation import Scope, Trust

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sighting:
    """Claims seen from ``first`` to ``last``, maybe with others in between; the text of claims stands for them."""

    claims: str
    first: date
    last: date
    occurrences: int
    trust: Trust
    scope: Scope
    row: int | None = field(default=None, compare=False)  # its row, when it has one already


def add(states: Iterable[Sighting], new: Sighting) -> list[Sighting]:
    """Add an observation to the state it belongs to, or as a new one.

    Returns:
        The states, the one seen last at the end; of two seen last on one day, the one that began later.
    """
    known = list(states)
    others = [state for state in known if state.claims != new.claims]
    same = [state for state in known if state.claims == new.claims]
    return sorted([*others, reduce(_merged, [*same, new])], key=_age)


def unfolded(states: Iterable[Sighting]) -> list[Sighting]:
    """The history that states make: runs that follow each other, oldest first.

    First and last day of each state are certain. Claims that come back are taken to have done so on the day after
    the others were seen, and claims that are left and come back later to have lasted until then; their occurrences
    are told in full in each run.
    """
    known = sorted(states, key=_age)
    if len(known) == 1:
        return known
    certain = [(day, state) for state in known for day in sorted({state.first, state.last})]
    runs: list[Sighting] = []
    seen: set[str] = set()
    for day, state in sorted(certain, key=lambda point: (point[0], point[1].first, point[1].claims)):
        if runs and runs[-1].claims == state.claims:
            runs[-1] = replace(runs[-1], last=day)
        elif state.claims in seen:
            runs.append(replace(state, first=min(day, runs[-1].last + _DAY), last=day))
        else:
            if runs and runs[-1].last < max(one.last for one in known if one.claims == runs[-1].claims):
                runs[-1] = replace(runs[-1], last=max(runs[-1].last, day - _DAY))
            runs.append(replace(state, last=day))
        seen.add(state.claims)
    return runs


def _age(state: Sighting) -> tuple[date, date, str]:
    return state.last, state.first, state.claims


def _merged(old: Sighting, new: Sighting) -> Sighting:
    return replace(
        old,
        first=min(old.first, new.first),
        last=max(old.last, new.last),
        occurrences=old.occurrences + new.occurrences,
        trust=Trust.VERIFIED if Trust.VERIFIED in (old.trust, new.trust) else Trust.ATTESTED,
        scope=new.scope if new.last >= old.last else old.scope,
    )
