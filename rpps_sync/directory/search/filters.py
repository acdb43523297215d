"""Professions, skills and places as people write them, turned into the terms they are found by."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields

import polars as pl
from rapidfuzz import fuzz, process
from sqlalchemy import Connection, select

from rpps_sync import nomenclature
from rpps_sync.departments import normalised_department
from rpps_sync.directory.search.people import Census, People, shared, united
from rpps_sync.directory.search.spelling import PARTICLES, normal, normalised
from rpps_sync.directory.search.terms import COMMUNE, DEPARTMENT, POSTAL_CODE, PROFESSION, SKILL, TOWN
from rpps_sync.directory.tables import LABELS
from rpps_sync.errors import UsageError

_COMMUNE_CODE = re.compile(r"[0-9][0-9AB][0-9]{3}")
_DEPARTMENT = re.compile(r"[0-9][0-9AB]|9[78][0-9]")
_POSTAL_CODE = re.compile(r"[0-9]{5}")
_TOWNS = 2_000  # rows of postings looked at for the name of a commune; Paris has some two hundred


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked of people besides their name: one value at least of each kind that is given."""

    professions: tuple[str, ...] = ()  # codes or labels
    skills: tuple[str, ...] = ()  # codes or labels
    departments: tuple[str, ...] = ()  # codes
    communes: tuple[str, ...] = ()  # INSEE codes or names; the name of a city means all of its districts
    postal_codes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is asked."""
        return any(getattr(self, one.name) for one in fields(self))


@dataclass(frozen=True, slots=True)
class Group:
    """One thing asked of people: they are found by one of these terms, or by one that begins so."""

    terms: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()

    def holds(self, terms: Collection[str]) -> bool:
        """Whether somebody found by these terms is meant."""
        return any(term in terms for term in self.terms) or any(
            term.startswith(self.beginnings) for term in terms if self.beginnings
        )


def allowed(census: Census, filters: Filters) -> People | None:
    """Who satisfies the filters; None when nothing is asked.

    Raises:
        UsageError: a value means nothing; the mend suggests others.
    """
    groups = list(groups_of(census.connection, filters))
    return people_of(census, groups) if groups else None


def groups_of(connection: Connection, filters: Filters) -> Iterator[Group]:
    """What filters ask, one group for each kind of them that is given.

    Raises:
        UsageError: a value means nothing; the mend suggests others.
    """
    professions = (code for one in filters.professions for code in codes_of(connection, "profession", one))
    skills = (code for one in filters.skills for code in codes_of(connection, "skill", one))
    for terms in (
        [f"{PROFESSION}:{code}" for code in professions],
        [f"{SKILL}:{code}" for code in skills],
        [f"{DEPARTMENT}:{_department(one)}" for one in filters.departments],
        [f"{POSTAL_CODE}:{_postal_code(one)}" for one in filters.postal_codes],
    ):
        if terms:
            yield Group(tuple(terms))
    if filters.communes:
        yield _communes(filters.communes)


def people_of(census: Census, groups: Iterable[Group]) -> People:
    """Who is in all of the groups."""
    return shared(
        [united([census.of_terms(one.terms), census.beginning(one.beginnings, _TOWNS)[0]]) for one in groups]
    )


def codes_of(connection: Connection, system: str, text: str) -> tuple[str, ...]:
    """The codes that a code or the words of a label mean, in one coded column.

    A whole label wins over the beginnings of its words: ``pharmacien`` is one profession, ``chir`` many skills.

    Raises:
        UsageError: nothing is called so.
    """
    labels = _labels(connection, system)
    code = text.strip().upper()
    if code in labels:
        return (code,)
    typed = normal(text)
    if whole := [code for code, names in labels.items() if typed in names]:
        return tuple(sorted(whole))
    words = [word for word in typed.split() if word not in PARTICLES]
    if begun := [code for code, names in labels.items() if any(_begin(words, name) for name in names)]:
        return tuple(sorted(begun))
    raise _unknown(system, text, labels)


def _begin(words: list[str], label: str) -> bool:
    parts = label.split()
    return bool(words) and all(any(part.startswith(word) for part in parts) for word in words)


def _labels(connection: Connection, system: str) -> dict[str, set[str]]:
    """Every code with its labels in normal form, as published and as in the nomenclature."""
    published = connection.execute(
        select(LABELS.c.code, LABELS.c.label).where(LABELS.c.system == system, LABELS.c.until_seq.is_(None))
    )
    labels: dict[str, set[str]] = {code: set() for code in nomenclature.known_codes(system)}
    for code, label in (*nomenclature.wordings(system).items(), *(tuple(row) for row in published)):
        labels.setdefault(code, set()).add(label)
    return _normal_labels(labels)


def _normal_labels(labels: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """In one call for all labels: one for each would cost more than the search."""
    every = [(code, label) for code, names in labels.items() for label in names]
    found: dict[str, set[str]] = {code: set() for code in labels}
    for (code, _), name in zip(every, normalised(pl.Series([label for _, label in every])), strict=True):
        found[code].add(name)
    return found


def _unknown(system: str, text: str, labels: Mapping[str, set[str]]) -> UsageError:
    names = {name: code for code, some in labels.items() for name in some}
    near = process.extract(normal(text), list(names), scorer=fuzz.WRatio, limit=3, score_cutoff=60)
    meant = ", ".join(f"{name} ({names[name]})" for name, _, _ in near)
    hint = f"did you mean {meant}?" if meant else "give a code"
    return UsageError(
        f"no {system} is called '{text}'",
        mend=f"{hint} All of them: 'rpps-sync nomenclature list'",
        reason=f"unknown-{system}",
    )


def _department(text: str) -> str:
    code = normalised_department(text)
    if not _DEPARTMENT.fullmatch(code):
        raise UsageError(
            f"'{text}' is not the code of a department", mend="write 69, 2A or 971", reason="bad-department"
        )
    return code


def _postal_code(text: str) -> str:
    code = re.sub(r"\s", "", text)
    if not _POSTAL_CODE.fullmatch(code):
        raise UsageError(f"'{text}' is not a postal code", mend="write five digits", reason="bad-postal-code")
    return code


def _communes(communes: Iterable[str]) -> Group:
    codes, towns = [], []
    for text in communes:
        code = text.strip().upper()
        codes += [f"{COMMUNE}:{code}"] if _COMMUNE_CODE.fullmatch(code) else []
        towns += [] if _COMMUNE_CODE.fullmatch(code) else [f"{TOWN}:{normal(text)}"]
    return Group((*codes, *towns), tuple(f"{town} " for town in towns))
