"""*Fraîcheur*: objectives and how often they were held, and a calendar of the nights."""

from __future__ import annotations

from collections.abc import Mapping

from dashboards import charts, pieces, readings, session
from dashboards.charts import Look
from dashboards.nights_shown import show_calendar
from dashboards.pieces import Column, Text
from dashboards.wording import Words
from rpps_sync.freshness.objectives import reason_of, title_of
from rpps_sync.freshness.states import State
from rpps_sync.reporting.lights import freshness_light
from rpps_sync.reporting.model import Light
from rpps_sync.run_summary import FreshnessState, Outcome

BUDGET_DAYS = 30  # over which objectives are counted as held or not
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
    held = readings.freshness_kept(BUDGET_DAYS)
    columns = [
        Column(words("freshness.light")),
        Column(words("freshness.objective")),
        Column(words("freshness.observed")),
        Column(words("freshness.limit")),
        Column(words.app("freshness.held", days=BUDGET_DAYS), "num"),
        Column(words.app("freshness.why"), "wide"),
    ]
    rows = [_row(words, one, held.get(one.objective, {})) for one in readings.freshness_states(words.language)]
    pieces.table(words.app("freshness.objectives"), columns, rows)


def _row(words: Words, one: FreshnessState, held: Mapping[str, int]) -> tuple[Text, ...]:
    told = sum(runs for state, runs in held.items() if state != State.NO_DATA)
    share = words.percent(held.get(State.OK, 0) / told, 0) if told else "–"
    return (
        pieces.mark(freshness_light(State(one.state)), words.known("state", one.state)),
        title_of(one.objective, words.language),
        one.observed,
        one.limit,
        words.app("freshness.of_runs", share=share, runs=words.number(told)) if told else "–",
        reason_of(one.objective, words.language),
    )
