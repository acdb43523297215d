"""*Publications*: volumes and changes night after night, by profession and place; what moved between two days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboards import charts, pieces, readings, session
from dashboards.charts import Look, Part, Point
from dashboards.maps import departments
from dashboards.nights_shown import show_practitioners
from dashboards.pieces import Column, Text
from dashboards.wording import Words
from rpps_sync.directory.nights import Volume
from rpps_sync.quality.comparison import Gap
from rpps_sync.reporting.model import Light

BARS = 45  # nights of the bars
GROUPS = 40  # lines of a table of gaps
DIMENSIONS = ("profession", "department", "registration_authority")
MOVEMENTS = ("arrived", "changed", "departed")


def page() -> None:
    """Show it."""
    words = session.words()
    pieces.headline(words("app.page.publications"), words.app("publications.about"))
    every = readings.volumes(charts.MANY)
    accepted = [one for one in every if one.seq is not None]
    if not every:
        pieces.message(Light.NONE, words("headline.nothing_served"), words.app("morning.never_ran_mend"))
        return
    look = Look(words, session.dark())
    if len(accepted) > 1:
        _volumes(look, accepted)
        _movements(words, look, accepted[1:])
    elif accepted:
        pieces.message(Light.NONE, words("changes.first_load"), words("trend.alone"))
    if accepted:
        _by_group(words, look)
    if len(accepted) > 1:
        _difference(words, look, every)
    _ledger(words, every)


def _volumes(look: Look, accepted: Sequence[Volume]) -> None:
    points = [Point(one.published_at.date(), one.practitioners or 0) for one in accepted]
    show_practitioners(look, points)


def _movements(words: Words, look: Look, accepted: Sequence[Volume]) -> None:
    """The first publication is left out: everybody arrives with it."""
    pieces.heading(words("trend.changes"))
    shown = [one for one in accepted[-BARS:] if one.movement]
    parts = [
        Part(one.published_at.date().isoformat(), kind, words(f"changes.{kind}"), one.movement.get(kind, 0))
        for one in shown
        for kind in MOVEMENTS
    ]
    most = max((sum(one.movement.values()) for one in shown), default=0)
    st.altair_chart(charts.bars(look, parts, words("trend.changes_desc", most=words.number(most)), by_day=True))
    pieces.legend(charts.meaning(look, parts))
    with st.expander(words.app("chart.figures")):
        columns = [
            Column(words.app("chart.day")),
            *(Column(words(f"changes.{kind}"), "num") for kind in MOVEMENTS),
        ]
        rows = [
            (words.day(one.published_at.date()), *(words.number(one.movement.get(kind, 0)) for kind in MOVEMENTS))
            for one in reversed(shown)
        ]
        pieces.table(words("trend.changes"), columns, rows, tall=True)


def named(words: Words, dimension: str, group: str) -> str:
    """A group in words, beside its code."""
    if dimension == "profession":
        return readings.labels_of("profession").get(group, group)
    if dimension == "department":
        known = departments.names()
        return f"{known[group]} ({group})" if group in known else group
    return words("findings.no_authority") if not group.strip("/?") else group


def _by_group(words: Words, look: Look) -> None:
    """The lines of one profession, department or authority over time, and the map."""
    pieces.heading(words.app("publications.by_group"), words.app("publications.lines_note"))
    left, right = st.columns(2)
    dimension = left.selectbox(
        words.app("publications.dimension"), DIMENSIONS, format_func=lambda name: words.app(f"group.{name}")
    )
    past = readings.lines_by(dimension, charts.MANY)
    now = past[-1][1]
    if not now:
        pieces.message(Light.NONE, words.app("publications.no_lines"))
        return
    group = right.selectbox(
        words.app(f"group.{dimension}"), list(now), format_func=lambda code: named(words, dimension, code)
    )
    points = [Point(at.date(), counts.get(group, 0)) for at, counts in past]
    title = named(words, dimension, group)
    if len(points) > 1:
        st.altair_chart(charts.trend(look, points, words.app("publications.lines"), title))
    lines = readings.lines_by("department", 1)[-1][1]
    _map(words, look, lines, words.app("publications.map"), change=False)


def _map(words: Words, look: Look, values: Mapping[str, int], title: str, *, change: bool) -> None:
    pieces.heading(title)
    st.altair_chart(
        charts.map_of_departments(
            look, departments.shapes(), values, words.app("publications.lines"), title, change=change
        )
    )
    pieces.note(words.app("publications.map_source"))


def _difference(words: Words, look: Look, every: Sequence[Volume]) -> None:
    """Any two publications looked at, refused ones too."""
    pieces.heading(words.app("publications.difference"), words.app("publications.difference_note"))
    names = {one.id: _name(words, one) for one in reversed(every)}
    ids = list(names)
    served = [one.id for one in every if one.seq is not None]
    left, right = st.columns(2)
    before = left.selectbox(
        words.app("publications.before"), ids, index=ids.index(served[-2]), format_func=names.__getitem__
    )
    after = right.selectbox(
        words.app("publications.after"), ids, index=ids.index(served[-1]), format_func=names.__getitem__
    )
    found = readings.gaps_between(before, after)
    if not found:
        pieces.message(Light.OK, words.app("publications.same"))
        return
    moved = {gap.group: gap.change for gap in found if gap.dimension == "department"}
    if moved:
        _map(words, look, moved, words.app("publications.map_change"), change=True)
    for dimension in dict.fromkeys(gap.dimension for gap in found):
        _gaps(words, dimension, [gap for gap in found if gap.dimension == dimension])


def _gaps(words: Words, dimension: str, found: Sequence[Gap]) -> None:
    title = words.known("app.group", dimension)
    columns = [
        Column(title),
        Column(words.app("publications.before"), "num"),
        Column(words.app("publications.after"), "num"),
        Column(words.app("publications.gap"), "num"),
    ]
    rows = [
        (
            named(words, dimension, gap.group),
            words.number(gap.before),
            words.number(gap.after),
            words.signed(gap.change),
        )
        for gap in found[:GROUPS]
    ]
    with st.expander(words.app("publications.gaps_by", dimension=title, n=words.number(len(found)))):
        pieces.table(title, columns, rows, tall=True)


def _name(words: Words, one: Volume) -> str:
    status = "" if one.seq is not None else f" – {words.known('outcome', 'refused')}"
    return f"{words.typed(words.day(one.published_at.date()))} ({one.id.rpartition('-')[2]}){status}"


def _ledger(words: Words, every: Sequence[Volume]) -> None:
    columns = [
        Column(words.app("publications.id"), "day"),
        Column(words("publication.published_at"), "day"),
        Column(words("checks.light")),
        Column(words("trend.practitioners"), "num"),
        Column(words.app("dimension.score"), "num"),
    ]
    pieces.table(
        words.app("publications.ledger"), columns, [_line(words, one) for one in reversed(every)], tall=True
    )


def _line(words: Words, one: Volume) -> tuple[Text, ...]:
    served = one.seq is not None
    state = words.known("outcome", "published" if served else "refused")
    return (
        one.id,
        words.instant(one.published_at),
        pieces.mark(Light.OK if served else Light.ERROR, state),
        "–" if one.practitioners is None else words.number(one.practitioners),
        words.percent(one.scores.get("score")),
    )
