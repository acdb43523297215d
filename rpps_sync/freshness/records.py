"""How much one practitioner's record can be trusted today, as data and as one plain sentence.

Four degrees. *confirmed*: a current publication shows it and a recent token agrees. *current*: a current
publication shows it, no token says anything. *doubtful*: something asks for a look before relying on it.
*stale*: nothing says any more that it is so. Somebody who left is *departed*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select

from rpps_sync.clock import french_day, iso, now
from rpps_sync.directory.record import read
from rpps_sync.directory.record_ages import Part, RecordAges, Seen, record_ages
from rpps_sync.directory.served import served
from rpps_sync.directory.tables import OBJECTIVE_STATES
from rpps_sync.freshness.ages import in_words
from rpps_sync.freshness.objectives import Objective, Watch, objectives
from rpps_sync.freshness.verdict import State
from rpps_sync.freshness.wording import joined
from rpps_sync.locales import day as in_full

_STANDING = select(OBJECTIVE_STATES.c.objective, OBJECTIVE_STATES.c.counted_from).where(
    OBJECTIVE_STATES.c.until.is_(None), OBJECTIVE_STATES.c.state.in_([State.WARN.value, State.ERROR.value])
)
RECENT = timedelta(days=30)  # a token older than that confirms nothing any more

_PARTS: Mapping[str, Mapping[Part, str]] = {
    "fr": {
        Part.IDENTITY: "l’identité",
        Part.EXERCISES: "la profession",
        Part.ACTIVITIES: "l’activité",
        Part.SKILLS: "les savoir-faire",
    },
    "en": {
        Part.IDENTITY: "identity",
        Part.EXERCISES: "profession",
        Part.ACTIVITIES: "activity",
        Part.SKILLS: "skills",
    },
}
_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "confirmed": "Fiable : la publication du {day} le dit, et un jeton Pro Santé Connect du {seen} concorde.",
        "current": "À jour de la publication du {day} ; aucun jeton récent ne le confirme ni ne le dément.",
        "doubtful": "À vérifier avant de s’y fier : {reasons}.",
        "stale": "Ne pas s’y fier sans vérifier : {reasons}.",
        "departed": "N’est plus dans l’annuaire : n’accorder aucun accès sur la foi de cette fiche.",
        "past": "Tel que la publication du {day} le disait ; cela ne dit rien d’aujourd’hui.",
        "old": "la publication qui le montre a {age}",
        "held": "une ligne illisible en garde la version d’avant le {day}",
        "silent": "{authority} n’envoie plus de changements depuis le {day}",
        "differs": "un jeton vu par {source} le {day} diffère sur {parts}",
    },
    "en": {
        "confirmed": "Reliable: the publication of {day} says so, and a Pro Santé Connect token of {seen} agrees.",
        "current": "As of the publication of {day}; no recent token confirms or contradicts it.",
        "doubtful": "Check before relying on it: {reasons}.",
        "stale": "Do not rely on it without checking: {reasons}.",
        "departed": "No longer in the directory: grant no access on the strength of this record.",
        "past": "As the publication of {day} said; it says nothing of today.",
        "old": "the publication that shows it is {age} old",
        "held": "an unreadable line keeps its version from before {day}",
        "silent": "{authority} has sent no changes since {day}",
        "differs": "a token seen by {source} on {day} differs on {parts}",
    },
}


class Trust(StrEnum):
    """How much a record can be relied on."""

    CONFIRMED = "confirmed"
    CURRENT = "current"
    DOUBTFUL = "doubtful"
    STALE = "stale"
    PAST = "past"  # asked as of a former day
    DEPARTED = "departed"


@dataclass(frozen=True, slots=True)
class RecordFreshness:
    """What ``lookup``, the API and the dashboard show of one record; ``ages`` is None for somebody who left."""

    trust: Trust
    sentence: str
    ages: RecordAges | None = field(default=None, repr=False)

    def to_json(self) -> dict[str, Any]:
        """The member ``freshness`` of a practitioner's document; days and instants as text, None for never."""
        ages = self.ages
        if ages is None:
            return {"trust": str(self.trust), "sentence": self.sentence, "parts": {}}
        agreeing = next((one for one in ages.seen if one.agrees), None)
        return {
            "trust": str(self.trust),
            "sentence": self.sentence,
            "last_changed": ages.last_changed.isoformat(),
            "confirmed_by_publication": {"publication": ages.publication, "published_at": iso(ages.published_at)},
            "confirmed_by_token": {"source": agreeing.source, "day": agreeing.day.isoformat()}
            if agreeing
            else None,
            "held_since": _text(ages.held_since),
            "parts": {
                str(part): {
                    "changed": _text(age.changed),
                    "published_at": iso(age.published) if age.published else None,
                    "token": _text(age.seen),
                    "disputed": age.disputed,
                }
                for part, age in ages.parts.items()
            },
        }


def record_freshness(
    connection: Connection,
    national_id: str,
    language: str,
    *,
    as_of: datetime | None = None,
    tokens: bool = True,
) -> RecordFreshness:
    """How fresh one record is, and how much to trust it.

    Args:
        connection: reading.
        national_id: of somebody whom the directory knows, or knew.
        language: ``fr`` or ``en``, for the sentence.
        as_of: a past instant; tokens and silences of today are then left out.
        tokens: whether to tell what tokens saw: on which day somebody signed in at which application is not open
            data, and is only for those who may read the observations.

    Raises:
        NotFound: no publication was served then.
    """
    record, past = read(connection, national_id), as_of is not None
    ages = record_ages(connection, record, served(connection, as_of), now_served=not past, tokens=tokens)
    return freshness_of(ages, silences(connection), language, past=past)


def freshness_of(
    ages: RecordAges | None, silent: Mapping[str, datetime], language: str, *, past: bool = False
) -> RecordFreshness:
    """The same of what was read: the ages of a record, and the silences that stand.

    Args:
        ages: of the record; None: it is not in that publication.
        silent: what :func:`silences` gave.
        language: ``fr`` or ``en``, for the sentence.
        past: the publication was asked for by its date.
    """
    if ages is None:
        return RecordFreshness(Trust.DEPARTED, _SENTENCES[language]["departed"])
    if past:
        day = in_full(french_day(ages.published_at), language)
        return RecordFreshness(Trust.PAST, _SENTENCES[language]["past"].format(day=day), ages)
    return _judged(ages, _silences(silent, ages), language)


def silences(connection: Connection) -> dict[str, datetime]:
    """Which objectives are not met, as last assessed, and since when: those of silent feeds are among them."""
    return {row.objective: row.counted_from for row in connection.execute(_STANDING)}


def _judged(ages: RecordAges, silences: Mapping[str, datetime], language: str) -> RecordFreshness:
    say = _SENTENCES[language]
    objective = _publication_age()
    age = now() - ages.published_at
    reasons = list(_reasons(ages, silences, objective, age, language))
    if reasons:
        stale = objective.error is not None and age > timedelta(hours=objective.error)
        trust = Trust.STALE if stale else Trust.DOUBTFUL
        return RecordFreshness(trust, say[trust].format(reasons=joined(reasons, language)), ages)
    seen = _recent(ages.seen)
    day = in_full(french_day(ages.published_at), language)
    if seen is None:
        return RecordFreshness(Trust.CURRENT, say["current"].format(day=day), ages)
    told = say["confirmed"].format(day=day, seen=in_full(seen.day, language))
    return RecordFreshness(Trust.CONFIRMED, told, ages)


def _reasons(
    ages: RecordAges, silences: Mapping[str, datetime], objective: Objective, age: timedelta, language: str
) -> Iterator[str]:
    """Why it should be looked at, the gravest first."""
    say = _SENTENCES[language]
    if objective.warn is not None and age > timedelta(hours=objective.warn):
        yield say["old"].format(age=in_words(age, language))
    if ages.held_since is not None:
        yield say["held"].format(day=in_full(ages.held_since, language))
    for authority, since in silences.items():
        yield say["silent"].format(authority=authority, day=in_full(french_day(since), language))
    for one in ages.seen:
        if not one.agrees:
            parts = ", ".join(_PARTS[language][part] for part in one.differs)
            yield say["differs"].format(source=one.source, day=in_full(one.day, language), parts=parts)


def _recent(seen: tuple[Seen, ...]) -> Seen | None:
    """The newest token that agrees, if it is not too old to say anything."""
    oldest = (now() - RECENT).date()
    return next((one for one in seen if one.agrees and one.day >= oldest), None)


def _silences(silent: Mapping[str, datetime], ages: RecordAges) -> dict[str, datetime]:
    """The authorities of this record whose feed is silent, and since when it is."""
    objective = next(item for item in objectives() if item.watches is Watch.FEED)
    names = ((authority, objective.named(authority)) for authority in ages.authorities)
    return {authority: silent[name] for authority, name in names if name in silent}


def _publication_age() -> Objective:
    return next(item for item in objectives() if item.watches is Watch.PUBLICATION)


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
