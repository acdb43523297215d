"""The figures of a period by name, which way of each is good news, and what moved since the period before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rpps_sync.finding import StaleSide
from rpps_sync.reporting.editions.counting import ALL_FIELDS
from rpps_sync.reporting.editions.model import Day, DayState, FailingCheck, Lines
from rpps_sync.reporting.model import Move, Turn, Unit
from rpps_sync.reporting.moves import Better, compared, in_order
from rpps_sync.reporting.words import Words

Figures = Mapping[str, float | None]
GOOD = (DayState.CLEAN, DayState.RESERVED)


@dataclass(frozen=True, slots=True)
class _Figure:
    """How a figure is compared."""

    theme: str
    better: Better
    unit: Unit = Unit.NUMBER


_COMPARED: Mapping[str, _Figure] = {
    "nights_clean_share": _Figure("nights", Better.HIGHER, Unit.SHARE),
    "nights_late": _Figure("nights", Better.LOWER),
    "nights_refused": _Figure("nights", Better.LOWER),
    "nights_failed": _Figure("nights", Better.LOWER),
    "practitioners": _Figure("directory", Better.NEITHER),
    "arrived": _Figure("directory", Better.NEITHER),
    "changed": _Figure("directory", Better.NEITHER),
    "departed": _Figure("directory", Better.NEITHER),
    "incidents_opened": _Figure("incidents", Better.LOWER),
    "incident_seconds": _Figure("incidents", Better.LOWER, Unit.SECONDS),
    "findings_opened": _Figure("findings", Better.LOWER),
    "findings_resolved": _Figure("findings", Better.HIGHER),
    "findings_standing": _Figure("findings", Better.LOWER),
    "lag_directory": _Figure("lags", Better.LOWER, Unit.DAYS),
    "lag_token": _Figure("lags", Better.LOWER, Unit.DAYS),
    "score": _Figure("scores", Better.HIGHER, Unit.SHARE),
}


def unit_of(name: str) -> Unit:
    """What a figure is counted in."""
    return _COMPARED[name].unit if name in _COMPARED else Unit.NUMBER


def figures_of(days: Sequence[Day], lines: Lines) -> Figures:
    """Every figure; None where there is nothing to count."""
    states = Counter(day.state for day in days)
    served = [day.practitioners for day in days if day.practitioners is not None]
    medians = {lag.side: lag.median_days for lag in lines.lags if lag.field == ALL_FIELDS}
    opened = [line for line in lines.incidents if line.opened_within]
    return {
        "nights": len(days),
        "nights_clean": states[DayState.CLEAN],
        "nights_clean_share": states[DayState.CLEAN] / len(days) if days else None,
        "nights_reserved": states[DayState.RESERVED],
        "nights_late": states[DayState.LATE],
        "nights_unchanged": states[DayState.UNCHANGED],
        "nights_refused": states[DayState.REFUSED],
        "nights_failed": states[DayState.FAILED] + states[DayState.MISSED],
        "practitioners": served[-1] if served else None,
        **{name: sum(getattr(day, name) for day in days) for name in ("arrived", "changed", "departed")},
        "incidents_opened": len(opened),
        "incidents_standing": sum(line.closed_at is None for line in lines.incidents),
        "incident_seconds": sum(line.seconds for line in opened),
        **{f"findings_{name}": sum(getattr(line, name) for line in lines.sources) for name in _FLOWS},
        "lag_directory": medians.get(StaleSide.DIRECTORY),
        "lag_token": medians.get(StaleSide.TOKEN),
        "score": lines.scores[0].last if lines.scores else None,
    }


_FLOWS = ("opened", "resolved", "standing")


def moved(before: tuple[Figures, Lines], now: tuple[Figures, Lines], words: Words) -> tuple[Move, ...]:
    """What moved between two periods: figures, checks and incidents that appeared or are gone."""
    (old_figures, old), (new_figures, new) = before, now
    moves = (
        *_figures(old_figures, new_figures, words),
        *_checks(old, new, words),
        *_incidents(old, new),
    )
    return in_order(moves)


def _figures(before: Figures, now: Figures, words: Words) -> Iterator[Move]:
    for name, figure in _COMPARED.items():
        sides = (before[name], now[name])
        shown = [words.shown(value, figure.unit) for value in sides]
        if shown[0] != shown[1]:  # as it is written: a hundredth of a hundredth is no news
            yield from compared(figure.theme, words(f"period_figure.{name}"), sides, figure.better, figure.unit)


def _checks(before: Lines, now: Lines, words: Words) -> Iterator[Move]:
    was, standing = ({(line.name, line.file): line for line in lines.checks} for lines in (before, now))
    for key in was.keys() | standing.keys():
        old, new = was.get(key), standing.get(key)
        line = new or old
        assert line is not None
        title = words("difference.check", title=line.title, file=line.file) if line.file else line.title
        subject = words("period.check_nights", title=title)
        if old is not None and new is not None:
            yield from compared("checks", subject, (old.nights, new.nights), Better.LOWER)
        else:
            turn = Turn.GONE if new is None else Turn.APPEARED
            yield Move(turn, "checks", subject, _nights(old), _nights(new), Unit.NUMBER)


def _nights(line: FailingCheck | None) -> int | None:
    return None if line is None else line.nights


def _incidents(before: Lines, now: Lines) -> Iterator[Move]:
    """Causes that had no incident in one of the periods."""
    was, standing = (Counter(line.title for line in lines.incidents) for lines in (before, now))
    for title in was.keys() ^ standing.keys():
        turn = Turn.APPEARED if title in standing else Turn.GONE
        yield Move(turn, "incidents", title, was.get(title), standing.get(title), Unit.NUMBER)
