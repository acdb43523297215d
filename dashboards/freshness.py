"""*Fraîcheur*: objectives, what is left of their error budgets, and a calendar of the nights."""

from __future__ import annotations

import streamlit as st
from markupsafe import Markup

from dashboards import charts, pieces, readings, session
from dashboards.feeds_shown import show_feeds
from dashboards.look import Look
from dashboards.nights_shown import show_calendar
from dashboards.pieces import Column, Text
from dashboards.wording import Words
from rpps_sync.freshness.budget import WINDOWS
from rpps_sync.freshness.grouping import Line
from rpps_sync.freshness.objectives import reason_of
from rpps_sync.freshness.verdict import State
from rpps_sync.freshness.wording import phrase
from rpps_sync.reporting.lights import freshness_light
from rpps_sync.reporting.model import Light
from rpps_sync.reporting.words import NO_BREAK
from rpps_sync.run_summary import Outcome

BAD_NIGHTS = 20  # of the list


def page() -> None:
    """Show it."""
    words = session.words()
    pieces.headline(words("app.page.freshness"), words.app("freshness.about"))
    _objectives(words)
    show_feeds(words)
    nights = readings.past_nights(charts.MANY)
    if not nights:
        pieces.message(Light.NONE, words.app("morning.never_ran"), words.app("morning.never_ran_mend"))
        return
    pieces.heading(words.app("morning.nights"), words.app("morning.nights_note"))
    described = words.app("morning.nights_described", n=words.number(len(nights)))
    show_calendar(Look(words, session.dark()), nights, described)
    bad = [night for night in reversed(nights) if night.outcome in (Outcome.REFUSED, Outcome.FAILED)][:BAD_NIGHTS]
    columns = [Column(words.app("chart.day"), "day"), Column(words("trend.outcome")), Column(words("trend.run"))]
    rows = (
        (
            words.day(night.day),
            pieces.mark(Light.ERROR, words.known("outcome", night.outcome)),
            pieces.link("operations", words.language, night.run_id, run=night.run_id),
        )
        for night in bad
    )
    pieces.table(words.app("freshness.bad_nights"), columns, rows)


def _objectives(words: Words) -> None:
    columns = [
        Column(words("freshness.light")),
        Column(words("freshness.objective")),
        Column(words("freshness.observed")),
        Column(words("freshness.limit"), "narrow"),
        *(Column(words.app("freshness.left", days=window), "num") for window in WINDOWS),
    ]
    told = readings.freshness_lines(words.language)
    pieces.table(words.app("freshness.objectives"), columns, [_row(words, line) for line in told])
    with st.expander(words.app("freshness.why")):
        pieces.facts({line.title: reason_of(line.objective, words.language) for line in told})


def _row(words: Words, line: Line) -> tuple[Text, ...]:
    left = (line.budget_left(place) for place in range(len(WINDOWS)))
    return (
        pieces.mark(freshness_light(line.state), words.known("state", line.state)),
        pieces.below(line.title, ", ".join(line.subjects)) if line.subjects else line.title,
        _observed(words, line),
        line.limit.replace(" h", f"{NO_BREAK}h"),
        *("–" if share is None else words.percent(share, 0) for share in left),
    )


def _observed(words: Words, line: Line) -> Text:
    """What was seen; of what asks for something also since when, and which link of the chain broke."""
    first = line.states[0]
    if line.state not in (State.WARN, State.ERROR):
        return line.observed
    since = first.get("since") or first.get("state_since")
    below = [words.app("freshness.since", day=words.instant(since))] if since else []
    below += [words.app("freshness.broke", link=phrase(first["link"], words.language))] if first["link"] else []
    below += [str(first["mend"])] if first["mend"] else []
    return pieces.below(line.observed, Markup("<br>").join(below))
