"""*Publications*: volumes and changes night after night, by profession and place; what moved between two days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st
from markupsafe import Markup

from dashboards import charts, pieces, readings, session
from dashboards.charts import Part, Point
from dashboards.choosing import choose
from dashboards.look import Look
from dashboards.maps import departments, drawing
from dashboards.moved_shown import movement, show_who_moved
from dashboards.nights_shown import show_practitioners
from dashboards.pieces import Column, Text
from dashboards.visitors import may
from dashboards.wording import Words
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.directory.nights import Volume
from rpps_sync.publication import ExtractKind
from rpps_sync.quality.comparison import Gap
from rpps_sync.reporting.model import Light

BARS = 45  # nights of the bars
GROUPS = 40  # lines of a table of gaps
_PERSONS = str(ExtractKind.PERSONNE_ACTIVITE)
DIMENSIONS: Mapping[str, Sequence[str]] = {  # by which the lines of each extract are counted
    _PERSONS: ("profession", "department", "registration_authority", "category", "mode", "sector"),
    str(ExtractKind.DIPL_AUTEXERC): ("diploma_type", "authorisation_type"),
    str(ExtractKind.SAVOIRFAIRE): ("skill_type", "profession", "category"),
    str(ExtractKind.MSSANTE): ("profession", "category"),
    str(ExtractKind.CARTES): ("card_type",),
}
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
    if may(KeyScope.AUDIT):
        show_who_moved(words, accepted)
    if accepted:
        _extracts(words)
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
    moves = readings.moves(BARS)
    shown = [
        replace(one, movement=moves.get(one.seq or 0, one.movement)) for one in accepted[-BARS:] if one.movement
    ]
    parts = [
        Part(one.published_at.date().isoformat(), kind, words(f"changes.{kind}"), one.movement.get(kind, 0))
        for one in shown
        for kind in MOVEMENTS
    ]
    most = max((sum(one.movement.values()) for one in shown), default=0)
    st.vega_lite_chart(charts.bars(look, parts, words("trend.changes_desc", most=words.number(most)), by_day=True))
    pieces.legend(charts.meaning(look, parts))
    with st.expander(words.app("chart.figures")):
        columns = [
            Column(words.app("chart.day")),
            *(Column(words(f"changes.{kind}"), "num") for kind in MOVEMENTS),
        ]
        rows = [
            (words.day(one.published_at.date()), *(movement(words, one, kind) for kind in MOVEMENTS))
            for one in reversed(shown)
        ]
        pieces.table(words("trend.changes"), columns, rows, tall=True)


def named(words: Words, dimension: str, group: str) -> str:
    """A group in words, beside its code."""
    if dimension == "extract":
        return words.known("app.extract", group)
    if dimension == "department":
        known = departments.names()
        return f"{known[group]} ({group})" if group in known else group
    if dimension != "registration_authority":
        return readings.labels_of(dimension).get(group) or group
    return words("findings.no_authority") if not group.strip("/?") else group


def _extracts(words: Words) -> None:
    """Each extract with what it holds and what moved in it since the publication before."""
    past = readings.extracts(charts.MANY)
    now, before = past[-1][1], past[-2][1] if len(past) > 1 else {}
    pieces.heading(words.app("publications.extracts"), words.app("publications.extracts_note"))
    names = ("lines", "gap", "practitioners", "moved", "duplicates", "quarantined")
    columns = [Column(words.app("group.extract")), *(Column(words.app(f"publications.{n}"), "num") for n in names)]
    pieces.table(
        words.app("publications.extracts"),
        columns,
        [_extract(words, kind, told, before.get(kind, {})) for kind, told in now.items()],
        titled=False,
    )


def _extract(words: Words, kind: str, told: Mapping[str, int], before: Mapping[str, int]) -> tuple[Text, ...]:
    def number(name: str) -> str:
        return words.number(told[name]) if name in told else "–"

    gap = words.signed(told["lines"] - before["lines"]) if "lines" in told and "lines" in before else "–"
    aside = number("quarantined")
    if told.get("quarantined") and may(KeyScope.AUDIT):
        aside = pieces.link("operations", words.language, aside)
    to_it = pieces.link("publications", words.language, words.known("app.extract", kind), extract=kind)
    return to_it, number("lines"), gap, number("practitioners"), number("moved"), number("duplicates"), aside


def _by_group(words: Words, look: Look) -> None:
    """The lines of one group of one extract over time; of the people's activities also the map."""
    pieces.heading(words.app("publications.by_group"), words.app("publications.lines_note"))
    places = st.columns(3)
    kinds = list(readings.extracts(charts.MANY)[-1][1])
    extract = choose(
        words.app("group.extract"), kinds, "extract", lambda one: words.known("app.extract", one), place=places[0]
    )
    dimension = choose(
        words.app("publications.dimension"),
        DIMENSIONS[extract],
        "by",
        lambda name: words.app(f"group.{name}"),
        place=places[1],
    )
    past = readings.lines_by(extract, dimension, charts.MANY)
    now = past[-1][1]
    if not now:
        pieces.message(Light.NONE, words.app("publications.no_lines"))
        return
    group = choose(
        words.app(f"group.{dimension}"),
        list(now),
        "group",
        lambda code: named(words, dimension, code),
        place=places[2],
    )
    title = named(words, dimension, group)
    told: Text = words.app("publications.group", name=title, n=words.number(now[group]))
    if extract == _PERSONS and dimension in ("profession", "department"):
        who = words.app("publications.who")
        told = Markup("{} {}").format(told, pieces.link("practitioner", words.language, who, **{dimension: group}))
    pieces.note(told)
    points = [Point(at.date(), counts.get(group, 0)) for at, counts in past]
    if len(points) > 1:
        st.vega_lite_chart(charts.trend(look, points, words.app("publications.lines"), title))
    if extract == _PERSONS:
        lines = readings.lines_by(_PERSONS, "department", 1)[-1][1]
        _map(words, look, lines, words.app("publications.map"), change=False)


def _map(words: Words, look: Look, values: Mapping[str, int], title: str, *, change: bool) -> None:
    pieces.heading(title)
    st.vega_lite_chart(
        drawing.map_of_departments(
            look, departments.shapes(), values, words.app("publications.lines"), title, change=change
        )
    )
    if not change:
        pieces.note(words.app("publications.map_source"))


def _difference(words: Words, look: Look, every: Sequence[Volume]) -> None:
    """Any two publications looked at, refused ones too."""
    pieces.heading(words.app("publications.difference"), words.app("publications.difference_note"))
    names = {one.id: _name(words, one) for one in reversed(every)}
    ids = list(names)
    served = [one.id for one in every if one.seq is not None]
    left, right = st.columns(2)
    before, after = (
        choose(
            words.app(f"publications.{side}"),
            ids,
            side,
            names.__getitem__,
            usual=ids.index(served[rank]),
            place=place,
        )
        for side, rank, place in (("before", -2, left), ("after", -1, right))
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
    with st.expander(words.count("app.publications.gaps_by", len(found), dimension=title)):
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
