"""The geometry of a chart: frames, axes with round marks, and the expected range of a series."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

BAND_DEVIATIONS = 3  # median absolute deviations on each side of the median
BAND_FLOOR = 0.0005  # of the last value: a register this size breathes that much on a healthy night
BAND_MINIMUM = 4  # publications before an expected range means anything
MARKS = 3  # intervals between the marks of an axis, about


@dataclass(frozen=True, slots=True)
class Frame:
    """The drawing area, in user units; a chart is drawn once for a wide page and once for a phone."""

    name: str
    width: int
    height: int
    left: int  # room for the words of the vertical axis
    labels: int  # dates written under the horizontal axis, at most
    right: int = 14
    top: int = 14
    bottom: int = 28

    @property
    def floor(self) -> int:
        """Where the horizontal axis stands."""
        return self.height - self.bottom

    def x(self, rank: int, size: int) -> float:
        """The middle of the rank-th of ``size`` equal slots."""
        return round(self.left + (rank + 0.5) * self.slot(size), 1)

    def slot(self, size: int) -> float:
        """The width of one of ``size`` equal slots."""
        return (self.width - self.left - self.right) / size


WIDE = Frame("wide", width=960, height=220, left=84, labels=8)
NARROW = Frame("narrow", width=360, height=210, left=74, labels=3)


@dataclass(frozen=True, slots=True)
class Axis:
    """A vertical axis from ``marks[0]`` to ``marks[-1]``."""

    marks: tuple[float, ...]

    def y(self, value: float, frame: Frame) -> float:
        """Where a value stands, in user units from the top."""
        low, high = self.marks[0], self.marks[-1]
        return round(frame.floor - (value - low) / (high - low) * (frame.floor - frame.top), 1)


def axis(low: float, high: float) -> Axis:
    """An axis with a few round marks around two values; people are counted whole, so a step is at least one."""
    step = _round_step(max(high - low, 1) / MARKS)
    first, last = math.floor(low / step), math.ceil(high / step)
    return Axis(tuple(rank * step for rank in range(first, max(last, first + 1) + 1)))


def expected_ranges(values: Sequence[float]) -> list[tuple[float, float] | None]:
    """For each value, the range that the values before it let expect; None while they are too few.

    The last value plus the median step, within a few median deviations of the steps: a register that grows every
    night is expected to grow. Only the past counts: a value inside its own baseline could never stand out.
    """
    return [_expected_range(values[:rank]) for rank in range(len(values))]


def _expected_range(past: Sequence[float]) -> tuple[float, float] | None:
    if len(past) < BAND_MINIMUM:
        return None
    steps = [later - earlier for earlier, later in pairwise(past)]
    usual = statistics.median(steps)
    deviation = statistics.median(abs(step - usual) for step in steps)
    reach = max(BAND_DEVIATIONS * deviation, BAND_FLOOR * abs(past[-1]))
    return past[-1] + usual - reach, past[-1] + usual + reach


def _round_step(rough: float) -> float:
    magnitude = 10.0 ** math.floor(math.log10(rough))
    return max(1.0, next(factor * magnitude for factor in (1, 2, 5, 10) if factor * magnitude >= rough))
