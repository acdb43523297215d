"""What changed in a document, field by field, and the feed of all changes.

The feed alone rebuilds the directory: whoever arrives, returns or changes comes with the whole document, which is
read from the tables and the history when the feed is read, so that nothing is stored twice.
"""

from __future__ import annotations

import dataclasses
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Row, func, select

from rpps_sync.clock import iso
from rpps_sync.directory import contents
from rpps_sync.directory.tables import CHANGES, PUBLICATIONS
from rpps_sync.errors import UsageError
from rpps_sync.practitioner import Activity, Card, Exercise, Mailbox, Practitioner

ROWS_A_PAGE = 2_000  # of the feed, held in memory together with their documents


class ChangeKind(StrEnum):
    """What happened to a practitioner."""

    ARRIVED = "arrived"
    CHANGED = "changed"
    DEPARTED = "departed"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Change:
    """One field that moved; ``before`` is None for what appeared, ``after`` for what vanished."""

    field: str  # 'identity.family_name', 'skill', 'activity', 'structure.postal_code'…
    element: str  # the exercise, skill, structure or diploma concerned
    before: str | None
    after: str | None


def between(before: Practitioner, after: Practitioner) -> list[Change]:
    """All that changed from one document to the next, nothing when and only when they are equal; sets as sets."""
    changes = [
        Change(f"identity.{name}", "", getattr(before, name), getattr(after, name))
        for name in ("id_type", "civility", "family_name", "given_name")
        if getattr(before, name) != getattr(after, name)
    ]
    changes += _exercises(before.exercises, after.exercises)
    changes += _elements(
        "diploma",
        (_path(item.type, item.code) for item in before.diplomas),
        (_path(item.type, item.code) for item in after.diplomas),
    )
    changes += _elements(
        "authorisation",
        (_path(item.type, item.discipline) for item in before.authorisations),
        (_path(item.type, item.discipline) for item in after.authorisations),
    )
    changes += _records("mailbox", before.mailboxes, after.mailboxes)
    changes += _records("card", before.cards, after.cards)
    return changes


def _elements(field: str, before: Iterable[str], after: Iterable[str]) -> list[Change]:
    old, new = set(before), set(after)
    return [Change(field, name, name, None) for name in sorted(old - new)] + [
        Change(field, name, None, name) for name in sorted(new - old)
    ]


def _records(field: str, before: Iterable[Mailbox | Card], after: Iterable[Mailbox | Card]) -> list[Change]:
    """What has a name of its own: come, gone, or changed in some of its fields; namesakes come and go whole."""
    was, is_now = _by_name(before), _by_name(after)
    changes: list[Change] = []
    for name in sorted(was.keys() | is_now.keys()):
        old, new = was[name], is_now[name]
        if len(old) == len(new) == 1:
            changes += _fields(field, name, old[0], new[0])
        else:
            changes += [Change(field, name, _json(item), None) for item in old if item not in new]
            changes += [Change(field, name, None, _json(item)) for item in new if item not in old]
    return changes


def _by_name(items: Iterable[Mailbox | Card]) -> defaultdict[str, list[Mailbox | Card]]:
    groups: defaultdict[str, list[Mailbox | Card]] = defaultdict(list)
    for item in items:
        groups[item.key].append(item)
    return groups


def _path(*codes: str) -> str:
    """Codes that together name an element; one that holds the separator (no real one does) has it escaped."""
    return "/".join(code.replace("%", "%25").replace("/", "%2F") for code in codes)


def _fields(field: str, element: str, before: Any, after: Any) -> list[Change]:
    return [
        Change(f"{field}.{item.name}", element, old, new)
        for item in dataclasses.fields(before)
        if (old := getattr(before, item.name)) != (new := getattr(after, item.name))
    ]


def _exercises(before: tuple[Exercise, ...], after: tuple[Exercise, ...]) -> list[Change]:
    old = {_path(item.profession, item.category): item for item in before}
    new = {_path(item.profession, item.category): item for item in after}
    changes = _elements("exercise", old, new)
    for name in sorted(old.keys() | new.keys()):
        changes += _exercise(name, old.get(name, _NOBODY), new.get(name, _NOBODY))
    return changes


_NOBODY = Exercise("", "")


def _exercise(name: str, before: Exercise, after: Exercise) -> list[Change]:
    changes = []
    if before.exercise_civility != after.exercise_civility:
        changes.append(Change("exercise.civility", name, before.exercise_civility, after.exercise_civility))
    changes += _elements(
        "skill",
        (f"{name}/{_path(skill.type, skill.code)}" for skill in before.skills),
        (f"{name}/{_path(skill.type, skill.code)}" for skill in after.skills),
    )
    return changes + _activities(name, set(before.activities), set(after.activities))


def _activities(name: str, before: set[Activity], after: set[Activity]) -> list[Change]:
    """Situations at one structure that lost one and gained one are one situation that changed."""
    gone, come = _by_structure(before - after), _by_structure(after - before)
    changes: list[Change] = []
    for key in sorted(gone.keys() | come.keys()):
        old, new = sorted(gone[key]), sorted(come[key])
        paired = min(len(old), len(new)) if key else 0
        for one, other in zip(old[:paired], new[:paired], strict=True):
            changes += _activity(f"{name}/{key}", one, other)
        changes += [Change("activity", f"{name}/{key}", _json(item), None) for item in old[paired:]]
        changes += [Change("activity", f"{name}/{key}", None, _json(item)) for item in new[paired:]]
    return changes


def _by_structure(activities: set[Activity]) -> defaultdict[str, list[Activity]]:
    groups: defaultdict[str, list[Activity]] = defaultdict(list)
    for activity in activities:
        groups[activity.structure.key].append(activity)
    return groups


def _activity(element: str, before: Activity, after: Activity) -> list[Change]:
    plain = [
        Change(f"activity.{item.name}", element, getattr(before, item.name), getattr(after, item.name))
        for item in dataclasses.fields(Activity)
        if item.name != "structure" and getattr(before, item.name) != getattr(after, item.name)
    ]
    return plain + _fields("structure", element, before.structure, after.structure)


def _json(item: Activity | Mailbox | Card) -> str:
    plain: dict[str, Any] = {key: value for key, value in dataclasses.asdict(item).items() if value}
    if structure := plain.get("structure"):
        plain["structure"] = {key: value for key, value in structure.items() if value}
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def feed(
    connection: Connection, since: int = 0, limit: int | None = None, *, hide_departed: bool = False
) -> Iterator[dict[str, Any]]:
    """Changes after a cursor, oldest first; the ``cursor`` of the last one read is where to go on from.

    Args:
        connection: reading; the whole feed is that of one publication.
        since: the last cursor read; 0 reads from the first publication on.
        limit: stop after so many changes.
        hide_departed: tell no value and no document of people who are in the directory no more.

    Returns:
        ``document`` is what the practitioner became, codes only and empty values left out (the shape of
        :func:`rpps_sync.directory.documents.to_json`). It comes with the last change of a practitioner in a
        publication, and is None before that, and of a departure.

    Raises:
        UsageError: the cursor is none that this feed ever gave.
    """
    _refuse_unknown(connection, since)
    left = limit
    while rows := _page(connection, since, ROWS_A_PAGE if left is None else min(ROWS_A_PAGE, left)):
        yield from _told(connection, rows, hide_departed=hide_departed)
        since, left = rows[-1][0].seq, None if left is None else left - len(rows)


def _page(connection: Connection, since: int, size: int) -> list[tuple[Row[Any], bool]]:
    """The next rows by their key, each with whether it is the last of its practitioner in its publication."""
    statement = (
        select(CHANGES, PUBLICATIONS.c.id.label("publication"), PUBLICATIONS.c.published_at)
        .join(PUBLICATIONS, PUBLICATIONS.c.seq == CHANGES.c.publication_seq)
        .where(CHANGES.c.seq > since)
        .order_by(CHANGES.c.seq)
        .limit(size + 1)  # the row after the page tells whether its last one is followed by another
    )
    if size == 0:
        return []
    rows = [*connection.execute(statement), None]
    return [(row, _whose(row) != _whose(following)) for row, following in pairwise(rows) if row is not None][:size]


def _whose(row: Row[Any] | None) -> tuple[str, int] | None:
    return (row.national_id, row.publication_seq) if row is not None else None


def _told(
    connection: Connection, rows: Sequence[tuple[Row[Any], bool]], *, hide_departed: bool
) -> Iterator[dict[str, Any]]:
    names = {row.national_id for row, _ in rows}
    shown = contents.present(connection, names) if hide_departed else names
    wanted = {(row.national_id, row.publication_seq) for row, last in rows if last and row.national_id in shown}
    documents = contents.after(connection, wanted)
    for row, last in rows:
        hidden = row.national_id not in shown
        yield {
            "cursor": row.seq,
            "national_id": row.national_id,
            "kind": row.kind,
            "field": row.field,
            "element": row.element,
            "before": None if hidden else row.before,
            "after": None if hidden else row.after,
            "document": documents.get((row.national_id, row.publication_seq)) if last else None,
            "publication": row.publication,
            "published_at": iso(row.published_at),
        }


def _refuse_unknown(connection: Connection, since: int) -> None:
    newest = connection.execute(select(func.max(CHANGES.c.seq))).scalar() or 0
    if since > newest:
        raise UsageError(
            f"this feed ends at cursor {newest}; {since} comes from another one, or from a newer copy of this one",
            mend="read again from --since 0, or from the day before the copy was made (--since DATE)",
            reason="cursor-unknown",
        )


def cursor_at(connection: Connection, instant: datetime) -> int:
    """The cursor after which come the changes of publications made at that instant or later."""
    first = (
        select(CHANGES.c.seq)
        .join(PUBLICATIONS, PUBLICATIONS.c.seq == CHANGES.c.publication_seq)
        .where(PUBLICATIONS.c.published_at >= instant)
        .order_by(CHANGES.c.publication_seq, CHANGES.c.seq)
        .limit(1)
    )
    found = connection.execute(first).scalar()
    if found is not None:
        return int(found) - 1
    return connection.execute(select(func.max(CHANGES.c.seq))).scalar() or 0
