"""The states a finding went through: when, and for those a person decided, who and why.

A confirmation is no event: it is counted (``occurrences``) and dated (``last_seen``), so that what is kept follows
changes and not logins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, update

from rpps_sync.clock import iso
from rpps_sync.directory.tables import FINDING_EVENTS, FINDINGS
from rpps_sync.errors import UsageError
from rpps_sync.finding import Finding, FindingStatus


class Event(StrEnum):
    """What can happen to a finding."""

    OPENED = "opened"
    CHANGED = "changed"  # the verdict or a value; what was acknowledged is open again
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Step:
    """A finding before and after one comparison; ``before`` is None when it is new."""

    before: Finding | None
    after: Finding


def event_of(step: Step) -> Event | None:
    """What happened between two states; None when the difference was only confirmed."""
    before, after = step.before, step.after
    if before is None:
        return Event.OPENED
    if after.status is FindingStatus.RESOLVED:
        return None if before.status is FindingStatus.RESOLVED else Event.RESOLVED
    if before.status is FindingStatus.RESOLVED:
        return Event.REOPENED
    return Event.CHANGED if after.changed_since(before) else None


def note(connection: Connection, steps: Iterable[Step], *, at: datetime) -> None:
    """Write down what happened to some findings in one comparison."""
    rows = [_row(step.after, event, at) for step in steps if (event := event_of(step)) is not None]
    if rows:
        connection.execute(insert(FINDING_EVENTS), rows)


def acknowledge(connection: Connection, finding: Finding, *, by: str, because: str, at: datetime) -> None:
    """A person has seen a finding and says why it may stand; it stays quiet until it changes.

    Raises:
        UsageError: no reason is given, or there is nothing left to acknowledge.
    """
    if not because.strip():
        raise UsageError("a reason is needed", mend="say it with --because; it is kept with the finding")
    if finding.status is FindingStatus.RESOLVED:
        raise UsageError(
            f"finding {finding.judgement.id} is resolved: both sides agree, or nothing can be told any more",
            mend="'rpps-sync findings show' tells when and by whom",
            reason="resolved",
        )
    connection.execute(
        update(FINDINGS)
        .where(FINDINGS.c.id == finding.judgement.id)
        .values(status=str(FindingStatus.ACKNOWLEDGED))
    )
    row = _row(finding, Event.ACKNOWLEDGED, at) | {"by": by.strip(), "because": because.strip()}
    connection.execute(insert(FINDING_EVENTS), [row])


def history(connection: Connection, finding_id: str) -> list[dict[str, Any]]:
    """The events of one finding, oldest first: at, event, verdict, by, because, resolved_by, lag_days."""
    table = FINDING_EVENTS.c
    rows = connection.execute(select(FINDING_EVENTS).where(table.finding_id == finding_id).order_by(table.id))
    return [
        {
            "at": iso(row.at),
            "event": row.event,
            "verdict": row.verdict,
            "by": row.by,
            "because": row.because,
            "resolved_by": row.resolved_by,
            "lag_days": row.lag_days,
        }
        for row in rows
    ]


def _row(finding: Finding, event: Event, at: datetime) -> dict[str, Any]:
    return {
        "finding_id": finding.judgement.id,
        "national_id": finding.judgement.national_id,
        "at": at,
        "event": str(event),
        "verdict": str(finding.judgement.verdict),
        "by": "",
        "because": "",
        "resolved_by": finding.resolved_by if event is Event.RESOLVED else "",
        "lag_days": finding.lag_days if event is Event.RESOLVED else None,
    }
