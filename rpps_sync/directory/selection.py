"""Pages of the practitioners who meet some conditions, in a fixed order that a page can be continued from.

Names come from the postings of the search (ADR 0006) and are then judged one by one: unlike the search, which
ranks and forgives, a selection holds exactly those who meet its conditions. Whoever left is a tombstone without a
name.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, func, select, tuple_

from rpps_sync.directory import bulk
from rpps_sync.directory.search.people import Census, People, shared, united
from rpps_sync.directory.search.spelling import normal, normalised
from rpps_sync.directory.search.terms import FAMILY, GIVEN
from rpps_sync.directory.tables import DEPARTURES, PRACTITIONERS, SEARCH_WORDS
from rpps_sync.directory.texts import How, forms, like

NAMES = {FAMILY: "family_name", GIVEN: "given_name"}
_EVERYTHING = 2**31 - 1
_people, _gone = PRACTITIONERS.c, DEPARTURES.c


class Order(Enum):
    """What a selection is sorted by."""

    IDENTIFIER = auto()
    CHANGE = auto()  # the publication that last changed somebody, then the identifier


class Place(NamedTuple):
    """Where in an order somebody stands; pages go on after one."""

    seq: int  # 0 when sorted by identifier alone
    national_id: str


class Hit(NamedTuple):
    """Somebody who meets the conditions."""

    place: Place
    national_id: str
    changed: int  # seq of the publication that last changed their document, or removed it
    present: bool


@dataclass(frozen=True, slots=True)
class NameTest:
    """A condition on names: one of the texts, in one of the names."""

    kinds: tuple[str, ...]  # FAMILY, GIVEN or both
    texts: tuple[str, ...]
    how: How

    def fits(self, published: dict[str, str], plain: dict[str, str]) -> bool:
        """Whether names answer, given by kind as published and in normal form without spaces."""
        if self.how is How.EXACT:
            return any(published[kind] in self.texts for kind in self.kinds)
        wanted = [form for text in self.texts for form in forms(text)]
        return any(
            form in plain[kind] if self.how is How.CONTAINS else plain[kind].startswith(form)
            for kind in self.kinds
            for form in wanted
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom a selection holds: those who meet everything that is said here."""

    names: tuple[NameTest, ...] = ()
    terms: tuple[tuple[str, ...], ...] = ()  # of the postings, one of each group
    where: tuple[ColumnElement[bool], ...] = ()  # on PRACTITIONERS, see rpps_sync.directory.conditions
    only: frozenset[str] | None = None  # national identifiers
    seqs: frozenset[int] | None = None  # of the publications that last changed them
    present: bool = True
    departed: bool = False  # tombstones too; they have no name and meet no condition of `where`

    @property
    def order(self) -> Order:
        """By change when changes are asked for, so that only those are read."""
        return Order.IDENTIFIER if self.seqs is None or self.listed else Order.CHANGE

    @property
    def listed(self) -> bool:
        """Whether those who may meet the conditions are known before the table is looked at."""
        return bool(self.names or self.terms or self.only is not None)

    @property
    def buried(self) -> bool:
        """Whether tombstones can meet the conditions."""
        return self.departed and not (self.names or self.terms or self.where)


def page(connection: Connection, wanted: Wanted, after: Place | None, limit: int) -> list[Hit]:
    """The next people of a selection, in its order.

    Args:
        connection: on the directory.
        wanted: who.
        after: where the former page ended; None for the first.
        limit: how many at most.
    """
    found: list[Iterable[Hit]] = []
    if wanted.present:
        found.append(islice(_present(connection, wanted, after, limit), limit))
    if wanted.buried:
        found.append(_departed(connection, wanted, after, limit))
    return list(islice(heapq.merge(*found), limit))


def count(connection: Connection, wanted: Wanted) -> int:
    """How many people a selection holds."""
    total = 0
    if wanted.present:
        if wanted.listed:
            total += sum(1 for _ in _listed(connection, wanted, None))
        else:
            total += connection.execute(_counted(_chosen(wanted))).scalar_one()
    if wanted.buried:
        total += connection.execute(_counted(_tombstones(wanted))).scalar_one()
    return total


def _counted(statement: Select[Any]) -> Select[Any]:
    return select(func.count()).select_from(statement.subquery())


def _present(connection: Connection, wanted: Wanted, after: Place | None, limit: int) -> Iterator[Hit]:
    if wanted.listed:
        return _listed(connection, wanted, after)
    keys = (_people.last_changed, _people.national_id)
    statement = _continued(_chosen(wanted), wanted.order, keys, after, limit)
    return (_hit(wanted.order, changed, who, present=True) for changed, who in connection.execute(statement))


def _departed(connection: Connection, wanted: Wanted, after: Place | None, limit: int) -> list[Hit]:
    keys = (_gone.departed_seq, _gone.national_id)
    statement = _continued(_tombstones(wanted), wanted.order, keys, after, limit)
    return [_hit(wanted.order, changed, who, present=False) for changed, who in connection.execute(statement)]


def _chosen(wanted: Wanted) -> Select[Any]:
    statement = select(_people.last_changed, _people.national_id).where(*wanted.where)
    return statement if wanted.seqs is None else statement.where(_within(_people.last_changed, wanted.seqs))


def _tombstones(wanted: Wanted) -> Select[Any]:
    statement = select(_gone.departed_seq, _gone.national_id)
    if wanted.seqs is not None:
        statement = statement.where(_within(_gone.departed_seq, wanted.seqs))
    return statement if wanted.only is None else statement.where(_gone.national_id.in_(sorted(wanted.only)))


def _within(column: ColumnElement[int], seqs: frozenset[int]) -> ColumnElement[bool]:
    """One range where the numbers follow one another, which they nearly always do."""
    if seqs and max(seqs) - min(seqs) == len(seqs) - 1:
        return column.between(min(seqs), max(seqs))
    return column.in_(sorted(seqs))


def _continued(
    statement: Select[Any],
    order: Order,
    keys: tuple[ColumnElement[int], ColumnElement[str]],
    after: Place | None,
    limit: int,
) -> Select[Any]:
    changed, name = keys
    if order is Order.IDENTIFIER:
        statement = statement.order_by(name)
        return (statement if after is None else statement.where(name > after.national_id)).limit(limit)
    statement = statement.order_by(changed, name)
    if after is not None:
        statement = statement.where(tuple_(changed, name) > tuple_(*after))
    return statement.limit(limit)


def _hit(order: Order, changed: int, national_id: str, *, present: bool) -> Hit:
    return Hit(
        Place(changed if order is Order.CHANGE else 0, national_id), national_id, changed, present
    )  # fmt: skip


def _listed(connection: Connection, wanted: Wanted, after: Place | None) -> Iterator[Hit]:
    """Those whose identifiers are known beforehand, looked at some at a time."""
    candidates = _candidates(connection, wanted, after.national_id if after else "")
    columns = (_people.last_changed, _people.national_id, *(_people[name] for name in NAMES.values()))
    statement = select(*columns).where(*wanted.where).order_by(_people.national_id)
    if wanted.seqs is not None:
        statement = statement.where(_within(_people.last_changed, wanted.seqs))
    while names := list(islice(candidates, bulk.NAMES_A_QUERY)):
        rows = connection.execute(statement.where(_people.national_id.in_(names))).all()
        for changed, name in _judged([tuple(row) for row in rows], wanted.names):
            yield _hit(Order.IDENTIFIER, changed, name, present=True)


def _judged(rows: Sequence[tuple[int, str, str, str]], tests: Sequence[NameTest]) -> list[tuple[int, str]]:
    if not tests:
        return [(changed, name) for changed, name, *_ in rows]
    plain = {kind: _together([row[place] for row in rows]) for place, kind in enumerate(NAMES, start=2)}
    return [
        (changed, name)
        for line, (changed, name, *published) in enumerate(rows)
        if all(
            test.fits(dict(zip(NAMES, published, strict=True)), {kind: plain[kind][line] for kind in NAMES})
            for test in tests
        )
    ]


def _together(names: Sequence[Any]) -> pl.Series:
    """Names in normal form, in one word."""
    return normalised(pl.Series(names, dtype=pl.String)).str.replace_all(" ", "", literal=True)


def _candidates(connection: Connection, wanted: Wanted, after: str) -> Iterator[str]:
    """The identifiers of everybody who may meet the conditions, ascending, after one."""
    if wanted.only is not None:
        return iter(sorted(name for name in wanted.only if name > after))
    census = Census(connection)
    sets = [_bearing(census, test) for test in wanted.names]
    sets += [census.of_terms(group) for group in wanted.terms]
    people = shared(sets)
    others = sorted(census.national_ids(people[people < 0]))
    first = np.searchsorted(people, max(0, int(after) + 1 if after.isdigit() and after[:1] == "8" else 0))
    usual = (census.national_ids(people[place : place + 1])[0] for place in range(int(first), people.size))
    return (name for name in heapq.merge(others, usual) if name > after)


def _bearing(census: Census, test: NameTest) -> People:
    """Who may bear such a name: a word of it, or all of it written together, is among the terms."""
    found: list[People] = []
    for text in test.texts:
        if test.how is How.EXACT:
            together = normal(text).replace(" ", "")
            found.append(census.of_terms(f"{kind}:{together}" for kind in test.kinds))
            continue
        for form in forms(text):
            if test.how is How.CONTAINS:
                words = census.connection.execute(
                    select(SEARCH_WORDS.c.word).where(like(SEARCH_WORDS.c.word, form))
                ).scalars()
                found.append(census.of_terms(f"{kind}:{word}" for word in words for kind in test.kinds))
            else:
                found.append(census.beginning([f"{kind}:{form}" for kind in test.kinds], _EVERYTHING)[0])
    return united(found)
