"""What applications saw, kept as states: the same claims with their first day, their last, and how many times.

The same observation taken in twice counts once: its digest is remembered. Observations may come in any order;
what is kept does not depend on it, and grows with people and their changes, not with logins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import reduce
from itertools import groupby
from typing import Any

import polars as pl
import polars.selectors as cs
from sqlalchemy import Connection, Row, bindparam, delete, select, update

from rpps_sync import pseudonyms
from rpps_sync.directory import bulk, claim_documents, pseudonymity
from rpps_sync.directory.sightings import Sighting, add, unfolded
from rpps_sync.directory.tables import INTAKE, OBSERVATIONS
from rpps_sync.observation import ClaimHistory, ClaimVersion, Observation, Scope, Trust

Who = tuple[str, str]  # national identifier, source
Told = tuple[date, int]  # day of an observation, and its digest


def record(connection: Connection, observations: Iterable[Observation]) -> int:
    """Add observations to the histories they belong to.

    Args:
        connection: inside a transaction.
        observations: in any order; all of them are held in memory.

    Returns:
        How many were added.

    Raises:
        UsageError: the database holds identifiers in clear and pseudonyms are asked for, or the reverse.
    """
    pseudonymity.settle(connection)
    new: defaultdict[Who, list[Sighting]] = defaultdict(list)
    for seen in observations:
        text = claim_documents.to_json(pseudonyms.veiled_claims(seen.claims))
        who = pseudonyms.of_person(seen.national_id), seen.source
        new[who].append(Sighting(text, seen.day, seen.day, 1, seen.trust, seen.scope))
    held = _sightings(connection, sorted({national_id for national_id, _ in new}))
    changes = _Changes()
    for who, days in new.items():
        rebuilt = before = held.get(who, [])
        for day in sorted(days, key=lambda sighting: sighting.first):
            rebuilt = add(rebuilt, day)
        changes.note(who, before, rebuilt)
    changes.write(connection)
    return sum(map(len, new.values()))


def veil(connection: Connection, names: Sequence[str]) -> None:
    """Hide the places that name people in some practitioners' claims; states that then say the same are one."""
    changes = _Changes()
    for who, states in _sightings(connection, names).items():
        hidden = (replace(state, claims=_veiled(state.claims)) for state in states)
        changes.note(who, states, reduce(add, hidden, []))
    changes.write(connection)


def _veiled(text: str) -> str:
    return claim_documents.to_json(pseudonyms.veiled_claims(claim_documents.from_json(text)))


def known(connection: Connection, told: Iterable[Told]) -> set[Told]:
    """Which observations were taken in before."""
    found: set[Told] = set()
    for day, digests in _by_day(told).items():
        for some in bulk.batches(digests):
            hidden = {pseudonyms.of_observation(digest): digest for digest in some}
            kept = select(INTAKE.c.digest).where(INTAKE.c.day == day, INTAKE.c.digest.in_(hidden))
            found.update((day, hidden[digest]) for digest in connection.execute(kept).scalars())
    return found


def remember(connection: Connection, told: Collection[Told]) -> None:
    """Remember observations taken in, none of which was known."""
    if told:
        rows = [{"day": day, "digest": pseudonyms.of_observation(digest)} for day, digest in told]
        bulk.insert(connection, INTAKE, _frame(rows))


def _by_day(told: Iterable[Told]) -> dict[date, list[int]]:
    days: defaultdict[date, list[int]] = defaultdict(list)
    for day, digest in told:
        days[day].append(digest)
    return days


def claim_histories(connection: Connection, national_ids: Sequence[str] | None = None) -> Iterator[ClaimHistory]:
    """The claims of some practitioners, or of all, one history per application, in order of identifier."""
    pages = observed_ids(connection) if national_ids is None else bulk.batches(sorted(set(national_ids)))
    for names in pages:
        for (national_id, source), rows in groupby(_rows(connection, names), key=_who):
            history = unfolded(map(_sighting, rows))
            yield ClaimHistory(national_id, source, history[-1].scope, tuple(map(_version, history)))


def observed_ids(connection: Connection, page: int = bulk.NAMES_A_QUERY) -> Iterator[list[str]]:
    """Every national identifier seen in a token, in pages."""
    last = ""
    column = OBSERVATIONS.c.national_id
    while True:
        statement = select(column).where(column > last).distinct().order_by(column).limit(page)
        names = list(connection.execute(statement).scalars())
        if not names:
            return
        yield names
        last = names[-1]


class _Changes:
    """Rows to write, gathered over many histories."""

    def __init__(self) -> None:
        self._inserted: list[dict[str, Any]] = []
        self._updated: list[dict[str, Any]] = []
        self._deleted: list[int] = []

    def note(self, who: Who, before: Sequence[Sighting], after: Sequence[Sighting]) -> None:
        """Find what to write so that a history reads as it does now."""
        former = {sighting.row: sighting for sighting in before}
        for sighting in after:
            if sighting.row is None:
                self._inserted.append({"national_id": who[0], "source": who[1], **_columns(sighting)})
            elif sighting != former[sighting.row]:
                self._updated.append({"row": sighting.row, **_columns(sighting)})
        kept = {sighting.row for sighting in after}
        self._deleted += [row for row in former if row is not None and row not in kept]

    def write(self, connection: Connection) -> None:
        """Write everything noted."""
        if self._inserted:
            bulk.insert(connection, OBSERVATIONS, _frame(self._inserted))
        if self._updated:
            connection.execute(update(OBSERVATIONS).where(OBSERVATIONS.c.id == bindparam("row")), self._updated)
        if self._deleted:
            connection.execute(delete(OBSERVATIONS).where(OBSERVATIONS.c.id.in_(self._deleted)))


def _frame(rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """Rows for the fast way in, with days as both databases read them."""
    frame = pl.DataFrame(list(rows), infer_schema_length=None)
    return frame.with_columns(cs.date().dt.to_string("%Y-%m-%d"))


def _sightings(connection: Connection, names: Sequence[str]) -> dict[Who, list[Sighting]]:
    return {
        who: [_sighting(row) for row in rows]
        for some in bulk.batches(names)
        for who, rows in groupby(_rows(connection, some), key=_who)
    }


def _rows(connection: Connection, names: Sequence[str]) -> Iterator[Row[Any]]:
    table = OBSERVATIONS.c
    order = (table.national_id, table.source, table.last_seen, table.first_seen, table.claims)
    statement = select(OBSERVATIONS).where(table.national_id.in_(names)).order_by(*order)
    return iter(connection.execute(statement).all())


def _who(row: Row[Any]) -> Who:
    return row.national_id, row.source


def _columns(sighting: Sighting) -> dict[str, Any]:
    return {
        "scope": str(sighting.scope),
        "trust": str(sighting.trust),
        "claims": sighting.claims,
        "first_seen": sighting.first,
        "last_seen": sighting.last,
        "occurrences": sighting.occurrences,
    }


def _sighting(row: Row[Any]) -> Sighting:
    return Sighting(
        row.claims, row.first_seen, row.last_seen, row.occurrences, Trust(row.trust), Scope(row.scope), row.id
    )


def _version(run: Sighting) -> ClaimVersion:
    claims = claim_documents.from_json(run.claims)
    return ClaimVersion(claims, run.first, run.last, run.occurrences, run.trust)
