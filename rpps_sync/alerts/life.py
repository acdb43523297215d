"""The life of incidents: opened once, reminded of rarely, closed as soon as nothing speaks for them any more."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rpps_sync.alerts.symptoms import Cause, Symptom, Symptoms

REMINDERS = (timedelta(days=1), timedelta(days=3), timedelta(days=7))  # the last one again and again


class Happening(StrEnum):
    """What happened to an incident; all but SEEN are told."""

    OPENED = "opened"
    SEEN = "seen"
    REMINDER = "reminder"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Incident:
    """One that is open."""

    id: int
    cause: Cause
    opened_at: datetime
    told_at: datetime  # when somebody was last told
    reminders: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """What happens to one incident now; ``incident`` is None when it opens."""

    happening: Happening
    cause: Cause
    symptoms: tuple[Symptom, ...]
    incident: Incident | None = None


def next_events(open_ones: Collection[Incident], symptoms: Symptoms, now: datetime) -> Iterator[Event]:
    """What becomes of each incident, and which ones open.

    Args:
        open_ones: at most one for each cause.
        symptoms: of today, by cause.
        now: the instant of the look.
    """
    known = {incident.cause: incident for incident in open_ones}
    for cause in Cause:
        several, incident = symptoms.get(cause, ()), known.get(cause)
        if incident is None:
            if any(symptom.grave for symptom in several):
                yield Event(Happening.OPENED, cause, several)
        elif not several:
            yield Event(Happening.CLOSED, cause, (), incident)
        else:
            yield Event(_seen_again(incident, several, now), cause, several, incident)


def _seen_again(incident: Incident, several: tuple[Symptom, ...], now: datetime) -> Happening:
    """Whether it is time to remind; what is only slight by now reminds nobody."""
    pause = REMINDERS[min(incident.reminders, len(REMINDERS) - 1)]
    due = now - incident.told_at >= pause and any(symptom.grave for symptom in several)
    return Happening.REMINDER if due else Happening.SEEN
