"""Who arrived, changed, left or returned with one publication, by the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from rpps_sync.directory.changes import ChangeKind
from rpps_sync.directory.tables import CHANGES


@dataclass(frozen=True, slots=True)
class Moved:
    """One practitioner, and the fields that moved."""

    national_id: str
    fields: tuple[str, ...]


def how_many(connection: Connection, seq: int) -> Mapping[str, int]:
    """How many people of each kind of change; those of a first load, who all arrive, are not counted."""
    people = func.count(CHANGES.c.national_id.distinct()).label("people")
    statement = select(CHANGES.c.kind, people).where(*_of(seq)).group_by(CHANGES.c.kind)
    return {row.kind: row.people for row in connection.execute(statement)}


def page(connection: Connection, seq: int, kind: ChangeKind, *, limit: int, skip: int = 0) -> Sequence[Moved]:
    """Some of them, in the order of their identifiers.

    Args:
        connection: reading.
        seq: number of the publication.
        kind: of change.
        limit: how many people.
        skip: how many were already seen.
    """
    here = (*_of(seq), CHANGES.c.kind == str(kind))
    people = select(CHANGES.c.national_id).where(*here).group_by(CHANGES.c.national_id)
    chosen = people.order_by(CHANGES.c.national_id).limit(limit).offset(skip)
    names = [row.national_id for row in connection.execute(chosen)]
    statement = select(CHANGES.c.national_id, CHANGES.c.field).where(*here, CHANGES.c.national_id.in_(names))
    fields: dict[str, dict[str, None]] = {name: {} for name in names}
    for row in connection.execute(statement.order_by(CHANGES.c.seq)):
        fields[row.national_id][row.field] = None
    return [Moved(name, tuple(filter(None, moved))) for name, moved in fields.items()]


def _of(seq: int) -> tuple[ColumnElement[bool], ...]:
    return CHANGES.c.publication_seq == seq, CHANGES.c.national_id != ""
