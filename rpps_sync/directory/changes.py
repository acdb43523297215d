"""The feed of changes: read page by page by its cursor, whole or as far as it concerns somebody.

The feed alone rebuilds the directory: whoever arrives, returns or changes comes with the whole document, which is
read from the tables and the history when the feed is read, so that nothing is stored twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain, islice, pairwise
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from rpps_sync.clock import iso
from rpps_sync.directory import arrivals, contents
from rpps_sync.directory.arrivals import Entry
from rpps_sync.directory.concern import EVERYBODY, Concern, concerned
from rpps_sync.directory.tables import CHANGES, PUBLICATIONS
from rpps_sync.directory.texts import begins, like
from rpps_sync.errors import UsageError

ROWS_A_PAGE = 2_000  # of the feed, held in memory together with their documents
LOOKED_AT = 10_000  # cursors looked at for one page, however few of them are wanted
_SIDE_BY_SIDE = 1_000  # changes that one publication makes to one practitioner; real ones stay under a hundred


class ChangeKind(StrEnum):
    """What happened to a practitioner."""

    ARRIVED = "arrived"
    CHANGED = "changed"
    DEPARTED = "departed"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes are wanted: those that meet all that is said here; empty means any."""

    kinds: tuple[ChangeKind, ...] = ()
    field: str = ""  # how the name of the field begins: 'activity', 'structure.postal_code'
    national_id: str = ""
    concern: Concern = EVERYBODY


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Page:
    """Some changes, oldest first."""

    changes: list[dict[str, Any]]
    next: int  # the cursor to go on from, past all that was left out
    more: bool  # the feed does not end there


def feed(
    connection: Connection,
    since: int = 0,
    limit: int | None = None,
    wanted: Wanted = EVERYTHING,
    *,
    hide_departed: bool = False,
) -> Iterator[dict[str, Any]]:
    """Changes after a cursor, oldest first; see :func:`page` for what they are and what it raises.

    Args:
        connection: reading; the whole feed is that of one publication.
        since: the last cursor read; 0 reads from the first publication on.
        limit: stop after so many changes.
        wanted: which ones.
        hide_departed: tell no value and no document of people who are in the directory no more.
    """
    more = True
    while more and limit != 0:
        size = ROWS_A_PAGE if limit is None else min(limit, ROWS_A_PAGE)
        some = page(connection, since, size, wanted, hide_departed=hide_departed)
        yield from some.changes
        since, more = some.next, some.more
        limit = limit if limit is None else limit - len(some.changes)


def page(
    connection: Connection, since: int, limit: int, wanted: Wanted = EVERYTHING, *, hide_departed: bool = False
) -> Page:
    """The next changes after a cursor that are wanted; none, and yet more, where few are wanted.

    ``document`` is what the practitioner became, codes only and empty values left out (the shape of
    :func:`rpps_sync.directory.documents.to_json`). It comes with the last change told of a practitioner in a
    publication, and is None before that, and of a departure. Whatever the sizes of pages, they add up to the same
    changes in the same order.

    Args:
        connection: reading.
        since: where the former page ended; 0 reads from the first publication on.
        limit: how many changes at most.
        wanted: which ones.
        hide_departed: tell no value and no document of people who are in the directory no more. Where a concern
            is given, only the departure is told of them, to everybody: where they were is not.

    Raises:
        UsageError: the cursor is none that this feed ever gave.
    """
    last = newest(connection)
    if since > last:
        raise _unknown(since, last)
    end = _end(connection, since)
    found = _entries(connection, since, end, wanted, ROWS_A_PAGE if wanted.concern else limit + 1)
    if wanted.concern:
        found = concerned(connection, found, wanted.concern, hide_departed=hide_departed)
    told = list(islice(found, limit + 1))
    if len(told) > limit:
        end = told[limit - 1].cursor
    kept = list(islice(_marked(told), limit))
    return Page(list(_told(connection, kept, hide_departed=hide_departed)), end, end < last)


def _end(connection: Connection, since: int) -> int:
    """How far one page looks: to a change after which another practitioner's come, or another publication's."""
    key = CHANGES.c.seq
    within = select(func.max(key)).where(key > since, key <= since + LOOKED_AT)
    end = connection.execute(within).scalar()
    if end is None:  # rolled-back writers leave gaps in the numbers of a server
        end = connection.execute(select(func.min(key)).where(key > since)).scalar()
    if end is None:
        return since
    whose = CHANGES.c.national_id, CHANGES.c.publication_seq
    last = connection.execute(select(*whose).where(key == end)).one()
    if last.national_id:
        following = select(key, *whose).where(key > end).order_by(key).limit(_SIDE_BY_SIDE)
        for row in connection.execute(following).all():
            if row[1:] != last:
                break
            end = row.seq
    return int(end)


def _entries(connection: Connection, since: int, end: int, wanted: Wanted, at_once: int) -> Iterator[Entry]:
    """All that lies between two cursors and answers by itself, read by its key some rows at a time."""
    statement = (
        select(CHANGES, PUBLICATIONS.c.id.label("publication"), PUBLICATIONS.c.published_at)
        .join(PUBLICATIONS, PUBLICATIONS.c.seq == CHANGES.c.publication_seq)
        .where(CHANGES.c.seq <= end, *_conditions(wanted))
        .order_by(CHANGES.c.seq)
        .limit(min(at_once, ROWS_A_PAGE))
    )
    while rows := connection.execute(statement.where(CHANGES.c.seq > since)).all():
        for row in rows:
            for entry in arrivals.entries(row, since):
                if wanted.national_id in ("", entry.national_id):
                    yield entry
        since = rows[-1].seq


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """What is asked of a row of the feed; one that holds many arrivals is looked into afterwards."""
    change = CHANGES.c
    if wanted.kinds:
        yield change.kind.in_([str(kind) for kind in wanted.kinds])
    if wanted.field:
        yield begins(change.field, wanted.field)
    if who := wanted.national_id:
        yield or_(change.national_id == who, and_(change.national_id == "", like(change.after, f'"{who}"')))


def _marked(entries: Iterable[Entry]) -> Iterator[tuple[Entry, bool]]:
    """Each change, with whether it is the last of its practitioner in its publication."""
    for entry, following in pairwise(chain(entries, [None])):
        assert entry is not None
        yield entry, following is None or entry.moment != following.moment


def _told(
    connection: Connection, some: Sequence[tuple[Entry, bool]], *, hide_departed: bool
) -> Iterator[dict[str, Any]]:
    names = {entry.national_id for entry, _ in some}
    shown = contents.present(connection, names) if hide_departed else names
    moments = {entry.moment for entry, last in some if last and entry.national_id in shown}
    documents = contents.after(connection, moments)
    for entry, last in some:
        hidden = entry.national_id not in shown
        yield {
            "cursor": entry.cursor,
            "national_id": entry.national_id,
            "kind": entry.kind,
            "field": entry.field,
            "element": entry.element,
            "before": None if hidden else entry.before,
            "after": None if hidden else entry.after,
            "document": documents.get(entry.moment) if last else None,
            "publication": entry.publication,
            "published_at": iso(entry.published_at),
        }


def _unknown(since: int, last: int) -> UsageError:
    return UsageError(
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
