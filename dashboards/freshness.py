"""*Fraîcheur*: objectives, what is left of their error budgets, and a calendar of the nights."""

from __future__ import annotations

from dashboards import charts, pieces, readings, session
from dashboards.charts import Look
from dashboards.nights_shown import show_calendar
from dashboards.pieces import Column, Text
from dashboards.wording import Words
from rpps_sync.freshness.budget import WINDOWS
from rpps_sync.freshness.grouping import Line
from rpps_sync.freshness.objectives import reason_of
from rpps_sync.reporting.lights import freshness_light
from rpps_sync.reporting.model import Light
from rpps_sync.run_summary import Outcome

BAD_NIGHTS = 20  # of the list


def page() -> None:
    """Show it."""
    words = session.words()
    pieces.headline(words("app.page.freshness"), words.app("freshness.about"))
    _objectives(words)
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
        Column(words("freshness.limit")),
        *(Column(words.app("freshness.left", days=window), "num") for window in WINDOWS),
        Column(words.app("freshness.why"), "wide"),
    ]
    rows = [_row(words, line) for line in readings.freshness_lines(words.language)]
    pieces.table(words.app("freshness.objectives"), columns, rows)


def _row(words: Words, line: Line) -> tuple[Text, ...]:
    left = (line.budget_left(place) for place in range(len(WINDOWS)))
    return (
        pieces.mark(freshness_light(line.state), words.known("state", line.state)),
        line.named,
        line.observed,
        line.limit,
        *("–" if share is None else words.percent(share, 0) for share in left),
        reason_of(line.objective, words.language),
    )
