"""*Jetons PSC*: verdicts, delays, lists to hand over, and each finding with its evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from dashboards import pieces, readings, session
from dashboards.actions import acknowledge_finding
from dashboards.charts import Part, bars, meaning
from dashboards.choosing import choose
from dashboards.findings_shown import show_finding, show_findings
from dashboards.look import Look
from dashboards.pieces import Column, Figure
from dashboards.wording import Words
from rpps_sync.directory.findings import Filters
from rpps_sync.errors import NotFound
from rpps_sync.finding import FindingStatus, Verdict
from rpps_sync.reporting.lights import READING_ORDER, verdict_light
from rpps_sync.reporting.model import Light

_NARROWS = ("list", "verdict", "field", "source", "authority", "status")  # parameters that ask for the list
PER_PAGE = 50
GROUPS = 15  # bars of one chart
GROUPINGS = ("source", "field", "registration_authority")
_FILTER = {"registration_authority": "authority"}  # its name in the address, where it is another
_COLOURS = {
    Verdict.DEPARTED_PRACTITIONER: "error",
    Verdict.UNKNOWN_PRACTITIONER: "departed",
    Verdict.CONFLICT: "warn",
    Verdict.DIRECTORY_STALE: "line",
    Verdict.TOKEN_STALE: "arrived",
    Verdict.PENDING: "none",
}


def page() -> None:
    """Show it: one finding when the address names one, else all of them."""
    words = session.words()
    pieces.headline(words("app.page.tokens"), words.app("tokens.about"))
    if chosen := st.query_params.get("finding"):
        _one(words, chosen)
        return
    people, verdicts = readings.judged()
    if not people:
        pieces.message(Light.NONE, words("findings.nothing_observed"), words.app("tokens.how_to_observe"))
        return
    standing = readings.standing_by_verdict()
    fields = sum(verdicts.values())
    pieces.figures(
        [
            Figure(words.number(people), words.app("tokens.people"), words.app("tokens.people_detail")),
            Figure(
                words.percent(verdicts.get(Verdict.CONSISTENT, 0) / fields if fields else None),
                words.app("tokens.agree"),
                words.app("tokens.agree_detail", n=words.number(fields)),
            ),
            Figure(
                words.number(sum(standing.values())),
                words("figure.findings"),
                link=pieces.address("tokens", words.language, list="1"),
            ),
        ]
    )
    follows = any(name in st.query_params for name in _NARROWS)
    if st.session_state.setdefault("findings first", follows):  # as it was come to: no filter moves the list
        _findings(words)  # who follows a figure wants the rows behind it
        _verdicts(words, dict(standing))
        _groups(words)
    else:
        _verdicts(words, dict(standing))
        _groups(words)
        _findings(words)
    _delays(words)
    _worklists(words)


def _one(words: Words, finding_id: str) -> None:
    pieces.show(pieces.link("tokens", words.language, words.app("tokens.back")))
    try:
        finding, name, events = readings.finding(finding_id)
    except NotFound:
        pieces.message(Light.WARN, words.app("tokens.no_finding"))
        return
    show_finding(words, finding, name, events)
    if finding.status is FindingStatus.OPEN:
        acknowledge_finding(words, finding)


def _verdicts(words: Words, standing: dict[str, int]) -> None:
    columns = [
        Column(words("findings.verdict")),
        Column(words("findings.count"), "num"),
        Column(words("findings.meaning"), "wide"),
    ]
    order = sorted(standing, key=lambda verdict: (READING_ORDER.index(verdict_light(verdict)), -standing[verdict]))
    rows = [
        (
            pieces.mark(verdict_light(verdict), words.known("verdict", verdict)),
            pieces.link("tokens", words.language, words.number(standing[verdict]), verdict=verdict),
            words.known("meaning", verdict),
        )
        for verdict in order
    ]
    if rows:
        pieces.table(words("findings.by_verdict"), columns, rows)
    else:
        pieces.message(Light.OK, words.app("morning.nothing_asked"))


def _groups(words: Words) -> None:
    pieces.heading(words.app("tokens.groups"))
    by = choose(words.app("tokens.by"), GROUPINGS, "by", lambda name: words.app(f"group.{name}"))
    told = readings.tallies(by)
    if not told:
        return
    totals: dict[str, int] = {}
    for one in told:
        totals[one.group] = totals.get(one.group, 0) + one.findings
    most = sorted(totals, key=lambda group: (-totals[group], group))[:GROUPS]
    order = list(_COLOURS)
    parts = [
        Part(
            _group(words, by, one.group),
            _COLOURS[Verdict(one.verdict)],
            words.known("verdict", one.verdict),
            one.findings,
        )
        for one in sorted(told, key=lambda one: order.index(Verdict(one.verdict)))
        if one.group in most
    ]
    parts.sort(key=lambda part: -totals.get(part.group, 0))
    look = Look(words, session.dark())
    st.vega_lite_chart(bars(look, parts, words.app("tokens.groups")))
    pieces.legend(meaning(look, parts))
    with st.expander(words.app("chart.figures")):
        columns = [
            Column(words.app(f"group.{by}")),
            Column(words("findings.verdict")),
            Column(words("findings.count"), "num"),
        ]
        rows = (
            (
                _group(words, by, one.group),
                words.known("verdict", one.verdict),
                pieces.link(
                    "tokens",
                    words.language,
                    words.number(one.findings),
                    **{_FILTER.get(by, by): one.group, "verdict": one.verdict},
                ),
            )
            for one in told
        )
        pieces.table(words.app("tokens.groups"), columns, rows, tall=True)


def _group(words: Words, by: str, group: str) -> str:
    if by == "field":
        return words.known("field", group)
    return group if group.strip("/?") else words("findings.no_authority")


def _findings(words: Words) -> None:
    """The list, filtered and by the page: read from the database fifty at a time."""
    pieces.heading(words.app("tokens.list"))
    every = words.app("tokens.every")
    groups = {by: sorted({one.group for one in readings.tallies(by)}) for by in GROUPINGS}
    places = st.columns(5)

    def filtered(label: str, options: Sequence[str], name: str, said: Callable[[str], str], place: int) -> str:
        asked = st.query_params.get(name, "")
        known = [*options, asked] if asked and asked not in options else options
        return choose(label, ["", *known], name, lambda one: said(one) if one else every, place=places[place])

    verdict = filtered(
        words("findings.verdict"), [*map(str, _COLOURS)], "verdict", partial(words.known, "verdict"), 0
    )
    field = filtered(words("findings.field"), groups["field"], "field", partial(words.known, "field"), 1)
    source = filtered(words.app("finding.source"), groups["source"], "source", str, 2)
    authority = filtered(words.app("person.authority"), groups["registration_authority"], "authority", str, 3)
    status = choose(
        words.app("finding.status"),
        ["", *map(str, FindingStatus)],
        "status",
        lambda one: words.known("app.finding_status", one) if one else words.app("tokens.standing"),
        place=places[4],
    )
    filters = Filters(
        verdicts=(Verdict(verdict),) if verdict in _COLOURS else (),
        field=field,
        source=source,
        status=FindingStatus(status) if status else None,
        authority=authority,
    )
    total, _ = readings.findings_page(filters, 0, 0)
    if not total:
        pieces.message(Light.NONE, words.app("tokens.none_found"))
        return
    pages = -(-total // PER_PAGE)
    number = st.number_input(words.app("tokens.page", pages=words.number(pages)), 1, pages) if pages > 1 else 1
    _, found = readings.findings_page(filters, PER_PAGE, (number - 1) * PER_PAGE)
    show_findings(words, found, words.count("app.tokens.found", total))


def _delays(words: Words) -> None:
    pieces.heading(words("lags.caption"), words("lags.note"))
    by = st.selectbox(
        words.app("tokens.by"),
        ("field", "source"),
        format_func=lambda name: words.app(f"group.{name}"),
        key="delays",
    )
    names = ("caught_up", "running", "median", "p90")
    columns = [
        Column(words.app(f"group.{by}")),
        Column(words("lags.side")),
        *(Column(words(f"lags.{name}"), "num") for name in names),
    ]
    rows = [
        (
            _group(words, by, one.group),
            words.known("lags", one.side),
            words.number(one.caught_up),
            words.number(one.running),
            "–" if one.median_days is None else words.number(one.median_days),
            "–" if one.p90_days is None else words.number(one.p90_days),
        )
        for one in readings.delays(by)
    ]
    if rows:
        pieces.table(words("lags.caption"), columns, rows, tall=True, titled=False)
    else:
        pieces.message(Light.NONE, words.app("tokens.no_delay"))


def _worklists(words: Words) -> None:
    """Made when asked: every standing finding is read for it."""
    pieces.heading(words.app("tokens.worklists"), words.app("tokens.worklists_note"))
    recipient = st.selectbox(
        words.app("tokens.recipient"),
        ("authority", "application"),
        format_func=lambda name: words.app(f"tokens.{name}"),
    )
    if not st.button(words.app("tokens.prepare")):
        return
    lists = readings.worklist_files(recipient, words.language)
    if not lists:
        pieces.message(Light.OK, words.app("tokens.no_worklist"))
    for name, lines, advice, file_name, content in lists:
        pieces.show(
            pieces.paragraph(
                words.count("app.tokens.worklist", lines, name=name or words("findings.no_authority")), advice
            )
        )
        st.download_button(
            words.app("tokens.download", file=file_name),
            content,
            file_name,
            "text/csv",
            on_click="ignore",
            key=file_name,
        )
