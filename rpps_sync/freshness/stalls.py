"""Is a registration authority's feed silent, or is it only Sunday? Its own past answers.

The changes of one publication are modelled as a negative binomial count. Its mean is what the feed usually
brings on the days that the publication covers: one mean a weekday, drawn to that of all working days where few
are known; days off live like Sundays, the summer at half pace; never more than the feed brought lately. Its
dispersion is that of the past. All of it is estimated before the silence begins, without former silences.

A publication is *silent* when it brings a small part of what was expected. Its probability is what the model
says, but never less than how often this feed was silent for one publication and then went on, with half an
event added for what has not happened yet. The probabilities of silent publications in a row are multiplied;
those that carry days off alone prove nothing. So no single silent publication is an alarm, and a feed of so few
changes that one cannot tell within a fortnight that it stopped is said to have no data rather than to be well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from statistics import fmean, quantiles

from rpps_sync.freshness.calendar import pace, rhythm_day

PAST = 182  # publications that a rhythm is learned from: half a year
LEARNED = 28  # publications of one day each that a rhythm needs
ALARM = 2e-3  # a silence less likely than that is reported
_REACH = 14  # days within which a silence must be tellable
_SILENT = 0.07  # share of what was expected
_STRAY = 0.5  # the same of a publication that carries days off alone
_INFORMATIVE = 5.0  # changes expected, for a silence of one publication to mean something
_LATELY, _PRIOR = 20, 10  # publications that tell the present level, and the weight of the past beside them
_SHRUNK = 4.0  # days of the common mean that each weekday's mean starts with
_FEWEST, _MOST = 0.2, 3.0  # of the usual: below it a slump is no rhythm, above it a batch is a correction
_DISPERSION = (0.02, 3.0)  # bounds of 1/r; a Poisson count has 0, and no office works like that
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Brought:
    """What one publication brought of a feed."""

    day: date  # of the publication
    follows: date  # day of the publication before it
    changes: int

    @property
    def covers(self) -> tuple[tuple[int, float], ...]:
        """The days whose work it carries, from the former publication to the eve of this one.

        Each by the day of the week whose rhythm it has, and by the pace of the season.
        """
        return _days(self.follows, self.day)

    @property
    def works(self) -> bool:
        """Whether it carries the work of a working day: silence on a day off proves nothing."""
        return any(day < _SATURDAY for day, _ in self.covers)


@lru_cache(maxsize=4096)
def _days(since: date, until: date) -> tuple[tuple[int, float], ...]:
    days = [since + timedelta(days=number) for number in range((until - since).days)]
    return tuple((rhythm_day(day), pace(day)) for day in days)


@dataclass(frozen=True, slots=True)
class Silence:
    """A feed that stopped."""

    since: date  # the first day whose work never came
    publications: int  # silent in a row
    expected: float  # changes, of them all
    seen: int
    odds: float  # probability of a silence like that, 1 being certain


@dataclass(frozen=True, slots=True)
class Judged:
    """What can be said of one feed after its last publication."""

    silence: Silence | None  # None: it goes on, or nobody can tell
    tellable: bool  # whether a silence would be noticed within a fortnight
    daily: float  # changes usual on a working day; 0 when not known
    odds: float = 1.0  # of what is silent now, alarm or not


def judge(brought: Sequence[Brought]) -> Judged:
    """Judge a feed by its past, oldest publication first."""
    total = sum(one.changes for one in brought)
    if total < LEARNED:  # no need for a model
        return Judged(None, tellable=False, daily=total / len(brought) if len(brought) > LEARNED else 0.0)
    rhythm = _learned(brought)
    for _ in range(2):  # the silence under way must not teach what is usual
        if rhythm is not None and (run := rhythm.silent_at_end(brought)):
            rhythm = _learned(brought[: len(brought) - run])
    if rhythm is None:
        return Judged(None, tellable=False, daily=0.0)
    silent = brought[len(brought) - rhythm.silent_at_end(brought) :]
    odds = rhythm.odds(silent)
    tellable = rhythm.reach() <= _REACH
    silence = _silence(rhythm, silent, odds) if odds < ALARM and tellable else None
    return Judged(silence, tellable=tellable, daily=rhythm.daily, odds=odds)


def _silence(rhythm: _Rhythm, silent: Sequence[Brought], odds: float) -> Silence:
    expected = sum(rhythm.expected(one) for one in silent)
    first = next((one for one in silent if one.works), silent[0])  # not the Sunday before
    return Silence(first.follows, len(silent), expected, sum(one.changes for one in silent), odds)


def _learned(past: Sequence[Brought]) -> _Rhythm | None:
    """The rhythm of the past without its silences; None when too little is known."""
    rhythm = _fitted(past)
    if rhythm is None:
        return None
    spoken = _without_silences(past, rhythm)
    return (_fitted(spoken) if len(spoken) < len(past) else None) or rhythm


def _without_silences(past: Sequence[Brought], rhythm: _Rhythm) -> list[Brought]:
    kept: list[Brought] = []
    run: list[Brought] = []
    for one in past:
        if rhythm.is_silent(one):
            run.append(one)
            continue
        kept += [] if rhythm.odds(run) < ALARM else run
        kept.append(one)
        run = []
    return kept + ([] if rhythm.odds(run) < ALARM else run)


def _fitted(past: Sequence[Brought]) -> _Rhythm | None:
    past = past[-PAST:]
    alone = [one for one in past if len(one.covers) == 1]
    if len(alone) < LEARNED:
        return None
    means = _means(alone)
    if sum(means) <= 0:
        return None
    usual = _Rhythm(tuple(means), 1.0, 1.0, 1.0, 1.0)
    lately = _level(past[-_LATELY:], usual)
    level, growth = min(1.0, lately), max(1.0, lately)
    dispersion = _dispersion(alone, usual)
    draft = _Rhythm(tuple(means), level, growth, 1 / dispersion, 0.0)
    telling = [one for one in past if one.works and usual.expected(one) >= _INFORMATIVE]
    skipped = (sum(draft.is_silent(one) for one in telling) + 0.5) / (len(telling) + 1)
    return _Rhythm(tuple(means), level, growth, 1 / dispersion, skipped)


def _means(alone: Sequence[Brought]) -> list[float]:
    """The usual count of each weekday; mass corrections count for what the fullest ordinary days bring."""
    counts: list[list[int]] = [[] for _ in range(7)]
    for one in alone:
        counts[one.covers[0][0]].append(one.changes)
    means = [0.0] * 7
    for days in (range(_SATURDAY), range(_SATURDAY, 7)):
        pool = [count for day in days for count in counts[day]]
        if not pool:
            continue
        most = max(1.0, quantiles(pool, n=20)[-1] if len(pool) > 1 else pool[0])
        common = fmean(min(count, most) for count in pool)
        for day in days:
            total = sum(min(count, most) for count in counts[day])
            means[day] = (total + _SHRUNK * common) / (len(counts[day]) + _SHRUNK)
    return means


def _level(lately: Sequence[Brought], usual: _Rhythm) -> float:
    """How much of the usual it brought lately."""
    expected = [usual.expected(one) for one in lately]
    brought = sum(min(one.changes, _MOST * mean) for one, mean in zip(lately, expected, strict=True))
    prior = _PRIOR * fmean(expected)
    return max(_FEWEST, (brought + prior) / (sum(expected) + prior or 1.0))


def _dispersion(alone: Sequence[Brought], usual: _Rhythm) -> float:
    """1/r by the method of moments, of the counts as :func:`_means` takes them."""
    spread = square = 0.0
    for one in alone:
        mean = usual.expected(one)
        if mean >= 1:
            spread += (min(one.changes, _MOST * mean) - mean) ** 2 - mean
            square += mean**2
    lowest, highest = _DISPERSION
    return min(highest, max(lowest, spread / square)) if square else highest


@dataclass(frozen=True, slots=True)
class _Rhythm:
    """A fitted model: what each publication should bring, and how likely a silence is."""

    means: tuple[float, ...]  # by day of the week
    level: float  # of the present, against them, when it is lower
    growth: float  # and when it is higher, which makes no silence less likely but more changes a silence
    size: float  # r of the negative binomial
    skipped: float  # the least probability of one silent publication

    @property
    def daily(self) -> float:
        return fmean(self.means[:_SATURDAY]) * self.level

    def expected(self, one: Brought) -> float:
        return self.level * sum([self.means[day] * pace for day, pace in one.covers])

    def is_silent(self, one: Brought) -> bool:
        """A small part of the expected, or less; of what days off bring, half: a stray change is no life."""
        expected = self.expected(one)
        return one.changes <= (self._still(expected) if one.works else _STRAY * expected)

    def silent_at_end(self, brought: Sequence[Brought]) -> int:
        run = 0
        while run < len(brought) and self.is_silent(brought[-1 - run]):
            run += 1
        return run

    def odds(self, silent: Sequence[Brought]) -> float:
        """The probability that publications in a row are silent."""
        return math.exp(sum(math.log(self._chance(self.expected(one))) for one in silent if one.works))

    def reach(self) -> float:
        """Days until a silence that begins now is told from an ordinary week."""
        week = -sum(math.log(self._chance(self.level * mean)) for mean in self.means[:_SATURDAY])
        return 7 * -math.log(ALARM) / week if week else math.inf

    def _still(self, expected: float) -> float:
        return _SILENT * self.growth * expected

    def _chance(self, expected: float) -> float:
        chance = _at_most(int(self._still(expected)), expected, self.size)
        return min(1.0, max(chance, self.skipped if expected >= _INFORMATIVE else 0.0))


def _at_most(count: int, mean: float, size: float) -> float:
    """P(Y ≤ count) of a negative binomial of that mean and size; never quite 0."""
    if mean <= 0:
        return 1.0
    miss, hit = math.log(size / (size + mean)), math.log(mean / (size + mean))
    terms = (
        math.lgamma(size + k) - math.lgamma(size) - math.lgamma(k + 1) + size * miss + k * hit
        for k in range(count + 1)
    )
    return max(math.fsum(math.exp(term) for term in terms), 1e-300)
