"""How long something lasts when not everything has ended yet: the Kaplan-Meier product-limit estimate.

A delay that still runs is *censored*: it says "at least so long". Leaving such delays out would make every late
feed look quick; here each counts in the number at risk for as long as it was watched.
Source: Kaplan and Meier, J. Am. Stat. Assoc. 53 (1958); a delay that ends on the day another is censored counts
first, as is usual.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Duration:
    """A delay in days; ``ended`` is False while it still runs, or when its end will never be known."""

    days: int
    ended: bool


def survival(durations: Iterable[Duration]) -> list[tuple[int, float]]:
    """The share of delays longer than so many days, at each length that one ended with, shortest first."""
    ended, leaving = Counter[int](), Counter[int]()
    for duration in durations:
        leaving[duration.days] += 1
        ended[duration.days] += duration.ended
    at_risk, share = leaving.total(), 1.0
    curve: list[tuple[int, float]] = []
    for days in sorted(leaving):
        if ended[days]:
            share *= 1 - ended[days] / at_risk
            curve.append((days, share))
        at_risk -= leaving[days]
    return curve


def quantile(curve: Sequence[tuple[int, float]], part: float) -> int | None:
    """The first length by which a part of the delays has ended; None when fewer have, as far as was watched."""
    return next((days for days, share in curve if share <= 1 - part + 1e-9), None)
