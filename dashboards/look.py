"""In which language and on which ground charts are drawn: colours of the reports, Vega's locale, days below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import altair as alt

from dashboards.wording import Words
from rpps_sync import locales

Spec = dict[str, Any]  # of Vega-Lite
ROWS = alt.NamedData("rows")  # that a chart is made on
HEIGHT = 240


@dataclass(frozen=True, slots=True)
class Look:
    """In which language and on which ground a chart is drawn."""

    words: Words
    dark: bool

    def colour(self, name: str) -> str:
        """One of the colours of the reports."""
        return _COLOURS[name][self.dark]

    def number(self, value: float) -> str:
        """A number as the language writes it."""
        return self.words.number(value)


_COLOURS = {  # light, dark
    "line": ("#24507a", "#8cc0ea"),
    "band": ("#e4e7ea", "#2a3137"),
    "arrived": ("#2b6a9b", "#6aaede"),
    "changed": ("#7289a0", "#73828f"),
    "departed": ("#b4552d", "#e08a5f"),
    "ok": ("#17694a", "#6cc79c"),
    "warn": ("#c98a1b", "#e6b158"),
    "error": ("#a3211c", "#f28d84"),
    "none": ("#c9c6bd", "#4a525a"),
    "soft": ("#5a636d", "#a6aeb6"),
    "ink": ("#1b2128", "#e8e6e1"),
    "hair": ("#dedbd3", "#343a40"),
    "paper": ("#fbfaf7", "#14171a"),
}


def scale_of(look: Look, colours: Mapping[str, str]) -> alt.Scale:
    """A scale of words, and the names of their colours."""
    return alt.Scale(domain=list(colours), range=[look.colour(name) for name in colours.values()])


def days_below(days: Sequence[str], name: str = "day", *, least: int = 0, **more: Any) -> alt.X:
    """The days below, some seven of them named; days are days wherever the browser is, hence UTC.

    Args:
        days: ISO days, with or without gaps.
        name: of the field that holds them.
        least: days that the axis has at least, so that the bar of a single day is none of a month.
        more: of the channel.
    """
    last = date.fromisoformat(max(days)) if days else date.min
    span = (last - date.fromisoformat(min(days))).days if days else 0
    domain = [last - timedelta(days=least - 1), last + timedelta(days=1)] if days and span < least else None
    span = max(span, least)
    step = alt.TimeIntervalStep(interval="day", step=max(1, -(-span // 7)))
    axis = alt.Axis(title=None, format="%d %b", tickCount=step, labelOverlap=True, grid=False)
    scale = alt.Scale(type="utc", domain=[_utc(day) for day in domain]) if domain else alt.Scale(type="utc")
    return alt.X(f"{name}:T", **more, scale=scale, axis=axis)


def _utc(day: date) -> alt.DateTime:
    return alt.DateTime(year=day.year, month=day.month, date=day.day, utc=True)


def finished(
    look: Look,
    chart: alt.LayerChart | alt.FacetChart,
    rows: Sequence[Mapping[str, Any]],
    description: str,
    *,
    height: int = HEIGHT,
) -> Spec:
    """Words for those who cannot see it, the locale, no ground of its own, and the rows.

    The rows come last: Altair would look into each value of each of them, which takes a second for a map.

    Args:
        look: language and ground.
        chart: made on ``ROWS``.
        rows: what it shows.
        description: the chart in words.
        height: pixels.
    """
    locale = {"number": _NUMBERS[look.words.language], "time": _times(look.words)}
    told = chart.properties(height=height, description=description, background="transparent").configure(
        locale=locale, view={"strokeWidth": 0}
    )
    spec: Spec = told.to_dict(validate=False)  # its parts were, when they were made
    return spec | {"datasets": {ROWS.name: list(rows)}}


_NUMBERS = {
    "fr": {
        "decimal": ",",
        "thousands": "\u202f",
        "grouping": [3],
        "currency": ["", "\u00a0€"],
        "percent": "\u00a0%",
    },
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["£", ""]},
}


def _times(words: Words) -> dict[str, Any]:
    days = list(words.table("chart.weekdays").values())  # from Monday on, where d3 begins on Sunday
    sunday_first = [days[-1], *days[:-1]]
    return {
        "dateTime": "%A %e %B %Y %X",
        "date": "%d/%m/%Y",
        "time": "%H:%M:%S",
        "periods": ["AM", "PM"],
        "days": sunday_first,
        "shortDays": sunday_first,
        "months": locales.months(words.language),
        "shortMonths": locales.months(words.language, short=True),
    }
