"""*Qualité*: the checks of a night from left to right, their past, the scores, and the rows behind a result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import streamlit as st
from markupsafe import Markup

from dashboards import calendars, charts, pieces, readings, session
from dashboards.actions import acknowledge_check
from dashboards.charts import Point
from dashboards.checks_told import Check, light_of, mend_of, title_of
from dashboards.choosing import choose
from dashboards.look import Look
from dashboards.pieces import Column, Figure, Text
from dashboards.visitors import may
from dashboards.wording import Words
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.errors import RppsSyncError
from rpps_sync.reporting.lights import order_of
from rpps_sync.reporting.model import Light

NIGHTS = 30
SPOKE = 25  # checks whose past is shown
SAMPLES = 3
LONG = 150  # characters of what was seen
DIMENSIONS = ("score", "completeness", "validity", "uniqueness", "consistency", "timeliness")
PARTS = ("extracts", "professions", "authorities")
_LIGHT_COLOURS = {Light.OK: "ok", Light.WARN: "warn", Light.ERROR: "error", Light.NONE: "none"}


def page() -> None:
    """Show it."""
    words = session.words()
    pieces.headline(words("app.page.quality"), words.app("quality.about"))
    past = readings.check_results(NIGHTS)
    if not past:
        pieces.message(Light.NONE, words("checks.none"), words.app("morning.never_ran_mend"))
        return
    by_run = {night.run_id: (night, checks) for night, checks in reversed(past)}

    def named(run_id: str) -> str:
        night = by_run[run_id][0]
        day, outcome = words.typed(words.day(night.day)), words.known("outcome", night.outcome)
        return words.app("quality.night", day=day, outcome=outcome)

    run_id = choose(words.app("quality.which"), list(by_run), "run", named)
    _, checks = by_run[run_id]
    if not may(KeyScope.AUDIT):  # samples may hold identifiers of people
        _checks(words, run_id, [{**one, "samples": ()} for one in checks])
    else:
        follows = bool(st.query_params.get("check"))  # who follows a figure wants the rows behind it
        if follows:
            _rows_behind(words, run_id, checks)
        _checks(words, run_id, checks)
        if not follows:
            _rows_behind(words, run_id, checks)
    if run_id == past[-1][0].run_id:
        _known(words, checks)
    _history(words, past)
    _scores(words)


def _checks(words: Words, run_id: str, checks: Sequence[Check]) -> None:
    ordered = sorted(checks, key=lambda one: order_of(light_of(one), one["severity"], one["status"]))
    to_see = [one for one in ordered if light_of(one) in (Light.WARN, Light.ERROR)]
    passed = [one for one in ordered if one["status"] == "passed"]
    others = [one for one in ordered if one not in to_see and one not in passed]

    def to(show: str) -> str:
        return pieces.address("quality", words.language, run=run_id, show=show)

    seen, quiet = words.app("quality.to_see"), words.app("quality.quiet")
    pieces.figures(
        [
            Figure(words.number(len(to_see)), seen, words.app("quality.to_see_detail")),
            Figure(words.number(len(passed)), words("figure.checks"), "", to("passed")),
            Figure(words.number(len(others)), quiet, words.app("quality.quiet_detail"), to("quiet")),
        ]
    )
    if to_see:
        _table(words, words("checks.to_see"), run_id, to_see)
    else:
        pieces.message(Light.OK, words.app("quality.clean"))
    for name, told in (("quiet", others), ("passed", passed)):
        if told:
            with st.expander(words.app(f"quality.{name}_list"), expanded=st.query_params.get("show") == name):
                _table(words, words.app(f"quality.{name}_list"), run_id, told, tall=True)


def _table(words: Words, caption: str, run_id: str, checks: Iterable[Check], *, tall: bool = False) -> None:
    columns = [
        Column(words("checks.light")),
        Column(words("checks.title"), "wide"),
        Column(words("checks.observed"), "wide"),
        Column(words("checks.rows"), "num"),
        Column(words("checks.failing"), "num"),
        Column(words("checks.mend"), "wide"),
    ]
    audit = may(KeyScope.AUDIT)
    pieces.table(caption, columns, (_row(words, run_id, one, audit=audit) for one in checks), tall=tall)


def _row(words: Words, run_id: str, check: Check, *, audit: bool) -> tuple[Text, ...]:
    mark = pieces.mark(light_of(check), words.known("status", check["status"]))
    severity = words.known("severity", check["severity"])
    speaks = check["status"] not in ("passed", "skipped")
    failing: Text = words.number(check["failing"])
    if audit and _has_rows(check):
        failing = pieces.link("quality", words.language, failing, run=run_id, check=_key(check))
    return (
        mark if severity == words.known("status", check["status"]) or not speaks else pieces.below(mark, severity),
        _named(words, check),
        _observed(words, check),
        words.number(check["rows"]),
        failing,
        mend_of(check, words.language) if speaks else "–",
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


def _has_rows(check: Check) -> bool:
    return bool(check["failing"] and check["file"] and check["status"] not in ("passed", "skipped"))


def _key(check: Check) -> str:
    """A result in an address."""
    return f"{check['name']}@{check['file']}"


def _rows_behind(words: Words, run_id: str, checks: Sequence[Check]) -> None:
    """The offending rows, the first ones here and all as a file: read from the archive when asked, not before."""
    failing = {_key(one): one for one in checks if _has_rows(one)}
    if not failing:
        return
    pieces.heading(words.app("quality.rows"), words.app("quality.rows_note", most=words.number(readings.ROWS)))

    def named(key: str) -> str:
        one = failing[key]
        return f"{title_of(one, words.language)} – {one['file']} ({words.number(one['failing'])})"

    wanted = st.query_params.get("check", "")
    check = failing[choose(words.app("quality.result"), list(failing), "check", named)]
    if not st.button(words.app("quality.prepare")) and wanted != _key(check):
        return
    publication = ((readings.summary_of(run_id) or {}).get("publication") or {}).get("id", "")
    try:
        with st.spinner(words.app("quality.reading")):
            content, lines, first = readings.rows_behind(publication, check["name"], check["file"])
    except RppsSyncError as error:
        pieces.message(Light.WARN, error.what, error.mend)
        return
    pieces.show(Markup("<p>{}</p>").format(words.count("app.quality.found", lines)))
    name = f"{publication}-{check['name']}.csv"
    st.download_button(words.app("quality.download"), content, name, "text/csv", on_click="ignore")
    if first:
        columns = [Column(title) for title in first[0]]
        pieces.table(words.app("quality.first_rows"), columns, [[*one.values()] for one in first], tall=True)


def _known(words: Words, checks: Sequence[Check]) -> None:
    """Say that a warning of the last night is no news, for those who may act."""
    warnings = [one for one in checks if light_of(one) is Light.WARN and one["severity"] != "blocking"]
    if not warnings or not may(KeyScope.ADMIN):
        return
    with st.expander(words.app("ack_check.title")):
        titles = [f"{title_of(one, words.language)} – {one['file'] or words('checks.across')}" for one in warnings]
        number = st.selectbox(words.app("ack_check.which"), range(len(warnings)), format_func=titles.__getitem__)
        acknowledge_check(words, warnings[number]["name"], warnings[number]["file"])


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
    st.vega_lite_chart(calendars.strips(look, rows, colours, words.app("quality.history_note", n=len(past))))
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
        st.vega_lite_chart(charts.trend(Look(words, session.dark()), points, title, title, unit="%"))
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
