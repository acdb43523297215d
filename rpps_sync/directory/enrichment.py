"""What the directory knows of people whom somebody else lists by identifier: one answer each, in their order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from rpps_sync.departments import department_of
from rpps_sync.directory import bulk
from rpps_sync.directory.labels import Wordings
from rpps_sync.directory.served import Served, served
from rpps_sync.directory.tables import (
    ACTIVITIES,
    DEPARTURES,
    EXERCISES,
    MAILBOXES,
    PRACTITIONERS,
    SKILLS,
    STRUCTURES,
)
from rpps_sync.errors import UsageError
from rpps_sync.identifiers import national_id_of
from rpps_sync.observation import Scope
from rpps_sync.scopes import scope_of

MOST = 10_000  # identifiers of one call: the memory of an answer is bounded

_NEVER_PUBLISHED = (Scope.PSI, Scope.EMPLOYEE_CARD, Scope.TEST_BED)
_SPREADSHEET_NUMBER = re.compile(r"([0-9]{11,12})\.0+")
_ROUNDED = re.compile(r"[0-9][.,]?[0-9]*E\+?[0-9]+", re.IGNORECASE)


class Status(StrEnum):
    """What became of one identifier."""

    FOUND = "found"
    DEPARTED = "departed"  # it was in a publication, and is not in the one being served
    UNKNOWN = "unknown"  # well formed, and no publication contained it
    MALFORMED = "malformed"
    OUT_OF_SCOPE = "out_of_scope"  # of a kind that the public extract never contains


@dataclass(frozen=True, slots=True)
class Enriched:
    """The answer to one identifier; ``values`` has the chosen fields of who was found, each with its values."""

    given: str
    status: Status
    national_id: str = ""
    reason: str = ""  # of what is not found: bad-key, psi…; for who left, the day
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


Row = Sequence[Any]
Read = Callable[[Row, Wordings], str]


@dataclass(frozen=True, slots=True)
class _Field:
    """Where the values of a field come from: a table, and how to read one of its rows."""

    source: str
    read: Read


def _label(system: str, place: int) -> Read:
    return lambda row, words: words.label(system, row[place]) or str(row[place])


def _text(place: int) -> Read:
    return lambda row, _words: str(row[place])


def _prepared(owner: Any, *columns: Any, source: Any = None) -> Select[Any]:
    """Rows of some practitioners: the identifier, then these columns."""
    statement = select(owner, *columns)
    if source is not None:
        statement = statement.select_from(source)
    return statement.where(owner.in_(bindparam("names", expanding=True)))


_people, _skills, _mailboxes, _places = PRACTITIONERS.c, SKILLS.c, MAILBOXES.c, STRUCTURES.c
_PLACE = (
    "name",
    "trade_name",
    "finess",
    "siret",
    "postal_code",
    "commune",
    "commune_label",
    "department",
    "phone",
)
_SOURCES = {
    "person": _prepared(_people.national_id, _people.family_name, _people.given_name, _people.civility),
    "exercise": _prepared(EXERCISES.c.national_id, EXERCISES.c.profession, EXERCISES.c.category),
    "skill": _prepared(_skills.national_id, _skills.code),
    "activity": _prepared(ACTIVITIES.c.national_id, ACTIVITIES.c.mode, ACTIVITIES.c.registration_authority),
    "place": _prepared(
        ACTIVITIES.c.national_id,
        *(_places[name] for name in _PLACE),
        source=ACTIVITIES.join(STRUCTURES, ACTIVITIES.c.structure_id == _places.structure_id),
    ),
    "mailbox": _prepared(_mailboxes.national_id, _mailboxes.address),
}
_PRESENT = _prepared(_people.national_id)
_DEPARTED = _prepared(DEPARTURES.c.national_id, DEPARTURES.c.departed_seq)

FIELDS: Mapping[str, _Field] = {
    "family_name": _Field("person", _text(1)),
    "given_name": _Field("person", _text(2)),
    "civility": _Field("person", _label("civility", 3)),
    "profession_code": _Field("exercise", _text(1)),
    "profession": _Field("exercise", _label("profession", 1)),
    "category": _Field("exercise", _label("category", 2)),
    "skill_code": _Field("skill", _text(1)),
    "skill": _Field("skill", _label("skill", 1)),
    "mode": _Field("activity", _label("mode", 1)),
    "registration_authority": _Field("activity", _text(2)),
    "structure": _Field("place", lambda row, _: row[1] or row[2]),
    "finess": _Field("place", _text(3)),
    "siret": _Field("place", _text(4)),
    "postal_code": _Field("place", _text(5)),
    "commune_code": _Field("place", _text(6)),
    "commune": _Field("place", _text(7)),
    "department": _Field("place", lambda row, _: department_of(row[6], row[5], row[8])),
    "phone": _Field("place", _text(9)),
    "mailbox": _Field("mailbox", _text(1)),
}
USUAL_FIELDS = (
    "family_name",
    "given_name",
    "profession",
    "skill",
    "structure",
    "finess",
    "postal_code",
    "commune",
    "department",
    "mailbox",
)


def enrich(
    connection: Connection, identifiers: Sequence[str], fields: Sequence[str] = USUAL_FIELDS
) -> list[Enriched]:
    """One answer for each identifier, in their order.

    Args:
        connection: on the directory.
        identifiers: at most :data:`MOST`, in any usual form: 11 digits, 12 with the type, spaces, dots, hyphens,
            the ``.0`` that a spreadsheet adds. The same one may come several times.
        fields: names of :data:`FIELDS`; each has all its values, sorted, each once.

    Raises:
        UsageError: too many identifiers, or a field that does not exist.
        NotFound: the directory holds no publication.
    """
    if len(identifiers) > MOST:
        raise UsageError(
            f"{len(identifiers)} identifiers at once", mend=f"send them {MOST} at a time", reason="too-many"
        )
    known_fields(fields)
    asked = [_read(text) for text in identifiers]
    names = sorted({one.national_id for one in asked if one.national_id})
    now = served(connection)
    told = _values(connection, names, fields, now.labels)
    left = _departures(connection, now, [name for name in names if name not in told])
    return [_answer(one, told, left) for one in asked]


def known_fields(fields: Iterable[str]) -> None:
    """Refuse fields that do not exist.

    Raises:
        UsageError: one of them does not.
    """
    if unknown := [name for name in fields if name not in FIELDS]:
        raise UsageError(
            f"there is no field '{unknown[0]}'", mend=f"choose among {', '.join(FIELDS)}", reason="unknown-field"
        )


def _read(text: str) -> Enriched:
    """An identifier as it can be looked for; what cannot be is told why."""
    compact = "".join(text.split()).upper()
    if number := _SPREADSHEET_NUMBER.fullmatch(compact):
        compact = number[1]
    if not compact.isdecimal() and (scope := scope_of(compact)) in _NEVER_PUBLISHED:
        return Enriched(text, Status.OUT_OF_SCOPE, reason=scope)
    try:
        return Enriched(text, Status.UNKNOWN, national_id_of(compact))
    except UsageError as error:
        reason = "empty" if not compact else "rounded-by-a-spreadsheet" if _ROUNDED.fullmatch(compact) else ""
        return Enriched(text, Status.MALFORMED, reason=reason or error.reason)


def _answer(one: Enriched, told: Mapping[str, Mapping[str, tuple[str, ...]]], left: Mapping[str, str]) -> Enriched:
    name = one.national_id
    if name in told:
        return Enriched(one.given, Status.FOUND, name, values=told[name])
    if name in left:
        return Enriched(one.given, Status.DEPARTED, name, left[name])
    if name and (scope := scope_of(name)) is not Scope.IN_SCOPE:
        return Enriched(one.given, Status.OUT_OF_SCOPE, name, scope)
    return one


def _values(
    connection: Connection, names: Sequence[str], fields: Sequence[str], words: Wordings
) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The chosen fields of those who are in the directory."""
    present = [row[0] for part in bulk.batches(names) for row in connection.execute(_PRESENT, {"names": part})]
    found: dict[str, dict[str, tuple[str, ...]]] = {name: dict.fromkeys(fields, ()) for name in present}
    for source in dict.fromkeys(FIELDS[name].source for name in fields):
        wanted = [(name, FIELDS[name].read) for name in fields if FIELDS[name].source == source]
        for part in bulk.batches(present):
            for row in connection.execute(_SOURCES[source], {"names": part}):
                _take(found[row[0]], wanted, row, words)
    return found


def _take(
    values: dict[str, tuple[str, ...]], wanted: Sequence[tuple[str, Read]], row: Row, words: Wordings
) -> None:
    """Add what one row says, each value once and in order."""
    for name, read in wanted:
        value, known = read(row, words), values[name]
        if value and value not in known:
            values[name] = tuple(sorted((*known, value))) if known else (value,)


def _departures(connection: Connection, now: Served, names: Sequence[str]) -> dict[str, str]:
    """The day on which some left."""
    return {
        who: now.publication(seq).day.isoformat()
        for part in bulk.batches(names)
        for who, seq in connection.execute(_DEPARTED, {"names": part})
    }
