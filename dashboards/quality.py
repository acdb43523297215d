"""*Qualité*: the checks of a night from left to right, their past, the scores, and the rows behind a result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import streamlit as st
from markupsafe import Markup

from dashboards import charts, pieces, readings, session
from dashboards.charts import Look, Point
from dashboards.pieces import Column, Figure, Text
from dashboards.wording import Words
from rpps_sync.errors import RppsSyncError
from rpps_sync.quality.declarations import Check as Declaration
from rpps_sync.quality.declarations import load_checks
from rpps_sync.reporting.lights import check_light, order_of
from rpps_sync.reporting.model import Light

NIGHTS = 30
SPOKE = 25  # checks whose past is shown
SAMPLES = 3
LONG = 150  # characters of what was seen
DIMENSIONS = ("score", "completeness", "validity", "uniqueness", "consistency", "timeliness")
PARTS = ("extracts", "professions", "authorities")
_LIGHT_COLOURS = {Light.OK: "ok", Light.WARN: "warn", Light.ERROR: "error", Light.NONE: "none"}
Check = Mapping[str, Any]


def page() -> None:
    """Show it."""
    words = session.words()
    pieces.headline(words("app.page.quality"), words.app("quality.about"))
    past = readings.check_results(NIGHTS)
    if not past:
        pieces.message(Light.NONE, words("checks.none"), words.app("morning.never_ran_mend"))
        return
    names = [
        words.app(
            "quality.night",
            day=words.typed(words.day(night.day)),
            outcome=words.known("outcome", night.outcome),
        )
        for night, _ in past
    ]
    chosen = st.selectbox(words.app("quality.which"), range(len(past))[::-1], format_func=names.__getitem__)
    night, checks = past[chosen]
    _checks(words, checks)
    _rows_behind(words, night.run_id, checks)
    _history(words, past)
    _scores(words)


def light_of(check: Check) -> Light:
    """The light of one result."""
    return check_light(check["status"], check["severity"], known=bool(check.get("acknowledged")))


def _checks(words: Words, checks: Sequence[Check]) -> None:
    ordered = sorted(checks, key=lambda one: order_of(light_of(one), one["severity"], one["status"]))
    to_see = [one for one in ordered if light_of(one) in (Light.WARN, Light.ERROR)]
    passed = [one for one in ordered if one["status"] == "passed"]
    others = [one for one in ordered if one not in to_see and one not in passed]
    pieces.figures(
        [
            Figure(words.number(len(to_see)), words.app("quality.to_see"), words.app("quality.to_see_detail")),
            Figure(words.number(len(passed)), words("figure.checks"), ""),
            Figure(words.number(len(others)), words.app("quality.quiet"), words.app("quality.quiet_detail")),
        ]
    )
    if to_see:
        _table(words, words("checks.to_see"), to_see)
    else:
        pieces.message(Light.OK, words.app("quality.clean"))
    for name, told in (("quality.quiet_list", others), ("quality.passed_list", passed)):
        if told:
            with st.expander(words.app(name)):
                _table(words, words.app(name), told, tall=True)


def _table(words: Words, caption: str, checks: Iterable[Check], *, tall: bool = False) -> None:
    columns = [
        Column(words("checks.light")),
        Column(words("checks.title"), "wide"),
        Column(words("checks.observed"), "wide"),
        Column(words("checks.rows"), "num"),
        Column(words("checks.failing"), "num"),
        Column(words("checks.mend"), "wide"),
    ]
    pieces.table(caption, columns, (_row(words, one) for one in checks), tall=tall)


def _row(words: Words, check: Check) -> tuple[Text, ...]:
    mark = pieces.mark(light_of(check), words.known("status", check["status"]))
    severity = words.known("severity", check["severity"])
    speaks = check["status"] not in ("passed", "skipped")
    return (
        mark if severity == words.known("status", check["status"]) or not speaks else pieces.below(mark, severity),
        _named(words, check),
        _observed(words, check),
        words.number(check["rows"]),
        words.number(check["failing"]),
        _mend(check, words.language) if speaks else "–",
    )


def _observed(words: Words, check: Check) -> Markup:
    """What was seen and expected, with the first samples where what was seen does not name them."""
    seen = _shortened(check["observed"])
    samples = [one for one in check["samples"] if one.partition(" ")[0] not in check["observed"]][:SAMPLES]
    below = [words.app("quality.expected", expected=check["expected"])] if check["expected"] else []
    below += [_shortened(words.app("quality.samples", list=", ".join(samples)))] if samples else []
    return pieces.below(seen, Markup("<br>").join(below))


def _shortened(text: str) -> str:
    """The beginning of what names many; the file of the rows has them all."""
    return text if len(text) <= LONG else text[:LONG].rsplit(" ", 1)[0] + " …"


def _named(words: Words, check: Check) -> Markup:
    below = [check["file"] or words("checks.across")]
    below += [words("checks.since", day=words.day(check["first_seen"]))] if check.get("first_seen") else []
    below += [words("checks.known", because=check["acknowledged"])] if check.get("acknowledged") else []
    title = title_of(check, words.language)
    return pieces.below(title, Markup("<br>").join(below))


def title_of(check: Check, language: str) -> str:
    """The title in a language: a run tells it in its own, the declarations know both."""
    found = _declared(check["name"])
    if found is None:  # an older release had it
        return str(check["title"])
    part = check["name"].removeprefix(found.id).removeprefix(".")
    title = found.title.en if language == "en" else found.title.fr
    return title.replace("{column}", part)


def _mend(check: Check, language: str) -> str:
    found = _declared(check["name"])
    if found is None:
        return str(check["mend"])
    return found.mend.en if language == "en" else found.mend.fr


@cache
def _declarations() -> tuple[Declaration, ...]:
    return tuple(load_checks().checks)  # a tenth of a second to parse: once, not for each line of a table


@cache
def _declared(name: str) -> Declaration | None:
    """The check that gives a result, or None when it is no longer declared."""
    return next((one for one in _declarations() if name == one.id or name.startswith(f"{one.id}.")), None)


def _rows_behind(words: Words, run_id: str, checks: Sequence[Check]) -> None:
    """The offending rows, as a file: read from the archive when asked, not before."""
    failing = [
        one for one in checks if one["failing"] and one["file"] and one["status"] not in ("passed", "skipped")
    ]
    if not failing:
        return
    pieces.heading(words.app("quality.rows"), words.app("quality.rows_note", most=words.number(readings.ROWS)))
    titles = [
        f"{title_of(one, words.language)} – {one['file']} ({words.number(one['failing'])})" for one in failing
    ]
    chosen = st.selectbox(words.app("quality.result"), range(len(failing)), format_func=titles.__getitem__)
    check = failing[chosen]
    summary = readings.summary_of(run_id) or {}
    publication = (summary.get("publication") or {}).get("id", "")
    if st.button(words.app("quality.prepare")):
        try:
            content, lines = readings.rows_behind(publication, check["name"], check["file"])
        except RppsSyncError as error:
            pieces.message(Light.WARN, error.what, error.mend)
            return
        pieces.show(Markup("<p>{}</p>").format(words.count("app.quality.found", lines)))
        st.download_button(
            words.app("quality.download"),
            content,
            f"{publication}-{check['name']}.csv",
            "text/csv",
            on_click="ignore",
        )


def _history(words: Words, past: Sequence[tuple[Any, Sequence[Check]]]) -> None:
    """The checks that spoke in the last nights, a line each."""
    spoke: dict[tuple[str, str], int] = {}
    for _, checks in past:
        for one in checks:
            if light_of(one) in (Light.WARN, Light.ERROR):
                key = one["name"], one["file"]
                spoke[key] = spoke.get(key, 0) + 1
    if not spoke or len(past) < 2:
        return
    most = sorted(spoke, key=lambda key: (-spoke[key], key))[:SPOKE]
    pieces.heading(words.app("quality.history"), words.app("quality.history_note", n=words.number(len(past))))
    look, lights = Look(words, session.dark()), words.table("light")
    rows = list(_past_rows(words, past, most))
    colours = {lights[light.value]: _LIGHT_COLOURS[light] for light in Light}
    st.altair_chart(charts.strips(look, rows, colours, words.app("quality.history_note", n=len(past))))
    shown = {row["word"] for row in rows}
    pieces.legend({word: look.colour(name) for word, name in colours.items() if word in shown})


def _past_rows(
    words: Words, past: Sequence[tuple[Any, Sequence[Check]]], keys: Sequence[tuple[str, str]]
) -> Iterable[dict[str, str]]:
    for name, file in keys:
        for night, checks in past:
            found = next((one for one in checks if (one["name"], one["file"]) == (name, file)), None)
            if found is not None:
                yield {
                    "name": f"{title_of(found, words.language)} – {file}"
                    if file
                    else title_of(found, words.language),
                    "night": night.day.strftime("%d/%m"),
                    "word": words.table("light")[light_of(found).value],
                    "said": str(found["observed"]),
                }


def _scores(words: Words) -> None:
    scored = [one for one in readings.volumes(charts.MANY) if one.scores and one.seq is not None]
    pieces.heading(words.app("quality.scores"), words.app("quality.scores_note"))
    if not scored:
        pieces.message(Light.NONE, words.app("quality.no_scores"))
        return
    last = scored[-1].scores
    pieces.figures(
        Figure(words.percent(last.get(name)), words.app(f"dimension.{name}"))
        for name in DIMENSIONS
        if name in last
    )
    if len(scored) > 1:
        points = [Point(one.published_at.date(), one.scores["score"]) for one in scored]
        title = words.app("dimension.score")
        st.altair_chart(charts.trend(Look(words, session.dark()), points, title, title, unit="%"))
    part = st.selectbox(words.app("quality.by"), PARTS, format_func=lambda name: words.app(f"quality.{name}"))
    _scores_by(words, part, scored[-1].id)


def _scores_by(words: Words, part: str, publication: str) -> None:
    told = readings.scores_by(publication, part)
    labels = readings.labels_of("profession") if part == "professions" else {}
    columns = [
        Column(words.app(f"quality.{part}")),
        *(Column(words.app(f"dimension.{name}"), "num") for name in DIMENSIONS),
    ]
    rows = (
        (labels.get(group, group), *(words.percent(scores.get(name)) for name in DIMENSIONS))
        for group, scores in told.items()
    )
    pieces.table(words.app(f"quality.{part}"), columns, rows, tall=True)
