"""How much each registration authority's feed changes: practitioners by authority and profession, each night.

A practitioner is entered by a registration authority (autorité d'enregistrement: an Order, an ARS, the SSA), which
sends its changes to the RPPS every day. The documents that a publication replaces are in hand while it is written:
counting costs no query, and some tens of rows a night.

Only what the authority itself sends is counted: arrivals, departures, identity, professions, skills, diplomas,
work situations. The description of a structure comes from FINESS or SIRENE, mailboxes and cards from other
chains: they go on changing when the authority's feed has stopped, and would hide it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import polars as pl
from sqlalchemy import Connection, insert, select

from rpps_sync.clock import french_day
from rpps_sync.directory.tables import FEED_CHANGES, PUBLICATIONS
from rpps_sync.practitioner import Activity, Exercise, Practitioner

EVERYBODY = ""  # as authority: all practitioners; as profession: all those of the authority
_ACRONYM = r"^([A-Z]{2,12})(?:$|[ /])"  # what a triplet starts with; anything else is no authority's doing
_PROFESSION = r"^[0-9A-Z]{1,4}$"


@dataclass(frozen=True, slots=True, order=True)
class Feed:
    """What one authority sends of one profession, or of all its professions together."""

    authority: str  # acronym: 'CNOM'
    profession: str = EVERYBODY  # code


def authority_of(triplet: str) -> str:
    """The acronym that a triplet as published (``CNOM/CNOM/ARS``) starts with; empty when it names nobody."""
    found = re.match(_ACRONYM, triplet)
    return found[1] if found else ""


@dataclass(slots=True)
class Tally:
    """The changes of one publication, counted while it is written."""

    _counts: Counter[Feed] = field(default_factory=Counter)

    def arrived(self, activities: pl.DataFrame, identifiers: pl.Series) -> None:
        """Count people who were not there before, from their activity rows."""
        self._counts[Feed(EVERYBODY)] += len(identifiers)
        rows = activities.filter(pl.col("national_id").is_in(identifiers.to_list())).select(
            "national_id", "profession", authority=pl.col("registration_authority").str.extract(_ACRONYM)
        )
        rows = rows.filter(pl.col("authority").is_not_null(), pl.col("profession").str.contains(_PROFESSION))
        for by in (["authority", "profession"], ["authority"]):
            for *names, count in rows.group_by(by).agg(pl.col("national_id").n_unique()).iter_rows():
                self._counts[Feed(*names)] += count

    def changed(self, before: Practitioner, after: Practitioner) -> None:
        """Count somebody whose document moved."""
        self._count(_touched(before, after))

    def departed(self, before: Practitioner) -> None:
        """Count somebody who left."""
        self._count(_feeds(before.exercises))

    def write(self, connection: Connection, seq: int) -> None:
        """Keep the counts of publication ``seq``; one that changed nobody was counted too."""
        self._counts[Feed(EVERYBODY)] += 0
        rows = [
            {"publication_seq": seq, "authority": feed.authority, "profession": feed.profession}
            | {"practitioners": count}
            for feed, count in sorted(self._counts.items())
        ]
        connection.execute(insert(FEED_CHANGES), rows)

    def _count(self, feeds: set[Feed]) -> None:
        self._counts.update({Feed(EVERYBODY), *feeds, *(Feed(feed.authority) for feed in feeds)})


def _touched(before: Practitioner, after: Practitioner) -> set[Feed]:
    """The feeds that a change came through."""
    if _registered(before) != _registered(after):
        return _feeds(before.exercises) | _feeds(after.exercises)
    old, new = ({_key(item): item for item in one.exercises} for one in (before, after))
    touched: set[Feed] = set()
    for key in old.keys() | new.keys():
        one, other = old.get(key), new.get(key)
        if one is None or other is None or _qualified(one) != _qualified(other):
            touched |= _feeds(item for item in (one, other) if item)
        else:
            moved = _situations(one) ^ _situations(other)
            touched |= {feed for feed, _ in moved if feed is not None}
    return touched


def _registered(one: Practitioner) -> tuple[object, ...]:
    return (
        (one.id_type, one.civility, one.family_name, one.given_name),
        frozenset(one.diplomas),
        frozenset(one.authorisations),
    )


def _key(exercise: Exercise) -> tuple[str, str]:
    return exercise.profession, exercise.category


def _qualified(exercise: Exercise) -> tuple[object, ...]:
    return exercise.exercise_civility, frozenset(exercise.skills)


def _situations(exercise: Exercise) -> set[tuple[Feed | None, tuple[str, ...]]]:
    """Work situations by what the authority says of them: the place by its key, however it is described."""
    return {
        (
            _feed(exercise, item),
            (item.mode, item.sector, item.role, item.kind, item.pharmacist_section, item.structure.key),
        )
        for item in exercise.activities
    }


def _feeds(exercises: Iterable[Exercise]) -> set[Feed]:
    feeds = {_feed(exercise, item) for exercise in exercises for item in exercise.activities}
    return {feed for feed in feeds if feed is not None}


def _feed(exercise: Exercise, activity: Activity) -> Feed | None:
    authority = authority_of(activity.registration_authority)
    known = authority and re.match(_PROFESSION, exercise.profession)
    return Feed(authority, exercise.profession) if known else None


@dataclass(frozen=True, slots=True)
class Counted:
    """One publication whose changes were counted."""

    seq: int
    day: date  # of its deposit, in France
    follows: date  # day of the publication before it, from which its changes are counted
    changes: dict[Feed, int]  # those of a feed that is not in it are none


def counted(connection: Connection, publications: int) -> list[Counted]:
    """The last publications whose changes were counted, oldest first; a first one is never counted."""
    ledger = select(PUBLICATIONS.c.seq, PUBLICATIONS.c.published_at).where(PUBLICATIONS.c.seq.is_not(None))
    newest_first = ledger.order_by(PUBLICATIONS.c.seq.desc()).limit(publications + 1)
    days = {row.seq: french_day(row.published_at) for row in connection.execute(newest_first)}
    if not days:
        return []
    changes: dict[int, dict[Feed, int]] = {}
    for row in connection.execute(select(FEED_CHANGES).where(FEED_CHANGES.c.publication_seq > min(days))):
        changes.setdefault(row.publication_seq, {})[Feed(row.authority, row.profession)] = row.practitioners
    return [Counted(seq, days[seq], days[seq - 1], changes[seq]) for seq in sorted(changes)]
