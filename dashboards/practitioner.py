"""*Praticien*: search, the record today and on any day, its life, and where tokens disagree with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st
from markupsafe import Markup

from dashboards import pieces, readings, session
from dashboards.choosing import choose
from dashboards.findings_shown import show_findings
from dashboards.maps import departments
from dashboards.moments_shown import moments
from dashboards.pieces import Column, Text
from dashboards.record_shown import show_details, show_record
from dashboards.trust_shown import show_trust
from dashboards.visitors import may
from dashboards.wording import Words
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.errors import NotFound, RppsSyncError
from rpps_sync.identifiers import RPPS, RPPS_NUMBER
from rpps_sync.reporting.model import Light

FOUND = 20  # answers of one search


def page() -> None:
    """Show it."""
    words = session.words()
    pieces.headline(words("app.page.practitioner"), words.app("person.about"))
    if readings.served() is None:
        pieces.message(Light.NONE, words("headline.nothing_served"), words.app("morning.never_ran_mend"))
        return
    asked = _search_form(words)
    profession, department = (st.query_params.get(name, "") for name in ("profession", "department"))
    chosen = st.query_params.get("id", "")
    if (asked or profession or department) and not chosen:
        _filters(words, asked, profession, department)
        _answers(words, asked, profession, department)
    elif chosen:
        _person(words, _national_id(chosen))
    else:
        pieces.show(Markup('<p class="note">{}</p>').format(words.app("person.hint")))


def _search_form(words: Words) -> str:
    """What is searched; a new search leaves the record that was open."""
    with st.form("search", border=False):
        query, press = st.columns([5, 1], vertical_alignment="bottom")
        asked = query.text_input(words.app("person.query"), st.query_params.get("q", ""))
        pressed = press.form_submit_button(words.app("person.search"), type="primary", width="stretch")
    if pressed:
        st.query_params["q"] = asked.strip()
        for name in ("id", "day"):
            st.query_params.pop(name, None)
    return asked.strip()


def _national_id(typed: str) -> str:
    return RPPS + typed if RPPS_NUMBER.fullmatch(typed) else typed


def _filters(words: Words, asked: str, profession: str, department: str) -> None:
    """By what the answers are narrowed, and the way to all of them."""
    names = [readings.labels_of("profession").get(profession, profession), departments.names().get(department, "")]
    if any(names):
        everybody = pieces.link("practitioner", words.language, words.app("person.unfiltered"), q=asked)
        told = words.app("person.filtered", list=", ".join(filter(None, names)))
        pieces.note(Markup("{} {}").format(told, everybody))


def _answers(words: Words, asked: str, profession: str, department: str) -> None:
    try:
        told = readings.search(asked, profession, department, FOUND)
    except RppsSyncError as error:
        pieces.message(Light.WARN, error.what, error.mend)
        return
    audit = may(KeyScope.AUDIT)
    results = [one for one in told["results"] if audit or one["status"] != "departed"]
    if not results:
        pieces.message(Light.NONE, words.app("person.nobody"), words.app("person.nobody_mend"))
        return
    columns = [Column(words.app(f"person.{name}")) for name in ("name", "rpps", "professions", "skills", "places")]
    pieces.table(words.app("person.answers"), columns, (_answer(words, one, asked) for one in results))
    if told["more"]:
        pieces.show(Markup('<p class="note">{}</p>').format(words.app("person.more")))


def _answer(words: Words, one: Mapping[str, Any], asked: str) -> tuple[Text, ...]:
    def to(text: str) -> Markup:
        return pieces.link("practitioner", words.language, text, id=one["national_id"], q=asked)

    if one["status"] == "departed":
        labels = readings.labels_of("profession")
        gone = ", ".join(labels.get(code, code) for code in one["last_professions"])
        return to(words.app("person.departed")), one["rpps"], gone, "", words.day(one["departed_on"])
    places = dict.fromkeys(
        f"{place['postal_code']} {place['commune']['label']}".strip() or place["name"] for place in one["places"]
    )
    return (
        to(f"{one['family_name']} {one['given_name']}"),
        one["rpps"],
        ", ".join(item["label"] for item in one["professions"]),
        ", ".join(item["label"] for item in one["skills"]),
        ", ".join(list(places)[:3]),
    )


def _person(words: Words, national_id: str) -> None:
    """The record, and for those who may see the past and what tokens said, these too."""
    audit = may(KeyScope.AUDIT)
    try:
        today = readings.record(national_id, "")
    except NotFound:
        pieces.message(Light.WARN, words.app("person.unknown"), words.app("person.unknown_mend"))
        if audit:
            _disagreements(words, national_id)
        return
    if not audit:
        _of_today(words, national_id, today)
        return
    day = _day_asked(words)
    if day is None and today["status"] == "departed":
        _tombstone(words, today)
    else:
        _record_of(words, national_id, day)
    _disagreements(words, national_id)
    pieces.heading(words.app("person.life"), words.app("person.life_note"))
    moments(words, readings.timeline(national_id), (day.isoformat() if day else today["published_at"][:10]))


def _of_today(words: Words, national_id: str, today: Mapping[str, Any]) -> None:
    """What is open to all who may read: of somebody who left, that they did."""
    if today["status"] == "departed":
        pieces.message(Light.ERROR, words.app("person.gone"), words.app("person.gone_more"))
    else:
        _record_of(words, national_id, None)


def _record_of(words: Words, national_id: str, day: date | None) -> None:
    """The record of a day, or that there was none."""
    try:
        shown = readings.record(national_id, day.isoformat() if day else "")
    except NotFound:
        shown = {"status": "departed"}
    if shown["status"] == "departed":  # not yet there, or gone for a while
        pieces.message(Light.NONE, words.app("person.not_there", day=words.day(day)))
    else:
        show_record(words, shown)
        tokens = may(KeyScope.AUDIT)
        asked = day.isoformat() if day else ""
        show_trust(words, readings.freshness_of(national_id, asked, words.language, tokens), whole=day is None)
        show_details(words, shown)


def _day_asked(words: Words) -> date | None:
    """On which day the record is wanted, among those of publications; None for today's."""
    days = ["", *(day.isoformat() for day in sorted(readings.publication_days()[:-1], reverse=True))]

    def named(day: str) -> str:
        return words.typed(words.day(day)) if day else words.app("person.as_of_today")

    chosen = choose(words.app("person.as_of"), days, "day", named)
    return date.fromisoformat(chosen) if chosen else None


def _tombstone(words: Words, record: Mapping[str, Any]) -> None:
    labels = readings.labels_of("profession")
    professions = ", ".join(labels.get(code, code) for code in record["last_professions"])
    pieces.message(
        Light.ERROR,
        words.app(
            "person.left", rpps=record["rpps"] or record["national_id"], day=words.day(record["departed_on"])
        ),
        words.app("person.left_more", professions=professions or "–"),
    )


def _disagreements(words: Words, national_id: str) -> None:
    found = readings.findings_of(national_id)
    pieces.heading(words.app("person.tokens"))
    if not found:
        observed = readings.was_judged(national_id)
        key = "person.agrees" if observed else "person.never_observed"
        pieces.message(Light.OK if observed else Light.NONE, words.app(key))
        return
    show_findings(words, found, words.app("person.tokens_caption"), of_one_person=True)
