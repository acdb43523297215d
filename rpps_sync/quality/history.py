"""What is usual: a reference and a spread taken from past accepted publications only.

Tonight never takes part. A point that judges itself cannot look abnormal: among eight values, a total collapse is
at most 2.5 standard deviations away. Medians are used because one odd night must not become the rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

NIGHTS = 8  # past values without which a spread says nothing: until then only the hard bounds judge
WEEKS = 8  # of the same day of the week, before days of the week are told apart
_SIGMA = 1.4826  # times the median absolute deviation: the standard deviation of what is normally distributed


@dataclass(frozen=True, slots=True)
class Usual:
    """What a figure is compared with."""

    reference: float
    spread: float | None  # comparable with a standard deviation; None during the cold start


def usual(past: Sequence[float], value: float) -> Usual:
    """The reference of a figure, and how much it usually moves.

    The reference is the past median or the last value, whichever is nearer. The median alone would refuse night
    after night once an operator accepted a new level; the last value alone would take a single odd night for the
    rule. A figure far from both is far from anything that was accepted.

    Args:
        past: the figure in accepted publications, oldest first, never empty.
        value: the figure tonight.
    """
    middle = median(past)
    reference = min((past[-1], middle), key=lambda candidate: abs(candidate - value))
    if len(past) < NIGHTS:
        return Usual(reference, None)
    return Usual(reference, _SIGMA * median(abs(one - middle) for one in past))


def of_the_day(past: Sequence[Mapping[str, Any]], day: date | None) -> Sequence[Mapping[str, Any]]:
    """The past publications of the same day of the week, once there are eight weeks of them; else all of them."""
    if day is None:
        return past
    same = [one for one in past if _weekday(one) == day.weekday()]
    return same if len(same) >= WEEKS else past


def _weekday(metrics: Mapping[str, Any]) -> int | None:
    published = metrics.get("published_on")
    return date.fromisoformat(published).weekday() if published else None
