"""*Exploitation*: the runs step by step, what was set aside, the archive, and what the doctor says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboards import charts, pieces, readings, session
from dashboards.actions import accept_publication
from dashboards.charts import Part
from dashboards.checks_told import why
from dashboards.choosing import choose
from dashboards.look import Look
from dashboards.pieces import Column, Text
from dashboards.wording import Words
from rpps_sync.directory.nights import Night
from rpps_sync.reporting.model import Light

RUNS = 60  # to choose among
LINES = 200  # of the quarantine, shown
_LIGHTS = {"published": Light.OK, "unchanged": Light.OK, "refused": Light.ERROR, "failed": Light.ERROR}
_SYMPTOMS = {"ok": Light.OK, "warn": Light.WARN, "wrong": Light.ERROR}


def page() -> None:
    """Show it."""
    words = session.words()
    pieces.headline(words("app.page.operations"), words.app("operations.about"))
    nights = [*reversed(readings.past_nights(RUNS))]
    if nights:
        _run(words, nights)
        _runs(words, nights)
        _quarantine(words)
    else:
        pieces.message(Light.NONE, words.app("morning.never_ran"), words.app("morning.never_ran_mend"))
    _archive(words)
    _doctor(words)


def _run(words: Words, nights: list[Night]) -> None:
    """One run, step by step."""
    ids = [night.run_id for night in nights]
    names = {night.run_id: _name(words, night) for night in nights}
    chosen = choose(words("trend.run"), ids, "run", names.__getitem__)
    summary = readings.summary_of(chosen)
    if not summary:
        return
    told, mend = why(words, summary)
    if told:
        bad = summary["outcome"] in ("refused", "failed")
        pieces.message(Light.ERROR if bad else Light.NONE, told, mend)
    delta = summary["delta"]
    people = delta["practitioners"]
    pieces.facts(
        {
            words("production.started"): words.instant(summary["started_at"]),
            words("production.finished"): words.instant(summary["finished_at"]),
            words("production.duration"): words.seconds(sum(summary["timings"].values())),
            words("production.memory"): words.size(summary["peak_rss"]),
            words("publication.examined"): (summary["publication"] or {}).get("id", ""),
            words("publication.served"): summary["served"],
            words("section.changes"): words(
                "changes.sentence",
                added=words.number(delta["lines_added"]),
                removed=words.number(delta["lines_removed"]),
                arrived=words.number(people["added"]),
                changed=words.number(people["changed"]),
                departed=words.number(people["departed"]),
                total=words.number(people["total"]),
            )
            if summary["outcome"] == "published"
            else "",
        }
    )
    if summary["outcome"] == "refused":
        _accept(words, (summary["publication"] or {}).get("id", ""))
    _steps(words, summary["timings"])
    _channels(words, summary)


def _accept(words: Words, publication: str) -> None:
    """Offer to publish it all the same, while it is refused and newer than what is served."""
    served = readings.served()
    about = next((one for one in readings.volumes(charts.MANY) if one.id == publication), None)
    if about is None or about.seq is not None or (served and about.published_at <= served.published_at):
        return
    accept_publication(words, publication)


def _name(words: Words, night: Night) -> str:
    return f"{words.typed(words.instant(night.started_at))} – {words.known('outcome', night.outcome)}"


def _steps(words: Words, timings: Mapping[str, float]) -> None:
    if not timings:
        return
    pieces.heading(words("production.timings"), words.app("operations.seconds"))
    steps = {words.known("app.step", step): spent for step, spent in timings.items()}
    parts = [Part(name, "line", words("production.time"), round(spent, 3)) for name, spent in steps.items()]
    chart = charts.bars(Look(words, session.dark()), parts, words("production.timings"), decimals=1)
    st.vega_lite_chart(chart)
    with st.expander(words.app("chart.figures")):
        columns = [Column(words("production.step")), Column(words("production.time"), "num")]
        pieces.table(
            words("production.timings"), columns, [(name, words.seconds(spent)) for name, spent in steps.items()]
        )


def _channels(words: Words, summary: Mapping[str, Any]) -> None:
    columns = [
        Column(words("publication.channel")),
        Column(words("checks.light")),
        Column(words("publication.published_at")),
    ]
    rows = [
        (one["name"], words.known("channel_state", one["state"]), words.instant(one["published_at"]))
        for one in summary.get("channels", ())
    ]
    pieces.table(words.app("operations.channels"), columns, rows)


def _runs(words: Words, nights: list[Night]) -> None:
    columns = [
        Column(words("production.started"), "day"),
        Column(words("trend.outcome")),
        Column(words("trend.duration"), "num"),
        Column(words("trend.run")),
    ]
    pieces.table(words.app("operations.runs"), columns, [_line(words, night) for night in nights], tall=True)


def _line(words: Words, night: Night) -> tuple[Text, ...]:
    light = _LIGHTS.get(night.outcome, Light.NONE)
    outcome = (
        words.app("operations.running") if night.outcome == "running" else words.known("outcome", night.outcome)
    )
    lasted = (night.finished_at - night.started_at).total_seconds() if night.finished_at else None
    return (
        words.instant(night.started_at),
        pieces.mark(light, outcome),
        "–" if lasted is None else words.seconds(lasted),
        pieces.link("operations", words.language, night.run_id, run=night.run_id),
    )


def _quarantine(words: Words) -> None:
    pieces.heading(words("section.quarantine"))
    rows = readings.quarantine()
    if not rows:
        pieces.message(Light.OK, words("quarantine.none"))
        return
    pieces.note(words.count("quarantine.sentence", len(rows)))
    columns = [
        Column(words("quarantine.file")),
        Column(words("quarantine.line"), "num"),
        Column(words("quarantine.reason")),
        Column(words("quarantine.detail"), "wide"),
    ]
    told = (
        (row["kind"], words.number(row["line_number"]), words.known("reason", row["reason"]), row["detail"])
        for row in rows[:LINES]
    )
    pieces.table(words("quarantine.caption"), columns, told, tall=True)


def _archive(words: Words) -> None:
    pieces.heading(words.app("operations.archive"))
    kept = readings.archive()
    if not kept:
        pieces.message(Light.NONE, words.app("operations.no_archive"))
        return
    pieces.note(
        words.app("operations.archived", n=words.number(len(kept)), size=words.size(sum(one[3] for one in kept)))
    )
    columns = [
        Column(words.app("publications.id"), "day"),
        Column(words("publication.published_at"), "day"),
        Column(words.app("operations.files"), "num"),
        Column(words("publication.size"), "num"),
    ]
    rows = ((name, words.instant(at), words.number(files), words.size(octets)) for name, at, files, octets in kept)
    pieces.table(words.app("operations.archive"), columns, rows, tall=True, titled=False)


def _doctor(words: Words) -> None:
    pieces.heading(words.app("operations.doctor"), words.app("operations.doctor_note"))
    columns = [
        Column(words("checks.light")),
        Column(words.app("operations.subject")),
        Column(words("checks.observed"), "wide"),
        Column(words("checks.mend"), "wide"),
    ]
    rows = (
        (
            pieces.mark(_SYMPTOMS.get(one.state, Light.NONE), words.known("app.symptom", one.state)),
            words.known("app.symptom_subject", one.subject),
            one.observed,
            one.mend or "–",
        )
        for one in session.launch().examine()
    )
    pieces.table(words.app("operations.doctor"), columns, rows, titled=False)
