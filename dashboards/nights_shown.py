"""What the calendar says of each night: the best that happened on its day, or that nothing ran."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import streamlit as st

from dashboards import calendars, charts, pieces
from dashboards.charts import Point
from dashboards.look import Look
from dashboards.wording import Words
from rpps_sync.directory.nights import Night
from rpps_sync.run_summary import Outcome

_BEST_FIRST = (Outcome.PUBLISHED, Outcome.UNCHANGED, Outcome.REFUSED, Outcome.FAILED)
_COLOURS = {
    Outcome.PUBLISHED: "ok",
    Outcome.UNCHANGED: "changed",
    Outcome.REFUSED: "warn",
    Outcome.FAILED: "error",
}


def show_calendar(look: Look, nights: Iterable[Night], description: str) -> None:
    """Put the calendar and its legend on the page."""
    days, colours = outcome_words(look.words, nights), outcome_colours(look.words)
    st.vega_lite_chart(calendars.calendar(look, days, colours, description), width=calendars.calendar_width(days))
    pieces.legend({word: look.colour(name) for word, name in colours.items() if word in days.values()})


def show_practitioners(look: Look, points: Sequence[Point]) -> None:
    """Put on the page how many practitioners were served, publication after publication."""
    words, values = look.words, [point.value for point in points]
    pieces.heading(words("trend.practitioners"), words("trend.band"))
    described = words(
        "trend.practitioners_desc",
        first=words.number(values[0]),
        last=words.number(values[-1]),
        n=len(values),
        low=words.number(min(values)),
        high=words.number(max(values)),
    )
    st.vega_lite_chart(charts.trend(look, points, words("trend.practitioners"), described))


def outcome_words(words: Words, nights: Iterable[Night]) -> dict[date, str]:
    """The word of each day, from the first night to the last; days without a run are told apart."""
    known = {item.value: rank for rank, item in enumerate(_BEST_FIRST)}
    best: dict[date, str] = {}
    for night in nights:
        if night.outcome in known:
            now = best.get(night.day)
            best[night.day] = night.outcome if now is None else min(now, night.outcome, key=known.__getitem__)
    if not best:
        return {}
    first, last = min(best), max(best)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    none = words.app("chart.no_run")
    return {day: words.known("outcome", best[day]) if day in best else none for day in days}


def outcome_colours(words: Words) -> dict[str, str]:
    """The legend: words, and the names of their colours."""
    told = {words.known("outcome", outcome.value): colour for outcome, colour in _COLOURS.items()}
    return told | {words.app("chart.no_run"): "none"}
