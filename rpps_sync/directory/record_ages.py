"""Of one practitioner: when each part of the document last changed, and what confirmed it last.

A part is confirmed by every publication whose extract still shows it, and by every token that agreed with it.
All is read by key: the former versions of one person, the newest observations, what stands between them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise

from sqlalchemy import Connection, func, select

from rpps_sync import pseudonyms
from rpps_sync.directory.feeds import authority_of
from rpps_sync.directory.record import Record, Versions
from rpps_sync.directory.served import Served
from rpps_sync.directory.tables import COMPARISONS, FINDINGS, OBSERVATIONS
from rpps_sync.finding import QUIET_VERDICTS, FindingStatus, Verdict
from rpps_sync.practitioner import Practitioner
from rpps_sync.publication import ExtractKind


class Part(StrEnum):
    """The parts of a document."""

    IDENTITY = "identity"
    EXERCISES = "exercises"
    ACTIVITIES = "activities"
    SKILLS = "skills"
    DIPLOMAS = "diplomas"
    AUTHORISATIONS = "authorisations"
    MAILBOXES = "mailboxes"
    CARDS = "cards"


SHOWN_BY: Mapping[Part, ExtractKind] = {
    Part.IDENTITY: ExtractKind.PERSONNE_ACTIVITE,
    Part.EXERCISES: ExtractKind.PERSONNE_ACTIVITE,
    Part.ACTIVITIES: ExtractKind.PERSONNE_ACTIVITE,
    Part.SKILLS: ExtractKind.SAVOIRFAIRE,
    Part.DIPLOMAS: ExtractKind.DIPL_AUTEXERC,
    Part.AUTHORISATIONS: ExtractKind.DIPL_AUTEXERC,
    Part.MAILBOXES: ExtractKind.MSSANTE,
    Part.CARDS: ExtractKind.CARTES,
}
IN_TOKENS = (Part.IDENTITY, Part.EXERCISES, Part.ACTIVITIES, Part.SKILLS)
_PART_OF = {  # what the first word of a finding's field is about
    "practitioner": Part.IDENTITY,
    "identity": Part.IDENTITY,
    "exercise": Part.EXERCISES,
    "skill": Part.SKILLS,
    "activity": Part.ACTIVITIES,
    "contact": Part.ACTIVITIES,
    "address": Part.ACTIVITIES,
}


@dataclass(frozen=True, slots=True)
class PartAge:
    """One part of a document."""

    changed: date | None  # day of the publication that last changed it; None: not since the person is known
    published: datetime | None  # deposit of the newest extract that shows it; None: that extract is not taken in
    seen: date | None = None  # last day of a token that agreed with it
    disputed: bool = False  # whether a token says something else


@dataclass(frozen=True, slots=True)
class Seen:
    """What one application last saw of this person."""

    source: str
    day: date
    agrees: bool  # nothing of it differs from the directory
    differs: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordAges:
    """All that is known of the age of one record."""

    publication: str  # the newest one that shows it
    published_at: datetime
    known_since: date
    held_since: date | None  # since when an unreadable line keeps an older version
    parts: Mapping[Part, PartAge]
    seen: tuple[Seen, ...] = ()  # newest first
    authorities: tuple[str, ...] = ()

    @property
    def last_changed(self) -> date:
        """The last change of any part."""
        return max((part.changed for part in self.parts.values() if part.changed), default=self.known_since)


@dataclass(slots=True)
class _Tokens:
    """What tokens said, before it is told part by part."""

    seen: list[Seen] = field(default_factory=list)

    def agreeing(self, part: Part) -> date | None:
        return max((one.day for one in self.seen if part in IN_TOKENS and part not in one.differs), default=None)

    def disputes(self, part: Part) -> bool:
        return any(part in one.differs for one in self.seen)


def record_ages(
    connection: Connection, record: Record, at: Served, *, now_served: bool = True, tokens: bool = True
) -> RecordAges | None:
    """The ages of a record as of one publication; None when that publication does not contain it.

    Args:
        connection: reading.
        record: whose.
        at: the publication served.
        now_served: whether that is the newest one: what stands now (a held line, tokens) says nothing of the past.
        tokens: whether to tell what tokens saw, which is not open data.
    """
    told = [item for item in record.versions if item[0] <= at.seq]
    if not told or told[-1][1] is None:
        return None
    held = record.current.held_since if now_served and record.current else None
    spoken = _tokens(connection, pseudonyms.of_person(record.national_id)) if now_served and tokens else _Tokens()
    presence = _presence(told)
    confirms = held - 1 if held and held > presence[-1][0] else at.seq  # what a held record was last read in
    shown = at.publication(confirms)
    return RecordAges(
        publication=shown.id,
        published_at=shown.published_at,
        known_since=at.publication(presence[0][0]).day,
        held_since=at.publication(held).day if held else None,
        parts={
            part: PartAge(
                _changed(part, presence, at),
                shown.deposits.get(SHOWN_BY[part]),
                spoken.agreeing(part),
                spoken.disputes(part),
            )
            for part in Part
        },
        seen=tuple(spoken.seen),
        authorities=_authorities(presence[-1][1]),
    )


def _presence(told: Versions) -> list[tuple[int, Practitioner]]:
    """The versions since the person is there without a break."""
    since: list[tuple[int, Practitioner]] = []
    for seq, document in told:
        since = [*since, (seq, document)] if document is not None else []
    return since


def _changed(part: Part, presence: list[tuple[int, Practitioner]], at: Served) -> date | None:
    """The day of the publication that last changed a part; None: no later one than the first."""
    for (seq, after), (_, before) in pairwise(reversed(presence)):
        if _value(part, after) != _value(part, before):
            return at.publication(seq).day
    return None


def _value(part: Part, one: Practitioner) -> object:
    """What is compared from one version to the next: sets as sets."""
    if part is Part.IDENTITY:
        return one.id_type, one.civility, one.family_name, one.given_name
    if part is Part.EXERCISES:
        return {(item.profession, item.category, item.exercise_civility) for item in one.exercises}
    if part in (Part.SKILLS, Part.ACTIVITIES):
        return {(item.profession, item.category, each) for item in one.exercises for each in getattr(item, part)}
    return set(getattr(one, part))


def _tokens(connection: Connection, national_id: str) -> _Tokens:
    last = select(OBSERVATIONS.c.source, func.max(OBSERVATIONS.c.last_seen)).where(
        OBSERVATIONS.c.national_id == national_id
    )
    days = dict(map(tuple, connection.execute(last.group_by(OBSERVATIONS.c.source))))
    differs = _differences(connection, national_id)
    compared = select(COMPARISONS.c.source, COMPARISONS.c.by_verdict).where(
        COMPARISONS.c.national_id == national_id
    )
    agreed = {
        row.source for row in connection.execute(compared) if row.by_verdict.get(Verdict.CONSISTENT.value, 0)
    }
    seen = [
        Seen(source, day, source not in differs, tuple(sorted(differs[source])) if source in differs else ())
        for source, day in days.items()
        if source in agreed or source in differs
    ]
    return _Tokens(sorted(seen, key=lambda one: one.day, reverse=True))


def _differences(connection: Connection, national_id: str) -> defaultdict[str, set[Part]]:
    """The parts on which each application sees something else, as far as anybody has to look."""
    standing = select(FINDINGS.c.source, FINDINGS.c.field).where(
        FINDINGS.c.national_id == national_id,
        FINDINGS.c.status != FindingStatus.RESOLVED.value,
        FINDINGS.c.verdict.not_in([verdict.value for verdict in QUIET_VERDICTS]),
    )
    found: defaultdict[str, set[Part]] = defaultdict(set)
    for row in connection.execute(standing):
        found[row.source].add(_PART_OF[row.field.partition(".")[0]])
    return found


def _authorities(one: Practitioner) -> tuple[str, ...]:
    names = (authority_of(item.registration_authority) for each in one.exercises for item in each.activities)
    return tuple(dict.fromkeys(name for name in names if name))
