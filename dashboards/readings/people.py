"""Practitioners: who answers, what the directory says of one of them, and what it said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dashboards.readings.keeping import kept, kept_until_the_next_run
from dashboards.session import reading
from pipelines.worklists import names_of
from rpps_sync.clock import end_of
from rpps_sync.directory import moved
from rpps_sync.directory import timeline as life
from rpps_sync.directory.changes import ChangeKind
from rpps_sync.directory.labels import load as load_labels
from rpps_sync.directory.lookup import lookup
from rpps_sync.directory.moved import Moved
from rpps_sync.directory.search import answers
from rpps_sync.directory.search.filters import Filters
from rpps_sync.directory.search.finding import Wanted
from rpps_sync.directory.timeline import Moment
from rpps_sync.freshness.records import RecordFreshness, record_freshness


@kept_until_the_next_run
def labels_of(system: str) -> Mapping[str, str]:
    """The published label of each code of one system (``profession``, ``skill``)."""
    with reading() as connection:
        by_code = load_labels(connection).by_code
    return {code: label for (of, code), label in by_code.items() if of == system}


@kept_until_the_next_run
def search(asked: str, profession: str, department: str, limit: int) -> Mapping[str, Any]:
    """Who answers, the best first (``rpps_sync.directory.search.answers.search``); an empty filter means any."""
    filters = Filters(
        professions=(profession,) if profession else (), departments=(department,) if department else ()
    )
    with reading() as connection:
        return answers.search(connection, Wanted(asked, filters=filters), limit=limit)


@kept_until_the_next_run
def record(national_id: str, day: str) -> Mapping[str, Any]:
    """One practitioner's document, today (no day) or as it was at the end of an ISO day."""
    with reading() as connection:
        as_of = end_of(date.fromisoformat(day)) if day else None
        return lookup(connection, national_id, as_of)


@kept_until_the_next_run
def timeline(national_id: str) -> Sequence[Moment]:
    """What each publication said anew of somebody, newest first."""
    with reading() as connection:
        return life.timeline(connection, national_id)


@kept
def freshness_of(national_id: str, day: str, language: str, tokens: bool) -> RecordFreshness:
    """How fresh one record is today (no day) or was on an ISO day; with what tokens saw for those who may know."""
    with reading() as connection:
        as_of = end_of(date.fromisoformat(day)) if day else None
        return record_freshness(connection, national_id, language, as_of=as_of, tokens=tokens)


@kept_until_the_next_run
def moved_with(seq: int) -> Mapping[str, int]:
    """How many people moved with one publication, by kind of change."""
    with reading() as connection:
        return moved.how_many(connection, seq)


@kept_until_the_next_run
def who_moved(seq: int, kind: str, limit: int, skip: int) -> Sequence[tuple[Moved, str]]:
    """Some people who moved with one publication, each with the name they bear now (empty when they left)."""
    with reading() as connection:
        found = moved.page(connection, seq, ChangeKind(kind), limit=limit, skip=skip)
        names = names_of(connection, [one.national_id for one in found])
    return [(one, " ".join(names.get(one.national_id, ()))) for one in found]
