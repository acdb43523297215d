"""The life of one practitioner in the directory: what each publication changed, field by field, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from sqlalchemy import Connection

from rpps_sync.directory.changes import ChangeKind
from rpps_sync.directory.differences import Change, between
from rpps_sync.directory.history import publication_days, versions_of
from rpps_sync.practitioner import Practitioner


@dataclass(frozen=True, slots=True)
class Moment:
    """What one publication said anew of somebody."""

    day: date  # of the publication
    seq: int
    kind: ChangeKind
    changes: tuple[Change, ...] = ()  # of a change, and of a return since the last document


def timeline(connection: Connection, national_id: str) -> list[Moment]:
    """Everything that happened to an identifier, newest first; empty when no publication ever contained it.

    Departures end the life that is told: see docs/data-protection.md for who may read on.
    """
    days = publication_days(connection)
    told = versions_of(connection, national_id)
    if not told:
        return []
    first_seq, _ = told[0]
    moments = [Moment(days[first_seq], first_seq, ChangeKind.ARRIVED)]
    before: Practitioner | None = told[0][1]
    for (_, former), (seq, document) in pairwise(told):
        if document is None:
            moments.append(Moment(days[seq], seq, ChangeKind.DEPARTED))
            continue
        kind = ChangeKind.RETURNED if former is None else ChangeKind.CHANGED
        changes = tuple(between(before, document)) if before is not None else ()
        moments.append(Moment(days[seq], seq, kind, changes))
        before = document
    return moments[::-1]
