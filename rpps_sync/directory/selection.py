"""Pages of the practitioners who meet some conditions, in a fixed order that a page can be continued from.

Names come from the postings of the search (ADR 0006) and are then judged one by one: unlike the search, which
ranks and forgives, a selection holds exactly those who meet its conditions. Whoever left is a tombstone without a
name.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, func, select, tuple_

from rpps_sync.directory import bulk
from rpps_sync.directory.search.people import Census, People, shared
from rpps_sync.directory.search.spelling import normal, normalised
from rpps_sync.directory.search.terms import FAMILY, GIVEN
from rpps_sync.directory.tables import DEPARTURES, PRACTITIONERS, PUBLICATIONS, SEARCH_WORDS
from rpps_sync.directory.texts import How, forms, like
from rpps_sync.identifiers import RPPS_NATIONAL_ID

NAMES = {FAMILY: "family_name", GIVEN: "given_name"}
_EVERYTHING = 2**31 - 1
_PUBLISHED = (  # people in the publication being served, counted once for all
    select(PUBLICATIONS.c.practitioners)
    .where(PUBLICATIONS.c.seq.is_not(None))
    .order_by(PUBLICATIONS.c.seq.desc())
    .limit(1)
)
_FIRST_LOOK = 100  # people judged before more are: most of those who bear a word of a name pass
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
    forms: tuple[str, ...] = field(init=False)  # what is looked for in names written in one word

    def __post_init__(self) -> None:
        told = (normal(text).replace(" ", "") for text in self.texts)
        found = told if self.how is How.EXACT else (form for text in self.texts for form in forms(text))
        object.__setattr__(self, "forms", tuple(dict.fromkeys(found)))

    def fits(self, published: Mapping[str, str], plain: Mapping[str, str]) -> bool:
        """Whether names answer, given by kind as published and in one word of normal form."""
        if self.how is How.EXACT:
            return any(published[kind] in self.texts for kind in self.kinds)
        if self.how is How.CONTAINS:
            return any(form in plain[kind] for kind in self.kinds for form in self.forms)
        return any(plain[kind].startswith(self.forms) for kind in self.kinds)


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
        elif not wanted.where and wanted.seqs is None:
            total += connection.execute(_PUBLISHED).scalar() or 0
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
    place = Place(changed if order is Order.CHANGE else 0, national_id)
    return Hit(place, national_id, changed, present)


def _listed(connection: Connection, wanted: Wanted, after: Place | None) -> Iterator[Hit]:
    """Those whose identifiers are known beforehand, looked at some at a time."""
    candidates = _candidates(connection, wanted, after.national_id if after else "")
    columns = (_people.last_changed, _people.national_id, *(_people[name] for name in NAMES.values()))
    statement = select(*columns).where(*wanted.where).order_by(_people.national_id)
    if wanted.seqs is not None:
        statement = statement.where(_within(_people.last_changed, wanted.seqs))
    size = _FIRST_LOOK
    while names := list(islice(candidates, size)):
        size = bulk.NAMES_A_QUERY
        rows = connection.execute(statement.where(_people.national_id.in_(names))).all()
        for changed, name in _judged([tuple(row) for row in rows], wanted.names):
            yield _hit(Order.IDENTIFIER, changed, name, present=True)


def _judged(rows: Sequence[Any], tests: Sequence[NameTest]) -> list[tuple[int, str]]:
    """Those of some people (change, identifier, names) whose names pass."""
    if not tests:
        return [(changed, name) for changed, name, *_ in rows]
    plain = [_together([row[place] for row in rows]) for place in (2, 3)]
    return [
        (changed, name)
        for (changed, name, *published), *words in zip(rows, *plain, strict=True)
        if all(
            test.fits(dict(zip(NAMES, published, strict=True)), dict(zip(NAMES, words, strict=True)))
            for test in tests
        )
    ]


def _together(names: Sequence[str]) -> list[str]:
    """Names in normal form, in one word."""
    return normalised(pl.Series(names, dtype=pl.String)).str.replace_all(" ", "", literal=True).to_list()


def _candidates(connection: Connection, wanted: Wanted, after: str) -> Iterator[str]:
    """The identifiers of everybody who may meet the conditions, ascending, after one."""
    if wanted.only is not None:
        return iter(sorted(name for name in wanted.only if name > after))
    census = Census(connection)
    sets = [_bearing(census, test) for test in wanted.names]
    sets += [census.of_terms(group) for group in wanted.terms]
    people = shared(sets)
    others = sorted(census.national_ids(people[people < 0]))
    first = np.searchsorted(people, int(after) + 1 if RPPS_NATIONAL_ID.fullmatch(after) else 0)
    usual = (census.national_ids(people[place : place + 1])[0] for place in range(int(first), people.size))
    return (name for name in heapq.merge(others, usual) if name > after)


def _bearing(census: Census, test: NameTest) -> People:
    """Who may bear such a name: a word of it, or all of it written together, is among the terms."""
    if test.how is How.BEGINS:
        return census.beginning([f"{kind}:{form}" for form in test.forms for kind in test.kinds], _EVERYTHING)[0]
    words = test.forms if test.how is How.EXACT else _words_with(census.connection, test.forms)
    return census.of_terms(f"{kind}:{word}" for word in words for kind in test.kinds)


def _words_with(connection: Connection, parts: Iterable[str]) -> list[str]:
    """The words of names in which one of these stands."""
    word = SEARCH_WORDS.c.word
    return [
        found for part in parts for found in connection.execute(select(word).where(like(word, part))).scalars()
    ]
