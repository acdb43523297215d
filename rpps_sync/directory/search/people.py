"""Sets of people as sorted arrays of numbers, read from the postings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, select

from rpps_sync.directory import bulk
from rpps_sync.directory.search.postings import NUMBER
from rpps_sync.directory.search.terms import BLOCK_DIGITS
from rpps_sync.directory.search.typos import HIGHEST
from rpps_sync.directory.tables import SEARCH_POSTINGS

People = NDArray[np.int64]

NOBODY: People = np.empty(0, np.int64)
_DIGITS = 12  # of the national identifier of an RPPS number
_BLOCK = 10 ** (_DIGITS - BLOCK_DIGITS)


@dataclass(slots=True)
class Census:
    """Reads who is found by which terms, during one search.

    An RPPS identifier stands for itself as a number; the others, which are few, get negative ones as they come.
    """

    connection: Connection
    _others: list[str] = field(default_factory=list, init=False)

    def of_terms(self, terms: Iterable[str]) -> People:
        """Who is found by one of these terms at least."""
        asked, postings = sorted(set(terms)), SEARCH_POSTINGS.c
        found: list[People] = []
        for part in bulk.batches(asked):
            statement = select(postings.block, postings.people).where(postings.term.in_(part))
            found += self._arrays(self.connection.execute(statement.order_by(postings.term, postings.block)))
        return united(found)

    def beginning(self, prefixes: Iterable[str], most: int) -> tuple[People, bool]:
        """Who is found by a term that begins so, and whether all of those terms were looked at.

        Args:
            prefixes: beginnings of terms.
            most: rows of postings looked at for each, in alphabetical order.
        """
        found: list[People] = []
        whole = True
        postings = SEARCH_POSTINGS.c
        for prefix in prefixes:
            statement = select(postings.block, postings.people).where(
                postings.term.between(prefix, prefix + HIGHEST)
            )
            rows = self.connection.execute(statement.order_by(postings.term).limit(most)).all()
            found += self._arrays(rows)
            whole = whole and len(rows) < most
        return united(found), whole

    def national_ids(self, people: People) -> list[str]:
        """The identifiers of some people, in their order."""
        return [self._others[-number - 1] if number < 0 else f"{number:0{_DIGITS}d}" for number in people.tolist()]

    def _arrays(self, rows: Iterable[Row[Any, Any]]) -> list[People]:
        return [self._numbers(block, people) for block, people in rows]

    def _numbers(self, block: str, people: bytes) -> People:
        if len(block) == BLOCK_DIGITS:
            numbers: People = np.frombuffer(people, NUMBER).astype(np.int64) + int(block) * _BLOCK
            return numbers
        if block not in self._others:
            self._others.append(block)
        return np.array([-self._others.index(block) - 1], np.int64)


def united(sets: Sequence[People]) -> People:
    """Everybody in one of the sets at least, ascending."""
    filled = [one for one in sets if one.size]
    if not filled:
        return NOBODY
    whole = np.concatenate(filled)
    if not bool(np.all(whole[1:] > whole[:-1])):
        whole.sort()  # numpy's unique would hash, which takes ten times as long
        whole = whole[np.concatenate(([True], whole[1:] != whole[:-1]))]
    return whole


def shared(sets: Sequence[People]) -> People:
    """Everybody in all of the sets, ascending."""
    return reduce(lambda few, many: few[among(few, many)], sorted(sets, key=len))


def among(few: People, many: People) -> NDArray[np.bool_]:
    """Which of these people are among the others, both ascending."""
    if not many.size:
        return np.zeros(few.size, bool)
    places = np.searchsorted(many, few)
    found: NDArray[np.bool_] = many[np.minimum(places, many.size - 1)] == few
    return found
