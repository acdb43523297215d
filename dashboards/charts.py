"""Altair charts: trends with their expected range, and bars.

Every chart is described in words, and the page that shows it gives the same figures as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt

from dashboards.look import HEIGHT, ROWS, Look, Spec, days_below, finished
from rpps_sync.reporting.plot import expected_ranges

MANY = 400  # nights of a long trend


@dataclass(frozen=True, slots=True)
class Point:
    """One night of a trend."""

    day: date
    value: float


def trend(look: Look, points: Sequence[Point], title: str, description: str, *, unit: str = "") -> Spec:
    """A line over the nights, with the range that the nights before let expect behind it."""
    ranges = expected_ranges([point.value for point in points])
    rows = [
        {
            "day": point.day.isoformat(),
            "value": point.value,
            "low": band[0] if band else None,
            "high": band[1] if band else None,
            "said": look.words.percent(point.value, 2) if unit == "%" else look.number(point.value),
            "on": look.words.day(point.day),
        }
        for point, band in zip(points, ranges, strict=True)
    ]
    axis = alt.Axis(
        title=None, format=".2%" if unit == "%" else ",d", tickCount=5, tickMinStep=0.0001 if unit == "%" else 1
    )
    y = alt.Y("value:Q", axis=axis, scale=alt.Scale(zero=False, nice=True))
    base = alt.Chart(ROWS).encode(x=days_below([str(row["day"]) for row in rows]))
    band = base.mark_area(color=look.colour("band")).encode(
        y=alt.Y("low:Q", scale=alt.Scale(zero=False, nice=True), axis=axis), y2="high:Q"
    )
    tips = [alt.Tooltip("on:N", title=look.words.app("chart.day")), alt.Tooltip("said:N", title=title)]
    line = base.mark_line(color=look.colour("line"), strokeWidth=2).encode(y=y)
    dots = base.mark_point(color=look.colour("line"), filled=True, size=40, opacity=1).encode(y=y, tooltip=tips)
    return finished(look, alt.layer(band, line, dots), rows, description)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: the group, what is counted (a colour's name and its word), how many."""

    group: str
    colour: str
    word: str
    number: float


def bars(look: Look, parts: Sequence[Part], description: str, *, by_day: bool = False, decimals: int = 0) -> Spec:
    """Stacked bars: groups one below the other, or days one beside the other."""
    rows = [
        {
            "group": one.group,
            "word": one.word,
            "number": one.number,
            "said": look.words.number(one.number, decimals),
        }
        | ({"on": look.words.day(one.group)} if by_day else {"on": one.group})
        for one in parts
    ]
    words = list(dict.fromkeys(one.word for one in parts))
    colours = [look.colour(next(one.colour for one in parts if one.word == word)) for word in words]
    number_axis = alt.Axis(title=None, format=f",.{decimals}f", tickMinStep=10.0**-decimals, tickCount=5)
    encoded: dict[str, Any] = (
        {
            "x": days_below([one.group for one in parts], "group", least=14, timeUnit="utcyearmonthdate"),
            "y": alt.Y("number:Q", axis=number_axis),
        }
        if by_day
        else {
            "y": alt.Y("group:N", sort=None, axis=alt.Axis(title=None, labelLimit=260)),
            "x": alt.X("number:Q", axis=number_axis),
        }
    )
    chart = (
        alt.Chart(ROWS)
        .mark_bar()
        .encode(
            color=alt.Color("word:N", scale=alt.Scale(domain=words, range=colours), legend=None),
            order=alt.Order("color_word_sort_index:Q"),
            tooltip=[alt.Tooltip(f"{name}:N", title=None) for name in ("on", "word", "said")],
            **encoded,
        )
    )
    height = HEIGHT if by_day else 30 * len({one.group for one in parts}) + 40
    return finished(look, alt.layer(chart), rows, description, height=height)


def meaning(look: Look, parts: Sequence[Part]) -> dict[str, str]:
    """The legend of bars: words and colours (``pieces.legend``)."""
    return {one.word: look.colour(one.colour) for one in parts}
