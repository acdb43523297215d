"""Charts made of squares: a calendar of nights, a line of nights for each name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

import altair as alt

from dashboards.look import ROWS, Look, Spec, finished, scale_of

SQUARE = 24  # pixels, of one day
NARROW = 36  # columns at most that are as wide as high
FEWEST = 5  # columns: the date of the last one is written below and must not be cut


def calendar(look: Look, days: Mapping[date, str], colours: Mapping[str, str], description: str) -> Spec:
    """A square for each day, a column for each week; its legend is on the page (``pieces.legend``).

    Args:
        look: language and ground.
        days: what is to be said of each day, one of the keys of ``colours``.
        colours: words, and the names of their colours.
        description: the chart in words.
    """
    names, weeks = look.words.table("chart.weekdays"), _weeks(days)
    rows = [
        {"day": day.isoformat(), "week": _monday(day), "weekday": names[str(day.weekday())], "word": word}
        | {"on": look.words.day(day)}
        for day, word in sorted(days.items())
    ]
    weekdays = alt.Axis(title=None, ticks=False, domain=False, labelOverlap=False, labelFlush=False)
    chart = (
        alt.Chart(ROWS)
        .mark_rect(cornerRadius=2, stroke=look.colour("paper"), strokeWidth=2)
        .encode(
            x=alt.X("week:O", axis=_week_axis(len(weeks)), scale=alt.Scale(paddingInner=0, domain=weeks)),
            y=alt.Y("weekday:O", sort=list(names.values()), axis=weekdays, scale=_all_days(names)),
            color=alt.Color("word:N", scale=scale_of(look, colours), legend=None),
            tooltip=[alt.Tooltip("on:N", title=None), alt.Tooltip("word:N", title=None)],
        )
    )
    return finished(look, alt.layer(chart), rows, description, height=7 * SQUARE + 75)


def calendar_width(days: Mapping[date, str]) -> int | Literal["stretch"]:
    """How wide a calendar is: squares, or the whole page when there are too many weeks for it."""
    weeks = len(_weeks(days))
    return 60 + SQUARE * weeks if weeks <= NARROW else "stretch"


def _weeks(days: Mapping[date, str]) -> list[str]:
    """The Mondays of the columns, as many as a date below them takes room for."""
    mondays = sorted({_monday(day) for day in days})
    while mondays and len(mondays) < FEWEST:
        mondays.insert(0, _monday(date.fromisoformat(mondays[0]) - timedelta(days=7)))
    return mondays


def _all_days(names: Mapping[str, str]) -> alt.Scale:
    return alt.Scale(domain=list(names.values()))


def strips(look: Look, rows: Sequence[Mapping[str, str]], colours: Mapping[str, str], description: str) -> Spec:
    """A line of squares for each name, one square a night: rows of ``name``, ``night``, ``word`` and ``said``."""
    names = list(dict.fromkeys(row["name"] for row in rows))
    chart = (
        alt.Chart(ROWS)
        .mark_rect(cornerRadius=2, stroke=look.colour("paper"), strokeWidth=2)
        .encode(
            x=alt.X(
                "night:O", sort=None, axis=alt.Axis(title=None, labelAngle=0, labelOverlap="greedy", ticks=False)
            ),
            y=alt.Y("name:N", sort=names, axis=alt.Axis(title=None, labelLimit=170, ticks=False, domain=False)),
            color=alt.Color("word:N", scale=scale_of(look, colours), legend=None),
            tooltip=[alt.Tooltip(f"{name}:N", title=None) for name in ("name", "night", "word", "said")],
        )
    )
    return finished(look, alt.layer(chart), rows, description, height=26 * len(names) + 40)


def _week_axis(weeks: int) -> alt.Axis:
    """A date below one of the last weeks, where it has room, and below others as far apart as their words need."""
    every, last = (3, weeks - 2) if weeks <= NARROW else (max(5, weeks // 10), weeks - 4)
    date_of = "utcFormat(toDate(datum.value), '%d %b')"
    place = f"({last} - indexof(domain('x'), datum.value))"
    return alt.Axis(
        title=None,
        ticks=False,
        domain=False,
        labelAngle=0,
        labelExpr=f"{place} % {every} == 0 ? {date_of} : ''",
        labelOverlap=False,
    )


def _monday(day: date) -> str:
    return date.fromordinal(day.toordinal() - day.weekday()).isoformat()
