"""Whom it is worth comparing with a description: a few dozen people out of a million, read from the postings.

Somebody is worth comparing who shares both names (misspelt or swapped), or a family name with the place or the
profession, or a given name with the place and the profession: a maiden name, an old address, a typo each break one
of these ways, and seldom all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from rpps_sync.directory.search.filters import codes_of
from rpps_sync.directory.search.people import Census, People, among, shared, united
from rpps_sync.directory.search.spelling import typed_words
from rpps_sync.directory.search.terms import (
    COMMUNE,
    DEPARTMENT,
    FAMILY,
    GIVEN,
    POSTAL_CODE,
    PROFESSION,
    SKILL,
    TOWN,
)
from rpps_sync.directory.search.typos import misspelt
from rpps_sync.errors import UsageError

MOST = 60  # candidates of one description
_WEIGHTS = {"family": 3, "given": 2, "place": 2, "profession": 1}


@dataclass(frozen=True, slots=True)
class Clues:
    """What a description says, in the terms that people are found by."""

    families: tuple[str, ...] = ()  # words
    givens: tuple[str, ...] = ()  # words
    professions: tuple[str, ...] = ()  # codes
    skills: tuple[str, ...] = ()  # codes
    postal_code: str = ""
    commune: str = ""  # code or normal name
    department: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Who is worth comparing, and how many people each clue is true of."""

    national_ids: list[str]
    borne: Mapping[str, int]  # people found by each term: 'f:MARTIN', 'p:60', 'z:69003'…


class Blocks:
    """Finds blocks; what was read for one description is kept for the next ones of the same call.

    Args:
        connection: on the directory.
    """

    def __init__(self, connection: Connection) -> None:
        self._census = Census(connection)
        self._connection = connection
        self._terms: dict[str, People] = {}
        self._near: dict[str, list[str]] = {}
        self._codes: dict[tuple[str, str], tuple[str, ...]] = {}

    def codes(self, system: str, text: str) -> tuple[str, ...]:
        """The codes that a code or a label means; none when it means nothing here."""
        key = (system, text)
        if key not in self._codes:
            try:
                self._codes[key] = codes_of(self._connection, system, text) if text.strip() else ()
            except UsageError:
                self._codes[key] = ()
        return self._codes[key]

    def find(self, clues: Clues) -> Block:
        """Who is worth comparing, at most :data:`MOST`."""
        borne: dict[str, int] = {}
        families = self._named(clues.families, (FAMILY, GIVEN), borne)
        givens = self._named(clues.givens, (GIVEN, FAMILY), borne)
        place = self._in_place(clues, borne)
        work = united([self._of(f"{PROFESSION}:{code}", borne) for code in clues.professions])
        for code in clues.skills:
            self._of(f"{SKILL}:{code}", borne)
        sets = {"family": families, "given": givens, "place": place, "profession": work}
        ways = [
            ("family", "given"),
            ("family", "place"),
            ("family", "profession"),
            ("given", "place", "profession"),
        ]
        found = united([shared([sets[name] for name in way]) for way in ways if all(sets[n].size for n in way)])
        if not found.size:
            found = families
        return Block(self._census.national_ids(_likeliest(found, sets)), borne)

    def _of(self, term: str, borne: dict[str, int]) -> People:
        if term not in self._terms:
            self._terms[term] = self._census.of_terms([term])
        borne[term] = int(self._terms[term].size)
        return self._terms[term]

    def _named(self, words: Sequence[str], kinds: Sequence[str], borne: dict[str, int]) -> People:
        """Who bears one of the words, as it is or with one wrong keystroke, in either of the names."""
        found: list[People] = []
        for word in words:
            if word not in self._near:
                self._near[word] = misspelt(self._connection, word)
            for spelling in (word, *self._near[word]):
                found += [self._of(f"{kind}:{spelling}", borne) for kind in kinds]
        return united(found)

    def _in_place(self, clues: Clues, borne: dict[str, int]) -> People:
        terms = [f"{POSTAL_CODE}:{clues.postal_code}"] if clues.postal_code else []
        if clues.commune:
            terms += [f"{COMMUNE}:{clues.commune}", f"{TOWN}:{clues.commune}"]
        if clues.department:
            terms.append(f"{DEPARTMENT}:{clues.department}")
        return united([self._of(term, borne) for term in terms])


def words(text: str) -> tuple[str, ...]:
    """The words a name is found by, alone and run together with their neighbours."""
    return tuple(dict.fromkeys(form for word, together in typed_words(text) for form in (word, *together)))


def _likeliest(found: People, sets: Mapping[str, People]) -> People:
    """At most :data:`MOST` of them, those who share most first."""
    if found.size <= MOST:
        return found
    weight = np.zeros(found.size, np.int64)
    for name, people in sets.items():
        weight += among(found, people) * _WEIGHTS[name]
    return found[np.lexsort((found, -weight))][:MOST]
