"""Rows to documents and back: one practitioner, whole, from the tables, from folded frames or from JSON."""

from __future__ import annotations

import dataclasses
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Column, ColumnElement, Connection, Select, bindparam, literal_column, select, union_all

from rpps_sync.directory import bulk, tables
from rpps_sync.extracts.fold import (
    ACTIVITY_FIELDS,
    CARD_FIELDS,
    EXERCISE_KEY,
    MAILBOX_FIELDS,
    Folded,
)
from rpps_sync.practitioner import (
    Activity,
    Authorisation,
    Card,
    Diploma,
    Exercise,
    Mailbox,
    Practitioner,
    Skill,
    Structure,
)

Row = Sequence[Any]
NO_PLACE = Structure()

_COLUMNS = {
    "practitioners": ("national_id", "id_type", "civility", "family_name", "given_name"),
    "exercises": (*EXERCISE_KEY, "exercise_civility"),
    "skills": (*EXERCISE_KEY, "type", "code"),
    "activities": (*EXERCISE_KEY, *ACTIVITY_FIELDS, "structure_id"),
    "diplomas": ("national_id", "type", "code"),
    "authorisations": ("national_id", "type", "discipline"),
    "mailboxes": ("national_id", *MAILBOX_FIELDS),
    "cards": ("national_id", *CARD_FIELDS),
}
_SHAPES = [
    (name, len([column for column in columns if column != "structure_id"])) for name, columns in _COLUMNS.items()
]
_PLACES = len(_SHAPES)  # the number of structures, behind those of the tables above
_WIDTH = max(len(tables.STRUCTURE_FIELDS), *(width for _, width in _SHAPES))
Chosen = Callable[[Column[Any]], ColumnElement[bool]]


def part(number: int, *texts: ColumnElement[Any], structure: ColumnElement[Any] | None = None) -> Select[Any]:
    """A part of a statement that reads several tables: its number, a structure or 0, its texts, nothing beyond."""
    nothing: list[ColumnElement[Any]] = [literal_column("''") for _ in range(_WIDTH - len(texts))]
    place = literal_column("0") if structure is None else structure
    columns = (literal_column(str(number)), place, *texts, *nothing)
    return select(*(column.label(f"c{place}") for place, column in enumerate(columns)))


def _parts(chosen: Chosen) -> list[Select[Any]]:
    """The rows of all tables of a document."""
    found = []
    for number, (name, width) in enumerate(_SHAPES):
        table = tables.METADATA.tables[name]
        texts = [table.c[column] for column in _COLUMNS[name][:width]]
        found.append(
            part(number, *texts, structure=table.c.get("structure_id")).where(chosen(table.c.national_id))
        )
    return [*found, _places(chosen)]


def _places(chosen: Chosen) -> Select[Any]:
    places, activities = tables.STRUCTURES.c, tables.ACTIVITIES.c
    theirs = select(activities.structure_id).where(chosen(activities.national_id))
    described = part(_PLACES, *(places[name] for name in tables.STRUCTURE_FIELDS), structure=places.structure_id)
    return described.where(places.structure_id.in_(theirs))


# One statement for all tables, built once: nine statements cost a look-up more than the rows they bring.
_EVERYTHING = union_all(*_parts(lambda owner: owner.in_(bindparam("names", expanding=True))))
OF_ONE = _parts(lambda owner: owner == bindparam("who"))  # of one practitioner, for who reads more beside


def load(connection: Connection, national_ids: Sequence[str]) -> dict[str, Practitioner]:
    """The current documents of some practitioners; those absent from the directory are left out."""
    found: dict[str, Practitioner] = {}
    for names in bulk.batches(national_ids):
        found |= assembled(connection.execute(_EVERYTHING, {"names": names}))
    return found


def assembled(rows: Iterable[Row]) -> dict[str, Practitioner]:
    """The documents that the numbered rows make; rows of other numbers are passed over."""
    found: dict[str, list[Row]] = {name: [] for name in _COLUMNS}
    places: dict[int, Structure] = {}
    for number, structure_id, *texts in rows:
        if number < _PLACES:
            name, width = _SHAPES[number]
            found[name].append((*texts[:width], structure_id) if name == "activities" else tuple(texts[:width]))
        elif number == _PLACES:
            places[structure_id] = Structure(*texts[: len(tables.STRUCTURE_FIELDS)])
    return _assemble(found, places)


def of_folded(folded: Folded, national_ids: pl.Series) -> dict[str, Practitioner]:
    """The documents of some practitioners, from rows just folded."""
    wanted = pl.DataFrame({"national_id": national_ids})
    rows = {
        name: getattr(folded, name).join(wanted, on="national_id", how="semi").select(columns).rows()
        for name, columns in _COLUMNS.items()
    }
    needed = pl.DataFrame(
        {"structure_id": [row[-1] for row in rows["activities"]]}, schema={"structure_id": pl.Int64}
    )
    places = folded.structures.join(needed, on="structure_id", how="semi")
    structures = {
        row[0]: Structure(*row[1:]) for row in places.select("structure_id", *tables.STRUCTURE_FIELDS).rows()
    }
    return _assemble(rows, structures)


def to_json(practitioner: Practitioner) -> str:
    """A document as kept in history: codes only, empty values left out."""
    return json.dumps(to_plain(practitioner), ensure_ascii=False, separators=(",", ":"))


def to_plain(practitioner: Practitioner) -> dict[str, Any]:
    """A document as :func:`to_json` writes it, for whoever writes JSON of their own."""
    plain: dict[str, Any] = _compact(dataclasses.asdict(practitioner))
    return plain


def plain_of(text: str) -> dict[str, Any]:
    """What :func:`to_json` wrote, as :func:`to_plain` gives it."""
    plain: dict[str, Any] = json.loads(text)
    return plain


def from_json(text: str) -> Practitioner:
    """The document :func:`to_json` wrote."""
    return from_plain(plain_of(text))


def from_plain(plain: Mapping[str, Any]) -> Practitioner:
    """The document :func:`to_plain` gave."""
    exercises = (_exercise(item) for item in plain.get("exercises", ()))
    return Practitioner(
        national_id=plain["national_id"],
        id_type=plain.get("id_type", ""),
        civility=plain.get("civility", ""),
        family_name=plain.get("family_name", ""),
        given_name=plain.get("given_name", ""),
        exercises=tuple(exercises),
        diplomas=tuple(Diploma(item.get("type", ""), item.get("code", "")) for item in plain.get("diplomas", ())),
        authorisations=tuple(
            Authorisation(item.get("type", ""), item.get("discipline", ""))
            for item in plain.get("authorisations", ())
        ),
        mailboxes=tuple(Mailbox(**{"address": ""} | item) for item in plain.get("mailboxes", ())),
        cards=tuple(Card(**{"number": ""} | item) for item in plain.get("cards", ())),
    )


def _exercise(plain: Mapping[str, Any]) -> Exercise:
    return Exercise(
        profession=plain.get("profession", ""),
        category=plain.get("category", ""),
        exercise_civility=plain.get("exercise_civility", ""),
        skills=tuple(Skill(item.get("type", ""), item.get("code", "")) for item in plain.get("skills", ())),
        activities=tuple(_activity(item) for item in plain.get("activities", ())),
    )


def _activity(plain: Mapping[str, Any]) -> Activity:
    coded = {name: plain.get(name, "") for name in ACTIVITY_FIELDS}
    return Activity(**coded | {"structure": Structure(**plain.get("structure", {}))})


def _compact(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _compact(item) for key, item in value.items() if item not in ("", (), {})}
    if isinstance(value, tuple | list):
        return [_compact(item) for item in value]
    return value


def _assemble(rows: Mapping[str, list[Row]], structures: Mapping[int, Structure]) -> dict[str, Practitioner]:
    skills = _grouped(rows["skills"], 3, lambda row: Skill(row[3], row[4]))
    activities = _grouped(
        rows["activities"], 3, lambda row: Activity(*(*row[3:-1], structures.get(row[-1], NO_PLACE)))
    )
    exercises = _grouped(
        rows["exercises"],
        1,
        lambda row: Exercise(row[1], row[2], row[3], skills.get(row[:3], ()), activities.get(row[:3], ())),
    )
    diplomas = _grouped(rows["diplomas"], 1, lambda row: Diploma(row[1], row[2]))
    authorisations = _grouped(rows["authorisations"], 1, lambda row: Authorisation(row[1], row[2]))
    mailboxes = _grouped(rows["mailboxes"], 1, lambda row: Mailbox(*row[1:]))
    cards = _grouped(rows["cards"], 1, lambda row: Card(*row[1:]))
    parts = (exercises, diplomas, authorisations, mailboxes, cards)
    return {
        row[0]: Practitioner(*row, *(part.get(row[:1], ()) for part in parts)) for row in rows["practitioners"]
    }


def _grouped(rows: list[Row], width: int, make: Any) -> dict[Row, tuple[Any, ...]]:
    groups: defaultdict[Row, list[Any]] = defaultdict(list)
    for row in rows:
        groups[row[:width]].append(make(row))
    return {key: tuple(sorted(items)) for key, items in groups.items()}
