"""Publishing: the folded rows of the affected practitioners replace what the directory said of them.

Called inside one transaction: readers see the former publication until it is committed. A document whose
fingerprint did not move is left alone, so that a publication costs the size of its changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial

import polars as pl
from sqlalchemy import Connection, delete, exists, func, insert, select, update

from rpps_sync.directory import arrivals, bulk, documents, organizations, server
from rpps_sync.directory.changes import ChangeKind
from rpps_sync.directory.differences import Change, between
from rpps_sync.directory.feeds import Tally
from rpps_sync.directory.search.postings import Postings
from rpps_sync.directory.search.terms import of_folded, terms_of
from rpps_sync.directory.tables import (
    ACTIVITIES,
    AUTHORISATIONS,
    CARDS,
    CHANGES,
    DEPARTURES,
    DIPLOMAS,
    EXERCISES,
    FORMER_VERSIONS,
    MAILBOXES,
    ORGANIZATIONS,
    PRACTITIONERS,
    SKILLS,
    STRUCTURE_MAILBOXES,
    STRUCTURES,
)
from rpps_sync.extracts.ahead import ahead
from rpps_sync.extracts.fold import Folded, fold
from rpps_sync.extracts.spool import Spool
from rpps_sync.identifiers import RPPS
from rpps_sync.practitioner import Practitioner
from rpps_sync.run_summary import PractitionerDelta

CHILD_TABLES = (EXERCISES, SKILLS, ACTIVITIES, DIPLOMAS, AUTHORISATIONS, MAILBOXES, CARDS)
_FILLED = (PRACTITIONERS, *CHILD_TABLES, STRUCTURES, ORGANIZATIONS, CHANGES)  # by a first load
DOCUMENTS_AT_A_TIME = 5_000  # documents compared in memory together

_CURRENT = pl.Schema(
    {"national_id": pl.String, "old_fingerprint": pl.Int64, "known_since": pl.Int64, "last_changed": pl.Int64}
)


@dataclass(slots=True)
class Publishing:
    """One publication on its way into the tables.

    Args:
        connection: inside the transaction of this publication.
        seq: its sequence number.
        held: practitioners with an unreadable line tonight: they keep their last good version.
    """

    connection: Connection
    seq: int
    held: frozenset[str]
    added: int = field(default=0, init=False)
    changed: int = field(default=0, init=False)
    departed: int = field(default=0, init=False)
    _structures: list[pl.DataFrame] = field(default_factory=list, init=False)
    search: Postings = field(init=False)
    feeds: Tally = field(default_factory=Tally, init=False)

    _fills: bool = field(init=False)  # a directory in which there is nobody yet

    def __post_init__(self) -> None:
        somebody = select(PRACTITIONERS.c.national_id).limit(1)
        self._fills = self.seq == 1 and self.connection.execute(somebody).first() is None
        self.search = Postings(self.connection, empty=self._fills)

    def take(self, spool: Spool, *, progress: Callable[[int], None] = lambda _people: None) -> PractitionerDelta:
        """Publish all affected practitioners, bucket by bucket, and count what moved."""
        filling = bulk.indexed_last(self.connection, _FILLED) if self._fills else nullcontext()
        with filling:
            for bucket in ahead(partial(_prepared, spool, self._fills), range(spool.buckets), workers=1):
                self._take(bucket)
                progress(len(bucket.identifiers))
            self._store_structures()
        self.search.settle()
        if self.seq > 1:  # a first one changes nobody, in however many parts it is taken (see pipelines.replay)
            self.feeds.write(self.connection, self.seq)
        self._hold()
        if self.changed or self.departed:
            self._sweep_structures()
        if self._fills:
            server.gather_statistics(self.connection)
        return PractitionerDelta(self.added, self.changed, self.departed, self._total())

    def _take(self, bucket: _Bucket) -> None:
        identifiers, folded = bucket.identifiers, bucket.folded
        new = folded.practitioners.select("national_id", "fingerprint")
        both = new.join(self._current(identifiers), on="national_id", how="full", coalesce=True)
        arrived = both.filter(pl.col("old_fingerprint").is_null())
        departed = both.filter(pl.col("fingerprint").is_null())
        changed = both.filter(pl.col("fingerprint") != pl.col("old_fingerprint"))
        self._release(both)
        self._arrive(arrived["national_id"])
        if not self._fills:
            self.feeds.arrived(folded.activities, arrived["national_id"])
        self._change(changed, folded)
        self._depart(departed)
        dated = pl.concat([_dated(arrived, self.seq), _dated(changed, self.seq)])
        if not dated.is_empty():
            self._store(folded, dated)
            self.search.gain(terms_of(of_folded(folded, dated)) if bucket.terms is None else bucket.terms)
        self._replace_structure_mailboxes(identifiers, folded.structure_mailboxes)

    def _current(self, identifiers: pl.Series) -> pl.DataFrame:
        if self._fills:
            return pl.DataFrame(schema=_CURRENT)
        table = PRACTITIONERS.c
        statement = select(table.national_id, table.fingerprint, table.known_since, table.last_changed)
        rows = [
            tuple(row)
            for names in bulk.batches(identifiers.to_list())
            for row in self.connection.execute(statement.where(table.national_id.in_(names)))
        ]
        return pl.DataFrame(rows, schema=_CURRENT, orient="row")

    def _arrive(self, identifiers: pl.Series) -> None:
        self.added += len(identifiers)
        if self._fills:
            arrivals.record(self.connection, self.seq, ChangeKind.ARRIVED.value, identifiers)
            return
        returned = self._departed_among(identifiers)
        bulk.remove(self.connection, DEPARTURES, returned)
        kinds = pl.when(pl.col("national_id").is_in(list(returned))).then(pl.lit(ChangeKind.RETURNED.value))
        rows = pl.DataFrame({"national_id": identifiers}).with_columns(
            publication_seq=pl.lit(self.seq),
            kind=kinds.otherwise(pl.lit(ChangeKind.ARRIVED.value)),
            field=pl.lit(""),
            element=pl.lit(""),
        )
        bulk.insert(self.connection, CHANGES, rows.sort("national_id"))

    def _departed_among(self, identifiers: pl.Series) -> set[str]:
        return {
            row.national_id
            for names in bulk.batches(identifiers.to_list())
            for row in self.connection.execute(
                select(DEPARTURES.c.national_id).where(DEPARTURES.c.national_id.in_(names))
            )
        }

    def _change(self, changed: pl.DataFrame, folded: Folded) -> None:
        for part in changed.sort("national_id").iter_slices(DOCUMENTS_AT_A_TIME):
            before = documents.load(self.connection, part["national_id"].to_list())
            after = documents.of_folded(folded, part["national_id"])
            self._remember(part, before)
            rows = [
                {
                    **_change_row(change),
                    "publication_seq": self.seq,
                    "national_id": name,
                    "kind": ChangeKind.CHANGED,
                }
                for name, old in sorted(before.items())
                for change in between(old, after[name])
            ]
            if rows:
                self.connection.execute(insert(CHANGES), rows)
            for name, old in before.items():
                self.feeds.changed(old, after[name])
            self._clear(part["national_id"].to_list())
        self.changed += changed.height

    def _depart(self, departed: pl.DataFrame) -> None:
        for part in departed.sort("national_id").iter_slices(DOCUMENTS_AT_A_TIME):
            names = part["national_id"].to_list()
            before = documents.load(self.connection, names)
            self._remember(part, before)
            self.connection.execute(insert(DEPARTURES), [_tombstone(before[name], self.seq) for name in names])
            self.connection.execute(insert(CHANGES), [_departure_row(name, self.seq) for name in names])
            for document in before.values():
                self.feeds.departed(document)
            self._clear(names)
        self.departed += departed.height

    def _remember(self, rows: pl.DataFrame, before: dict[str, Practitioner]) -> None:
        """Keep the documents being replaced, with the publications between which they were true."""
        versions = [
            {
                "national_id": row["national_id"],
                "from_seq": row["last_changed"],
                "until_seq": self.seq,
                "document": documents.to_json(before[row["national_id"]]),
            }
            for row in rows.iter_rows(named=True)
        ]
        if versions:
            self.connection.execute(insert(FORMER_VERSIONS), versions)

    def _clear(self, names: list[str]) -> None:
        self.search.lose(names)
        for table in (PRACTITIONERS, *CHILD_TABLES):
            bulk.remove(self.connection, table, names)

    def _store(self, folded: Folded, dated: pl.DataFrame) -> None:
        people = folded.practitioners.join(dated, on="national_id").with_columns(
            rpps=pl.when(pl.col("id_type") == RPPS).then(pl.col("national_id").str.slice(1)).otherwise(pl.lit(""))
        )
        bulk.insert(self.connection, PRACTITIONERS, people.sort("national_id"))
        for table, frame in zip(CHILD_TABLES, _children(folded), strict=True):
            rows = frame.join(dated, on="national_id", how="semi")
            bulk.insert(self.connection, table, rows.sort("national_id"))
        used = folded.activities.join(dated, on="national_id", how="semi").select("structure_id").unique()
        self._structures.append(folded.structures.join(used, on="structure_id", how="semi"))
        if len(self._structures) > 1:
            self._structures = [pl.concat(self._structures).unique("structure_id")]

    def _store_structures(self) -> None:
        """Places are shared by practitioners of all buckets: each is written once, in the order of its key."""
        if self._structures:
            structures = pl.concat(self._structures).sort("structure_id")
            bulk.insert(self.connection, STRUCTURES, structures, ignore_known=not self._fills)
            organizations.store(self.connection, structures, self.seq, ignore_known=not self._fills)

    def _replace_structure_mailboxes(self, identifiers: pl.Series, mailboxes: pl.DataFrame) -> None:
        """Mailboxes of organisations: those of the structures whose lines moved; they have no history."""
        if not self._fills:
            owner = STRUCTURE_MAILBOXES.c.structure_identifier
            for names in bulk.batches(identifiers.to_list()):
                self.connection.execute(delete(STRUCTURE_MAILBOXES).where(owner.in_(names)))
        bulk.insert(self.connection, STRUCTURE_MAILBOXES, mailboxes.sort("structure_identifier"))

    def _hold(self) -> None:
        """Mark those who keep an older version, so that the next publication looks at them again."""
        for names in bulk.batches(sorted(self.held)):
            self.connection.execute(
                update(PRACTITIONERS)
                .where(PRACTITIONERS.c.national_id.in_(names), PRACTITIONERS.c.held_since.is_(None))
                .values(held_since=self.seq)
            )

    def _release(self, seen: pl.DataFrame) -> None:
        """Those whose lines are all readable again are no longer held."""
        for names in bulk.batches(seen.filter(pl.col("old_fingerprint").is_not_null())["national_id"].to_list()):
            self.connection.execute(
                update(PRACTITIONERS)
                .where(PRACTITIONERS.c.national_id.in_(names), PRACTITIONERS.c.held_since.is_not(None))
                .values(held_since=None)
            )

    def _sweep_structures(self) -> None:
        """Remove the descriptions of places that no activity refers to any more."""
        used = exists().where(ACTIVITIES.c.structure_id == STRUCTURES.c.structure_id)
        self.connection.execute(delete(STRUCTURES).where(~used))
        organizations.sweep(self.connection)

    def _total(self) -> int:
        return self.connection.execute(select(func.count()).select_from(PRACTITIONERS)).scalar_one()


@dataclass(frozen=True, slots=True)
class _Bucket:
    """Some practitioners on their way into the tables, prepared while those before them are written."""

    identifiers: pl.Series
    folded: Folded
    terms: pl.DataFrame | None  # that they are found by, when all of them are new


def _prepared(spool: Spool, fills: bool, number: int) -> _Bucket:
    identifiers, lines = spool.bucket(number)
    folded = fold(lines)
    return _Bucket(identifiers, folded, terms_of(of_folded(folded, folded.practitioners)) if fills else None)


def held_before(connection: Connection) -> Iterator[str]:
    """Practitioners whose last good version is older than the publication being served."""
    statement = select(PRACTITIONERS.c.national_id).where(PRACTITIONERS.c.held_since.is_not(None))
    return iter(connection.execute(statement).scalars().all())


def _children(folded: Folded) -> tuple[pl.DataFrame, ...]:
    return (
        folded.exercises,
        folded.skills,
        folded.activities,
        folded.diplomas,
        folded.authorisations,
        folded.mailboxes,
        folded.cards,
    )


def _dated(rows: pl.DataFrame, seq: int) -> pl.DataFrame:
    """When each document was first known (kept through changes, anew for arrivals) and last changed."""
    return rows.select(
        "national_id",
        known_since=pl.col("known_since").fill_null(seq),
        last_changed=pl.lit(seq, dtype=pl.Int64),
    )


def _change_row(change: Change) -> dict[str, str | None]:
    return {
        "field": change.field,
        "element": change.element,
        "before": change.before,
        "after": change.after,
    }


def _departure_row(name: str, seq: int) -> dict[str, str | int]:
    return {
        "publication_seq": seq,
        "national_id": name,
        "kind": ChangeKind.DEPARTED,
        "field": "",
        "element": "",
    }


def _tombstone(practitioner: Practitioner, seq: int) -> dict[str, str | int]:
    return {
        "national_id": practitioner.national_id,
        "departed_seq": seq,
        "last_professions": ",".join(practitioner.professions),
    }
