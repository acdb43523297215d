"""What is told of an incident: what, since when, what is still served, what to do, and where to read more.

No identifier of a person and no secret is in a message: every text of it goes through the last step of the logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from rpps_sync.alerts.life import Event, Happening
from rpps_sync.alerts.symptoms import Cause
from rpps_sync.alerts.wording import DAY, LABELS, MENDS, TITLES
from rpps_sync.clock import iso
from rpps_sync.logs import redacted

MOST_SYMPTOMS = 10  # told one by one; the others are counted
SYMPTOM_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Served:
    """What applications are answered meanwhile."""

    publication: str = ""  # empty: nothing was ever published
    published_at: str = ""
    practitioners: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell; channels give it their shape."""

    incident: int
    event: str  # opened, reminder, closed or test
    cause: str
    title: str
    symptoms: tuple[str, ...]
    since: str  # when the incident opened
    at: str
    duration_seconds: int
    duration: str  # in words
    served: str
    mend: str
    runbook: str
    language: str

    def to_json(self) -> dict[str, Any]:
        """The generic document of the webhook, and what the outbox keeps."""
        return asdict(self) | {"symptoms": list(self.symptoms)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Message:
        """What the outbox kept."""
        return cls(**{**document, "symptoms": tuple(document["symptoms"])})

    @property
    def subject(self) -> str:
        """One line."""
        return f"[rpps-sync] {LABELS[self.language][self.event]}: {self.title}"

    @property
    def text(self) -> str:
        """Everything, in lines."""
        words = LABELS[self.language]
        closed = self.event == Happening.CLOSED
        lines = [self.title, "", *(f"- {symptom}" for symptom in self.symptoms), ""]
        lines += [f"{words['since']}: {self.since}" + (f" ({self.duration})" if self.duration_seconds else "")]
        lines += [f"{words['until']}: {self.at}"] if closed else []
        lines += [f"{words['served']}: {self.served}"]
        lines += [] if closed else [f"{words['mend']}: {self.mend}", f"{words['runbook']}: {self.runbook}"]
        return "\n".join(lines if self.symptoms else lines[:1] + lines[2:])


def message_of(
    event: Event, *, number: int, opened_at: datetime, now: datetime, served: Served, language: str, runbooks: str
) -> Message:
    """Put an event in words.

    Args:
        event: what happened.
        number: of the incident.
        opened_at: since when it has been so.
        now: the instant of the look.
        served: what is being served.
        language: ``fr`` or ``en``.
        runbooks: where the pages of docs/runbook can be read; their path in this project when empty.
    """
    told = [redacted(symptom.said)[:SYMPTOM_CHARACTERS] for symptom in event.symptoms]
    if len(told) > MOST_SYMPTOMS:
        told = [*told[:MOST_SYMPTOMS], LABELS[language]["more"].format(count=len(told) - MOST_SYMPTOMS)]
    seconds = max(0, int((now - opened_at).total_seconds()))  # a clock may have been set back
    return Message(
        incident=number,
        event=event.happening.value,
        cause=event.cause.value,
        title=TITLES[language][event.cause],
        symptoms=tuple(told),
        since=iso(opened_at),
        at=iso(now),
        duration_seconds=seconds,
        duration=_in_words(seconds, language),
        served=_served(served, language),
        mend=MENDS[language][event.cause],
        runbook=_page(event.cause, runbooks),
        language=language,
    )


def trial(now: datetime, served: Served, language: str, runbooks: str) -> Message:
    """A message that says nothing but that it arrives."""
    words = LABELS[language]
    return Message(
        incident=0,
        event="test",
        cause="test",
        title=words["trial"],
        symptoms=(),
        since=iso(now),
        at=iso(now),
        duration_seconds=0,
        duration="",
        served=_served(served, language),
        mend=words["nothing"],
        runbook=f"{runbooks.rstrip('/') or 'docs/runbook'}/index.md",
        language=language,
    )


def _page(cause: Cause, runbooks: str) -> str:
    return f"{runbooks.rstrip('/') or 'docs/runbook'}/{cause}.md"


def _served(served: Served, language: str) -> str:
    words = LABELS[language]
    if not served.publication:
        return words["no-publication"]
    return words["publication"].format(
        id=served.publication, at=served.published_at, practitioners=f"{served.practitioners:,}"
    )


def _in_words(seconds: int, language: str) -> str:
    minutes = seconds // 60
    hours, days = minutes // 60, minutes // 60 // 24
    if hours < 1:
        return f"{minutes} min"
    return f"{hours} h {minutes % 60:02} min" if hours < 48 else f"{days} {DAY[language]} {hours % 24} h"
