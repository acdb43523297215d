"""What is told of the people a search finds: who they are, what they do, where, and why they are there."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from rpps_sync.departments import department_of
from rpps_sync.directory import documents
from rpps_sync.directory.labels import Wordings
from rpps_sync.directory.lookup import lookup
from rpps_sync.directory.search.filters import Filters
from rpps_sync.directory.search.finding import Found, Wanted, find
from rpps_sync.directory.search.matching import Match
from rpps_sync.directory.served import Served, served
from rpps_sync.errors import NotFound, UsageError
from rpps_sync.identifiers import national_id_of, rpps_of
from rpps_sync.practitioner import Practitioner, Structure

_IDENTIFIER = re.compile(r"[0-9](?:[\s.\-]?[0-9AB]){9,12}", re.IGNORECASE)


def search(connection: Connection, wanted: Wanted, *, limit: int = 20, skip: int = 0) -> dict[str, Any]:
    """Who answers, the best first; a text that is an identifier finds its owner, departed ones included.

    Returns:
        ``results`` (one document each, with ``reasons``), ``more`` (others answer too), ``complete`` (False: so
        many answer that not all were ranked), and the publication.

    Raises:
        UsageError: nothing is asked, a filter means nothing, or an identifier is mistyped.
        NotFound: the directory holds no publication.
    """
    now = served(connection)
    if _IDENTIFIER.fullmatch(wanted.text.strip()):
        return {"results": _bearer(connection, now, wanted), "more": False, "complete": True} | now.about
    found = find(connection, wanted, limit=limit, skip=skip)
    told = _told(connection, found, now.labels)
    return {"results": told, "more": found.more, "complete": found.complete} | now.about


def _bearer(connection: Connection, now: Served, wanted: Wanted) -> list[dict[str, Any]]:
    """The practitioner, or the tombstone, of an identifier: nobody, when no publication contained it."""
    national_id = national_id_of(wanted.text)
    if replace(wanted, text="") != Wanted(filters=Filters()):
        raise UsageError(
            "an identifier means one practitioner: names and filters beside it say nothing more",
            mend="leave them out, or search without the identifier",
            reason="identifier-and-filters",
        )
    try:
        told = lookup(connection, national_id)
    except NotFound:
        return []
    if told["status"] == "departed":
        return [{name: value for name, value in told.items() if name not in now.about}]
    document = documents.load(connection, [national_id])[national_id]
    reason = {"typed": wanted.text, "matched": national_id, "field": "national_id", "how": "exact"}
    return [_summary(document, now.labels) | {"reasons": [reason]}]


def _told(connection: Connection, found: Found, words: Wordings) -> list[dict[str, Any]]:
    people = documents.load(connection, [match.names.national_id for match in found.matches])
    return [
        _summary(people[match.names.national_id], words) | {"reasons": _reasons(match)} for match in found.matches
    ]


def _reasons(match: Match) -> list[dict[str, str]]:
    return [
        {"typed": one.typed, "matched": one.matched, "field": one.field, "how": one.how.name.lower()}
        for one in match.reasons
    ]


def _summary(practitioner: Practitioner, words: Wordings) -> dict[str, Any]:
    def coded(system: str, code: str) -> dict[str, str]:
        return {"code": code, "label": words.label(system, code)}

    exercises = practitioner.exercises
    places = {item.structure for one in exercises for item in one.activities} - {documents.NO_PLACE}
    return {
        "national_id": practitioner.national_id,
        "rpps": rpps_of(practitioner.national_id),
        "status": "active",
        "family_name": practitioner.family_name,
        "given_name": practitioner.given_name,
        "civility": coded("civility", practitioner.civility),
        "professions": [coded("profession", code) for code in sorted({one.profession for one in exercises})],
        "skills": [coded("skill", code) for code in sorted({s.code for one in exercises for s in one.skills})],
        "places": [_place(place) for place in sorted(places)],
    }


def _place(place: Structure) -> dict[str, Any]:
    return {
        "name": place.name or place.trade_name,
        "postal_code": place.postal_code,
        "commune": {"code": place.commune, "label": place.commune_label},
        "department": department_of(place.commune, place.postal_code, place.department),
    }
