"""The history of claims of one practitioner at one application, rebuilt as days come in, in whatever order.

A *sighting* says: these claims, from the first day to the last, so many times. The days in between are not kept
(see docs/privacy.md), so a late observation that contradicts the middle of a sighting splits it, on the
assumption that the others were made every day around it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from rpps_sync.observation import Scope, Trust

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sighting:
    """Claims that stayed the same from ``first`` to ``last``; the text of claims stands for them."""

    claims: str
    first: date
    last: date
    occurrences: int
    trust: Trust
    scope: Scope
    row: int | None = field(default=None, compare=False)  # its row, when it has one already


def add(history: Iterable[Sighting], new: Sighting) -> list[Sighting]:
    """Put one day's observation where it belongs.

    Args:
        history: what was seen before, oldest first.
        new: a single day.

    Returns:
        The history with it, oldest first.
    """
    sightings = list(history)
    for index, old in enumerate(sightings):
        if old.claims == new.claims and old.first <= new.first <= old.last:
            return [*sightings[:index], _merged(old, new), *sightings[index + 1 :]]
    around = [part for old in sightings for part in _split(old, new.first)]
    place = sum(old.last <= new.first for old in around)
    return _joined(around[:place], new, around[place:])


def _joined(before: list[Sighting], new: Sighting, after: list[Sighting]) -> list[Sighting]:
    if before and before[-1].claims == new.claims:
        return [*before[:-1], _merged(before[-1], new), *after]
    if after and after[0].claims == new.claims:
        return [*before, _merged(after[0], new), *after[1:]]
    return [*before, new, *after]


def _merged(old: Sighting, new: Sighting) -> Sighting:
    return replace(
        old,
        first=min(old.first, new.first),
        last=max(old.last, new.last),
        occurrences=old.occurrences + new.occurrences,
        trust=Trust.VERIFIED if Trust.VERIFIED in (old.trust, new.trust) else Trust.ATTESTED,
        scope=new.scope if new.last >= old.last else old.scope,
    )


def _split(old: Sighting, day: date) -> list[Sighting]:
    """Cut a sighting that has the day strictly inside it into what came before and after."""
    if not old.first < day < old.last:
        return [old]
    share = (day - old.first).days / (old.last - old.first).days
    earlier = min(max(1, round(old.occurrences * share)), old.occurrences - 1)
    later = old.occurrences - earlier
    # Seen once means on the one day that is known for certain: the outer end.
    return [
        replace(old, last=day - _DAY if earlier > 1 else old.first, occurrences=earlier),
        replace(old, first=day + _DAY if later > 1 else old.last, occurrences=later, row=None),
    ]
