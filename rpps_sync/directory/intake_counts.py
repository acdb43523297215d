"""How many lines each application sent, day by day, and what became of them; nothing about whom they spoke of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, distinct, func, insert, select, update

from rpps_sync.directory.tables import INTAKE_COUNTS, OBSERVATIONS

ATTESTED, VERIFIED, DUPLICATE, REFUSED = "attested", "verified", "duplicate", "refused"


@dataclass(frozen=True, slots=True, order=True)
class Fate:
    """What became of a line of an application."""

    source: str  # empty when the line did not say it readably
    fate: str  # 'attested', 'verified', 'duplicate' or 'refused'
    reason: str = ""  # of a refusal


@dataclass(slots=True)
class ApplicationStatistics:
    """One application, over the days asked for."""

    source: str
    attested: int = 0
    verified: int = 0
    duplicate: int = 0
    refused: Counter[str] = field(default_factory=Counter)  # by reason
    practitioners: int = 0  # observed and not yet erased, whatever the days asked for
    first_taken: date | None = None  # days on which lines came in
    last_taken: date | None = None
    last_seen: date | None = None  # the last day somebody signed in, as far as is known

    def to_json(self) -> dict[str, Any]:
        """One element of ``claims stats --json``."""
        return {
            "source": self.source,
            "accepted": self.attested + self.verified,
            "attested": self.attested,
            "verified": self.verified,
            "duplicate": self.duplicate,
            "refused": self.refused.total(),
            "refused_by_reason": dict(sorted(self.refused.items())),
            "practitioners": self.practitioners,
            "first_taken": self.first_taken,
            "last_taken": self.last_taken,
            "last_seen": self.last_seen,
        }


def add(connection: Connection, day: date, lines: Mapping[Fate, int], seen: Mapping[str, date]) -> None:
    """Count lines taken in.

    Args:
        connection: inside a transaction.
        day: on which they came in.
        lines: how many, by what became of them.
        seen: the last day of an observation of each application.
    """
    columns = INTAKE_COUNTS.c
    for fate, count in sorted(lines.items()):
        same = and_(columns.source == fate.source, columns.day == day, columns.fate == fate.fate)
        row = and_(same, columns.reason == fate.reason)
        last = seen.get(fate.source) if fate.fate in (ATTESTED, VERIFIED) else None
        known = connection.execute(select(columns.lines, columns.last_seen).where(row)).one_or_none()
        if known is None:
            named = {"source": fate.source, "day": day, "fate": fate.fate, "reason": fate.reason}
            connection.execute(insert(INTAKE_COUNTS), named | {"lines": count, "last_seen": last})
        else:
            latest = max(filter(None, (known.last_seen, last)), default=None)
            connection.execute(
                update(INTAKE_COUNTS).where(row).values(lines=known.lines + count, last_seen=latest)
            )


def statistics(connection: Connection, since: date | None = None) -> list[ApplicationStatistics]:
    """What each application sent, in order of name; lines whose application nobody could read come first.

    Args:
        connection: reading.
        since: leave out what came in before that day.
    """
    rows = select(INTAKE_COUNTS)
    if since is not None:
        rows = rows.where(INTAKE_COUNTS.c.day >= since)
    found: dict[str, ApplicationStatistics] = {}
    for row in connection.execute(rows.order_by(INTAKE_COUNTS.c.source, INTAKE_COUNTS.c.day)):
        _count(found.setdefault(row.source, ApplicationStatistics(row.source, first_taken=row.day)), row)
    people = select(OBSERVATIONS.c.source, func.count(distinct(OBSERVATIONS.c.national_id)))
    for source, practitioners in connection.execute(people.group_by(OBSERVATIONS.c.source)):
        if source in found:
            found[source].practitioners = practitioners
    return [found[source] for source in sorted(found)]


def _count(application: ApplicationStatistics, row: Any) -> None:
    application.last_taken = row.day
    application.last_seen = max(filter(None, (application.last_seen, row.last_seen)), default=None)
    if row.fate == REFUSED:
        application.refused[row.reason] += row.lines
    else:
        setattr(application, row.fate, getattr(application, row.fate) + row.lines)
