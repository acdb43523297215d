"""Practitioner: who somebody is, their professions, savoir-faire, diplomas, cards and mailboxes."""

from __future__ import annotations

from datetime import date

from rpps_sync.fhir.codings import Codings
from rpps_sync.fhir.elements import Json, Stamp, filled, head, identifier, mailboxes
from rpps_sync.fhir.naming import IDNPS, PRACTITIONER, RPPS, SMARTCARD, practitioner_id
from rpps_sync.identifiers import rpps_of
from rpps_sync.practitioner import Card, Exercise, Practitioner


def practitioner(document: Practitioner, stamp: Stamp, codings: Codings) -> Json:
    """The resource of somebody who is in the directory (profile ``as-dp-practitioner``)."""
    authorities = {item.registration_authority for one in document.exercises for item in one.activities}
    authority = authorities.pop() if len(authorities) == 1 else ""
    beginning = head(
        PRACTITIONER, practitioner_id(document.national_id), stamp, system="RPPS", authority=authority
    )
    return filled(
        {
            **beginning,
            "extension": [_card(card, codings) for card in document.cards if not card.opposed_on],
            "identifier": _identifiers(document.national_id),
            "active": True,
            "name": _names(document),
            "telecom": mailboxes(document.mailboxes, "PER", codings),
            "qualification": [*_diplomas(document, codings), *_exercises(document, codings)],
        }
    )


def departed(national_id: str, stamp: Stamp) -> Json:
    """The resource of somebody who left: identifiers, and that it is no longer active."""
    beginning = head(PRACTITIONER, practitioner_id(national_id), stamp, system="RPPS")
    return {**beginning, "identifier": _identifiers(national_id), "active": False}


def _identifiers(national_id: str) -> list[Json]:
    """The national identifier, and the RPPS number of those who have one: an ADELI number is none."""
    rpps = rpps_of(national_id)
    told = [identifier(IDNPS, national_id, "IDNPS")]
    return [*told, identifier(RPPS, rpps, "RPPS")] if rpps else told


def _names(document: Practitioner) -> list[Json]:
    suffixes = sorted({one.exercise_civility for one in document.exercises} - {""})
    name = filled(
        {
            "use": "usual",
            "family": document.family_name,
            "given": [document.given_name] if document.given_name else [],
            "prefix": [document.civility] if document.civility else [],
            "suffix": suffixes,
        }
    )
    return [name] if len(name) > 1 else []


def _diplomas(document: Practitioner, codings: Codings) -> list[Json]:
    return [
        {"code": codings.concept(("diploma", item.code, item.type), ("diploma_type", item.type))}
        for item in document.diplomas
        if item.code or item.type
    ]


def _exercises(document: Practitioner, codings: Codings) -> list[Json]:
    """Professions with their category, each followed by its savoir-faire."""
    return [told for one in document.exercises for told in _exercise(one, codings)]


def _exercise(exercise: Exercise, codings: Codings) -> list[Json]:
    told = [("profession", exercise.profession), ("category", exercise.category)]
    skills = [
        {"code": codings.concept(("skill", item.code, item.type), ("skill_type", item.type))}
        for item in exercise.skills
        if item.code or item.type
    ]
    return [{"code": codings.concept(*told)}, *skills] if any(code for _, code in told) else skills


def _card(card: Card, codings: Codings) -> Json:
    told: list[Json] = []
    if card.type:
        told.append({"url": "type", "valueCodeableConcept": codings.concept(("card_type", card.type))})
    told.append({"url": "number", "valueString": card.number})
    if period := filled({"start": _day(card.valid_from), "end": _day(card.valid_until)}):
        told.append({"url": "period", "valuePeriod": period})
    return {"url": SMARTCARD, "extension": told}


def _day(published: str) -> str:
    """A day in ISO form, also from ``31/12/2026`` and from an instant; empty when it is none."""
    text = published.strip()[:10]
    if len(text) == 10 and text[2] == text[5] == "/":
        text = f"{text[6:]}-{text[3:5]}-{text[:2]}"
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""
