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
from itertools import chain, islice, pairwise
from typing import Any

from sqlalchemy import Connection, func, select

from rpps_sync.clock import iso
from rpps_sync.directory import arrivals, contents
from rpps_sync.directory.arrivals import Entry
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
    entries = _marked(_entries(connection, since, ROWS_A_PAGE if limit is None else limit + 1))
    wanted = islice(entries, limit)
    while page := list(islice(wanted, ROWS_A_PAGE)):
        yield from _told(connection, page, hide_departed=hide_departed)


def _entries(connection: Connection, since: int, wanted: int) -> Iterator[Entry]:
    """All that comes after a cursor, read by its key some rows at a time."""
    statement = (
        select(CHANGES, PUBLICATIONS.c.id.label("publication"), PUBLICATIONS.c.published_at)
        .join(PUBLICATIONS, PUBLICATIONS.c.seq == CHANGES.c.publication_seq)
        .order_by(CHANGES.c.seq)
        .limit(min(wanted, ROWS_A_PAGE))
    )
    while rows := connection.execute(statement.where(CHANGES.c.seq > since)).all():
        for row in rows:
            yield from arrivals.entries(row, since)
        since = rows[-1].seq


def _marked(entries: Iterable[Entry]) -> Iterator[tuple[Entry, bool]]:
    """Each change, with whether it is the last of its practitioner in its publication."""
    for entry, following in pairwise(chain(entries, [None])):
        assert entry is not None
        yield entry, following is None or _whose(entry) != _whose(following)


def _whose(entry: Entry) -> tuple[str, int]:
    return entry.national_id, entry.publication_seq


def _told(
    connection: Connection, page: Sequence[tuple[Entry, bool]], *, hide_departed: bool
) -> Iterator[dict[str, Any]]:
    names = {entry.national_id for entry, _ in page}
    shown = contents.present(connection, names) if hide_departed else names
    documents = contents.after(
        connection, {_whose(entry) for entry, last in page if last and entry.national_id in shown}
    )
    for entry, last in page:
        hidden = entry.national_id not in shown
        yield {
            "cursor": entry.cursor,
            "national_id": entry.national_id,
            "kind": entry.kind,
            "field": entry.field,
            "element": entry.element,
            "before": None if hidden else entry.before,
            "after": None if hidden else entry.after,
            "document": documents.get(_whose(entry)) if last else None,
            "publication": entry.publication,
            "published_at": iso(entry.published_at),
        }


def _refuse_unknown(connection: Connection, since: int) -> None:
    last = newest(connection)
    if since > last:
        raise UsageError(
            f"this feed ends at cursor {last}; {since} comes from another one, or from a newer copy of this one",
            mend="read again from --since 0, or from the day before the copy was made (--since DATE)",
            reason="cursor-unknown",
        )


def newest(connection: Connection) -> int:
    """The cursor of the last change of all; 0 when there is none."""
    return connection.execute(select(func.max(CHANGES.c.seq))).scalar() or 0


def cursor_at(connection: Connection, instant: datetime) -> int:
    """The cursor after which come the changes of publications made at that instant or later."""
    former = select(func.max(PUBLICATIONS.c.seq)).where(PUBLICATIONS.c.published_at < instant)
    last = (
        select(CHANGES.c.seq)
        .where(CHANGES.c.publication_seq <= (connection.execute(former).scalar() or 0))
        .order_by(CHANGES.c.publication_seq.desc(), CHANGES.c.seq.desc())
        .limit(1)
    )
    return connection.execute(last).scalar() or 0
