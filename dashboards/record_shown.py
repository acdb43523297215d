"""The record of a practitioner on one day, as the support desk reads it out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from dashboards import pieces
from dashboards.pieces import Column, Text
from dashboards.wording import Words


def show_record(words: Words, record: Mapping[str, Any]) -> None:
    """Whose record it is, from which publication."""
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


def show_details(words: Words, record: Mapping[str, Any]) -> None:
    """What they may do, and where they do it."""
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
