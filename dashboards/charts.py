"""Altair charts: trends with their expected range, a calendar of nights, a map, bars.

Colours are those of the reports, light or dark; numbers and dates follow the language through Vega's own locale.
Every chart is described in words, and the page that shows it gives the same figures as a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import altair as alt

from dashboards.wording import Words
from rpps_sync.reporting.plot import expected_ranges

Chart = alt.LayerChart | alt.FacetChart
HEIGHT = 240
MANY = 400  # nights of a long trend
SQUARE = 24  # pixels, of one day


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
_MAP = (("#e6edf3", "#24507a"), ("#22303c", "#8cc0ea"))
_FALL = (("#b4552d", "#ece9e2", "#2b6a9b"), ("#e08a5f", "#2b3036", "#6aaede"))


@dataclass(frozen=True, slots=True)
class Point:
    """One night of a trend."""

    day: date
    value: float


def trend(look: Look, points: Sequence[Point], title: str, description: str, *, unit: str = "") -> Chart:
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
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=_days([str(row["day"]) for row in rows]))
    band = base.mark_area(color=look.colour("band")).encode(
        y=alt.Y("low:Q", scale=alt.Scale(zero=False, nice=True), axis=axis), y2="high:Q"
    )
    tips = [alt.Tooltip("on:N", title=look.words.app("chart.day")), alt.Tooltip("said:N", title=title)]
    line = base.mark_line(color=look.colour("line"), strokeWidth=2).encode(y=y)
    dots = base.mark_point(color=look.colour("line"), filled=True, size=40, opacity=1).encode(y=y, tooltip=tips)
    return _finished(look, alt.layer(band, line, dots), description)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: the group, what is counted (a colour's name and its word), how many."""

    group: str
    colour: str
    word: str
    number: float


def bars(look: Look, parts: Sequence[Part], description: str, *, by_day: bool = False, decimals: int = 0) -> Chart:
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
            "x": _days([one.group for one in parts], "group", timeUnit="utcyearmonthdate"),
            "y": alt.Y("number:Q", axis=number_axis),
        }
        if by_day
        else {
            "y": alt.Y("group:N", sort=None, axis=alt.Axis(title=None, labelLimit=260)),
            "x": alt.X("number:Q", axis=number_axis),
        }
    )
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar()
        .encode(
            color=alt.Color("word:N", scale=alt.Scale(domain=words, range=colours), legend=None),
            order=alt.Order("color_word_sort_index:Q"),
            tooltip=[alt.Tooltip(f"{name}:N", title=None) for name in ("on", "word", "said")],
            **encoded,
        )
    )
    height = HEIGHT if by_day else 30 * len({one.group for one in parts}) + 40
    return _finished(look, alt.layer(chart), description, height=height)


def calendar(look: Look, days: Mapping[date, str], colours: Mapping[str, str], description: str) -> Chart:
    """A square for each day, a column for each week; its legend is on the page (``pieces.legend``).

    Args:
        look: language and ground.
        days: what is to be said of each day, one of the keys of ``colours``.
        colours: words, and the names of their colours.
        description: the chart in words.
    """
    names = look.words.table("chart.weekdays")
    rows = [
        {"day": day.isoformat(), "week": _monday(day), "weekday": names[str(day.weekday())], "word": word}
        | {"on": look.words.day(day)}
        for day, word in sorted(days.items())
    ]
    weekdays = alt.Axis(title=None, ticks=False, domain=False, labelOverlap=False)
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_rect(cornerRadius=2, stroke=look.colour("paper"), strokeWidth=2)
        .encode(
            x=alt.X("week:O", axis=_week_axis(_weeks(days)), scale=alt.Scale(paddingInner=0)),
            y=alt.Y("weekday:O", sort=list(names.values()), axis=weekdays, scale=_all_days(names)),
            color=alt.Color("word:N", scale=_scale(look, colours), legend=None),
            tooltip=[alt.Tooltip("on:N", title=None), alt.Tooltip("word:N", title=None)],
        )
    )
    return _finished(look, alt.layer(chart), description, height=7 * SQUARE + 30)


def calendar_width(days: Mapping[date, str]) -> int | Literal["stretch"]:
    """How wide a calendar is: squares, or the whole page when there are too many weeks for it."""
    weeks = _weeks(days)
    return 60 + SQUARE * weeks if weeks <= 36 else "stretch"


def _weeks(days: Mapping[date, str]) -> int:
    return len({_monday(day) for day in days})


def _all_days(names: Mapping[str, str]) -> alt.Scale:
    return alt.Scale(domain=list(names.values()))


def _scale(look: Look, colours: Mapping[str, str]) -> alt.Scale:
    return alt.Scale(domain=list(colours), range=[look.colour(name) for name in colours.values()])


def strips(look: Look, rows: Sequence[Mapping[str, str]], colours: Mapping[str, str], description: str) -> Chart:
    """A line of squares for each name, one square a night: rows of ``name``, ``night``, ``word`` and ``said``."""
    names = list(dict.fromkeys(row["name"] for row in rows))
    chart = (
        alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))
        .mark_rect(cornerRadius=2, stroke=look.colour("paper"), strokeWidth=2)
        .encode(
            x=alt.X(
                "night:O", sort=None, axis=alt.Axis(title=None, labelAngle=0, labelOverlap="greedy", ticks=False)
            ),
            y=alt.Y("name:N", sort=names, axis=alt.Axis(title=None, labelLimit=230, ticks=False, domain=False)),
            color=alt.Color("word:N", scale=_scale(look, colours), legend=None),
            tooltip=[alt.Tooltip(f"{name}:N", title=None) for name in ("name", "night", "word", "said")],
        )
    )
    return _finished(look, alt.layer(chart), description, height=26 * len(names) + 40)


def map_of_departments(
    look: Look,
    shapes: Mapping[str, Any],
    values: Mapping[str, float],
    title: str,
    description: str,
    *,
    change: bool,
) -> Chart:
    """The departments, the darker the more; or, for a change, one colour for gains and one for losses."""
    features = [
        feature
        | {
            "value": values.get(feature["id"]),
            "said": _said(look, values.get(feature["id"]), change=change),
            "name": f"{feature['properties']['name']} ({feature['id']})",
        }
        for feature in shapes["features"]
    ]
    most = max((abs(value) for value in values.values()), default=1) or 1
    if change:
        scale = alt.Scale(domain=[-most, 0, most], range=list(_FALL[look.dark]), type="linear", interpolate="rgb")
    else:
        scale = alt.Scale(domain=[0, most], range=list(_MAP[look.dark]), type="sqrt")
    legend = alt.Legend(
        title=None, orient="bottom", gradientLength=200, format="+,d" if change else ",d", tickCount=3
    )
    chart = (
        alt.Chart(alt.InlineData(values=features))
        .mark_geoshape(invalid=None, stroke=look.colour("paper"), strokeWidth=0.6)
        .encode(
            color=alt.condition(
                "isValid(datum.value)",
                alt.Color("value:Q", scale=scale, legend=legend),
                alt.value(look.colour("hair")),
            ),
            tooltip=[alt.Tooltip("name:N", title=None), alt.Tooltip("said:N", title=title)],
        )
        .project(type="identity")
    )
    return _finished(look, alt.layer(chart), description, height=460)


def meaning(look: Look, parts: Sequence[Part]) -> dict[str, str]:
    """The legend of bars: words and colours (``pieces.legend``)."""
    return {one.word: look.colour(one.colour) for one in parts}


def _said(look: Look, value: float | None, *, change: bool) -> str:
    if value is None:
        return "–"
    return look.words.signed(int(value)) if change else look.number(value)


def _days(days: Sequence[str], name: str = "day", **more: Any) -> alt.X:
    """The days below, some seven of them named; days are days wherever the browser is, hence UTC."""
    span = (date.fromisoformat(max(days)) - date.fromisoformat(min(days))).days if days else 0
    step = alt.TimeIntervalStep(interval="day", step=max(1, -(-span // 7)))
    axis = alt.Axis(title=None, format="%d %b", tickCount=step, labelOverlap=True, grid=False)
    return alt.X(f"{name}:T", **more, scale=alt.Scale(type="utc"), axis=axis)


def _week_axis(weeks: int) -> alt.Axis:
    every = max(2, weeks // 10)  # a label takes the room of two squares
    date_of = "utcFormat(toDate(datum.value), '%d %b')"
    return alt.Axis(
        title=None,
        ticks=False,
        domain=False,
        labelAngle=0,
        labelExpr=f"indexof(domain('x'), datum.value) % {every} == 0 ? {date_of} : ''",
        labelOverlap="greedy",
    )


def _monday(day: date) -> str:
    return date.fromordinal(day.toordinal() - day.weekday()).isoformat()


def _finished(look: Look, chart: Chart, description: str, *, height: int = HEIGHT) -> Chart:
    """Words for those who cannot see it, the locale, and no ground of its own."""
    locale = {"number": _NUMBERS[look.words.language], "time": _times(look.words)}
    finished: Chart = chart.properties(height=height, description=description, background="transparent").configure(
        locale=locale, view={"strokeWidth": 0}
    )
    return finished


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
        "months": words.names("months"),
        "shortMonths": words.names("app.chart.months"),
    }
