"""*Praticien*: search, the record today and on any day, its life, and where tokens disagree with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st
from markupsafe import Markup

from dashboards import pieces, readings, session
from dashboards.findings_shown import show_findings
from dashboards.moments_shown import moments
from dashboards.pieces import Column, Text
from dashboards.wording import Words
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
    chosen = st.query_params.get("id", "")
    if asked and not chosen:
        _answers(words, asked)
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
        st.query_params.pop("id", None)
    return asked.strip()


def _national_id(typed: str) -> str:
    return RPPS + typed if RPPS_NUMBER.fullmatch(typed) else typed


def _answers(words: Words, asked: str) -> None:
    try:
        told = readings.search(asked, FOUND)
    except RppsSyncError as error:
        pieces.message(Light.WARN, error.what, error.mend)
        return
    results = told["results"]
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
    try:
        today = readings.record(national_id, "")
    except NotFound as error:
        pieces.message(Light.WARN, words.app("person.unknown"), error.mend)
        _disagreements(words, national_id)
        return
    if today["status"] == "departed":
        _tombstone(words, today)
        _disagreements(words, national_id)
        return
    day = _day_asked(words)
    _record_of(words, national_id, day)
    _disagreements(words, national_id)
    pieces.heading(words.app("person.life"), words.app("person.life_note"))
    moments(words, readings.timeline(national_id), (day.isoformat() if day else today["published_at"][:10]))


def _record_of(words: Words, national_id: str, day: date | None) -> None:
    """The record of a day, or that there was none."""
    try:
        shown = readings.record(national_id, day.isoformat() if day else "")
    except NotFound:
        shown = {"status": "departed"}
    if shown["status"] == "departed":  # not yet there, or gone for a while
        pieces.message(Light.NONE, words.app("person.not_there", day=words.day(day)))
    else:
        _record(words, shown)


def _day_asked(words: Words) -> date | None:
    """On which day the record is wanted, among those of publications; None for today's."""
    days: list[date | None] = [None, *sorted(readings.publication_days()[:-1], reverse=True)]
    return st.selectbox(
        words.app("person.as_of"),
        days,
        format_func=lambda day: words.typed(words.day(day)) if day else words.app("person.as_of_today"),
    )


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


def _record(words: Words, record: Mapping[str, Any]) -> None:
    civility = record["civility"]["label"]
    name = f"{record['given_name']} {record['family_name']}"
    pieces.heading(
        name, words.app("person.published", id=record["publication"], day=words.day(record["published_at"]))
    )
    pieces.facts(
        {
            words.app("person.rpps"): Markup("<code>{}</code>").format(record["rpps"] or record["national_id"]),
            words.app("person.civility"): civility,
            words.app("person.known_since"): words.day(record["known_since"]),
            words.app("person.last_changed"): words.day(record["last_changed"]),
            words.app("person.held_since"): words.day(record["held_since"]) if record["held_since"] else "",
        }
    )
    for exercise in record["exercises"]:
        _exercise(words, exercise)
    _others(words, record)


def _exercise(words: Words, exercise: Mapping[str, Any]) -> None:
    title = f"{exercise['profession']['label']} ({exercise['category']['label'].lower()})"
    skills = ", ".join(skill["label"] for skill in exercise["skills"])
    pieces.show(
        Markup("<h3>{}</h3>").format(title),
        Markup("<p>{}</p>").format(words.app("person.with_skills", skills=skills)) if skills else Markup(""),
    )
    columns = [
        Column(words.app("person.structure"), "wide"),
        Column(words.app("person.address"), "wide"),
        Column(words.app("person.activity"), "wide"),
        Column(words.app("person.contact")),
        Column(words.app("person.authority")),
    ]
    if exercise["activities"]:
        rows = (_activity(words, activity) for activity in exercise["activities"])
        pieces.table(words.app("person.activities"), columns, rows)
    else:
        pieces.show(Markup('<p class="note">{}</p>').format(words.app("person.no_activity")))


def _activity(words: Words, activity: Mapping[str, Any]) -> tuple[Text, ...]:
    what = ", ".join(
        activity[name]["label"] for name in ("mode", "sector", "role", "kind") if activity[name]["label"]
    )
    place = activity["structure"]
    authority = activity["registration_authority"]
    if place is None:
        return words.app("person.no_structure"), "", what, "", authority
    ids = [
        f"FINESS {place['finess']}" if place["finess"] else "",
        f"SIRET {place['siret']}" if place["siret"] else "",
    ]
    named = place["name"] or place["trade_name"] or place["technical_id"] or words.app("person.unnamed")
    below = Markup('<br><span class="soft">{}</span>').format(", ".join(filter(None, ids)))
    contact = Markup("<br>").join(filter(None, (*place["phones"], place["email"])))
    return (
        Markup("{}{}").format(named, below if any(ids) else ""),
        _address(place["address"]),
        what,
        contact,
        authority,
    )


def _address(address: Mapping[str, Any]) -> Markup:
    street = " ".join(
        filter(
            None,
            (
                address["street_number"],
                address["street_repetition"],
                address["street_type"]["label"],
                address["street"],
            ),
        )
    )
    town = " ".join(filter(None, (address["postal_code"], address["commune"]["label"] or address["cedex"])))
    country = address["country"]["label"]
    lines = (street, address["location"], town, "" if country.upper() == "FRANCE" else country)
    return Markup("<br>").join(filter(None, lines))


def _others(words: Words, record: Mapping[str, Any]) -> None:
    told = {
        words.app("person.diplomas"): "; ".join(item["label"] or item["code"] for item in record["diplomas"]),
        words.app("person.mailboxes"): ", ".join(item["address"] for item in record["mailboxes"]),
        words.app("person.cards"): "; ".join(_cards(words, record["cards"])),
        words.app("person.authorisations"): "; ".join(
            f"{item['type']['label']} {item['discipline']['label']}".strip() for item in record["authorisations"]
        ),
    }
    if any(told.values()):
        pieces.facts(told)


def _cards(words: Words, cards: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for card in cards:
        kind = card["type"]["label"] or card["type"]["code"]
        yield words.app("person.card", type=kind, until=_day_or_text(words, card["valid_until"]))


def _day_or_text(words: Words, text: str) -> str:
    """A day in words, or the text as published when it is none."""
    try:
        return words.day(text)
    except ValueError:
        return text


def _disagreements(words: Words, national_id: str) -> None:
    found = readings.findings_of(national_id)
    pieces.heading(words.app("person.tokens"))
    if not found:
        observed = readings.was_judged(national_id)
        key = "person.agrees" if observed else "person.never_observed"
        pieces.message(Light.OK if observed else Light.NONE, words.app(key))
        return
    show_findings(words, found, words.app("person.tokens_caption"), of_one_person=True)
