"""The search: from what was typed to the people it means, the best first.

Three widening circles, and no wider than needed: people who bear every word exactly; then those whose words begin
so; then those one keystroke away. A circle is drawn by intersecting lists of numbers; the names inside are
then read and judged one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from sqlalchemy import Connection, select

from rpps_sync.directory import bulk
from rpps_sync.directory.search.filters import Filters, allowed
from rpps_sync.directory.search.matching import Asked, Match, Names, asked_words
from rpps_sync.directory.search.people import Census, People, among, shared, united
from rpps_sync.directory.search.spelling import words_of
from rpps_sync.directory.search.terms import FAMILY, GIVEN
from rpps_sync.directory.search.typos import misspelt
from rpps_sync.directory.tables import PRACTITIONERS
from rpps_sync.errors import UsageError

JUDGED = 1_000  # people whose names are read and compared in one search
BROAD = 2  # letters of a beginning that too many names share to be looked up beside a longer word
BEGINNINGS = 6_000  # rows of postings looked at for one beginning


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom somebody looks for."""

    text: str = ""  # words of the names, in any order
    family: str = ""
    given: str = ""
    filters: Filters = field(default_factory=Filters)


@dataclass(frozen=True, slots=True)
class Found:
    """Who answers, the best first."""

    matches: tuple[Match, ...]
    more: bool  # others answer as well
    complete: bool  # False: too many answer to have ranked them all; another word or filter would help


def find(connection: Connection, wanted: Wanted, *, limit: int = 20, skip: int = 0) -> Found:
    """Search by name, by what people do and by where.

    Args:
        connection: on the directory.
        wanted: what is known of whom is looked for.
        limit: how many answers are wanted.
        skip: how many of the best answers were already seen.

    Raises:
        UsageError: nothing was asked, or a filter means nothing.
    """
    asked = asked_words(wanted.text, wanted.family, wanted.given)
    if not asked and not wanted.filters:
        raise UsageError(
            "nobody is described", mend="give a name, an identifier, or a filter", reason="nothing-asked"
        )
    census = Census(connection)
    inside = allowed(census, wanted.filters)
    enough = skip + limit + 1
    matches: list[Match] = []
    complete = True
    for people, whole in _circles(census, asked, inside):
        chosen = people[:JUDGED]
        matches = _judged(census, chosen, asked)
        complete = whole and chosen.size == people.size
        if len(matches) >= enough:
            break
    matches.sort(key=lambda match: match.rank)
    return Found(tuple(matches[skip : skip + limit]), len(matches) >= enough, complete)


def _circles(census: Census, asked: Sequence[Asked], inside: People | None) -> Iterator[tuple[People, bool]]:
    """Who may answer, in wider and wider circles, the likeliest first; and whether nobody was left out."""
    if inside is not None and (not asked or inside.size <= JUDGED):
        yield inside, True
        return
    exact = [census.of_terms(one.terms(one.spellings)) for one in asked]
    yield _likeliest(census, asked, _within(exact, inside), exact), True
    begun, whole = _begun(census, asked, exact, inside)
    yield _likeliest(census, asked, _within(begun, inside), exact), whole
    meant = [
        united([people, census.of_terms(one.terms(misspelt(census.connection, one.word)))])
        for one, people in zip(asked, begun, strict=True)
        if people is not None
    ]  # fmt: skip
    yield _likeliest(census, asked, _within(meant, inside), exact), whole


def _begun(
    census: Census, asked: Sequence[Asked], exact: Sequence[People], inside: People | None
) -> tuple[list[People | None], bool]:
    """Who bears a word that begins so, for each word; None: everybody may, their names will tell.

    One or two letters are the beginning of too many names: beside a longer word they are left to the names.
    """
    sets: list[People | None] = []
    whole = True
    for one, people in zip(asked, exact, strict=True):
        found, all_seen = (None, True) if len(one.word) <= BROAD else _beginning(census, one, people)
        sets.append(found)
        whole = whole and all_seen
    if _few(sets, inside):
        return sets, whole
    for place, (one, people) in enumerate(zip(asked, exact, strict=True)):
        if sets[place] is None:
            sets[place], all_seen = _beginning(census, one, people)
            whole = whole and all_seen
    return sets, whole


def _beginning(census: Census, one: Asked, exact: People) -> tuple[People, bool]:
    found, whole = census.beginning(one.terms([one.word]), BEGINNINGS)
    return united([exact, found]), whole


def _few(sets: Sequence[People | None], inside: People | None) -> bool:
    known = [people for people in (*sets, inside) if people is not None]
    return bool(known) and shared(known).size <= JUDGED


def _within(sets: Sequence[People | None], inside: People | None) -> People:
    """Who is in every set and satisfies the filters."""
    return shared([people for people in (*sets, inside) if people is not None])


def _likeliest(census: Census, asked: Sequence[Asked], people: People, exact: Sequence[People]) -> People:
    """The same people; when too many for all to be judged, those who bear more of the words exactly come first."""
    if people.size <= JUDGED:
        return people
    borne = np.zeros(people.size, np.int64)
    for one in exact:
        borne += among(people, one)
    families = [f"{FAMILY}:{word}" for one in asked for word in one.spellings]
    named = among(people, census.of_terms(families))
    return people[np.lexsort((people, ~named, -borne))]


def _judged(census: Census, people: People, asked: Sequence[Asked]) -> list[Match]:
    answers = ((names, names.reasons(asked)) for names in _names(census.connection, census.national_ids(people)))
    return [Match(names, reasons) for names, reasons in answers if reasons is not None]


def _names(connection: Connection, national_ids: Sequence[str]) -> list[Names]:
    """The names of some practitioners with the words they are found by."""
    table = PRACTITIONERS.c
    statement = select(table.national_id, table.family_name, table.given_name)
    rows = [
        tuple(row)
        for some in bulk.batches(national_ids)
        for row in connection.execute(statement.where(table.national_id.in_(some)))
    ]
    words = _words([name for row in rows for name in row[1:]])
    return [Names(who, family, given, {FAMILY: words(family), GIVEN: words(given)}) for who, family, given in rows]


def _words(names: Sequence[str]) -> Callable[[str], frozenset[str]]:
    found = words_of(pl.Series(names, dtype=pl.String)).group_by("name").agg("word")
    by_name = {name: frozenset(words) for name, words in found.iter_rows()}
    return lambda name: by_name.get(name, frozenset())
