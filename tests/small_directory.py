"""A directory of a few practitioners, published by hand: the night without network, archive or checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree

import polars as pl
from sqlalchemy import Connection, delete

from extract_builder import Lines, stream
from rpps_sync.directory import labels, ledger, migrations, quarantine, server
from rpps_sync.directory.engine import open_engine, writing
from rpps_sync.directory.publish import Publishing, held_before
from rpps_sync.directory.tables import METADATA
from rpps_sync.extracts import index as line_index
from rpps_sync.extracts.difference import difference
from rpps_sync.extracts.scan import Scan, scan
from rpps_sync.extracts.spool import Spool
from rpps_sync.publication import ExtractKind, Publication
from rpps_sync.run_summary import PractitionerDelta, QuarantinedLine

FIRST_DAY = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
Extracts = Mapping[ExtractKind, Lines]


@dataclass
class SmallDirectory:
    """A directory in ``folder``, or at ``url``; publication n is made on the n-th of November 2026."""

    folder: Path
    url: str = ""
    indexes: dict[ExtractKind, pl.DataFrame] = field(default_factory=dict)
    seq: int = 0

    def __post_init__(self) -> None:
        self.engine = open_engine(self.url or f"sqlite:///{self.folder / 'directory.sqlite'}")
        migrations.upgrade(self.engine)

    def publish(self, lines: Extracts, *, held: Iterable[str] = (), day: int | None = None) -> PractitionerDelta:
        """Publish these lines as the next publication, made on that day of the month (the seq-th if not said).

        Owners of unreadable lines are held, and so are those named.
        """
        self.seq += 1
        scans = {kind: scan(stream(kind, rows), kind) for kind, rows in lines.items()}
        aside = _set_aside(scans)
        keep = frozenset(held) | {line.national_id for line in aside if line.national_id}
        spool = self._spool(lines, scans, keep)
        publication = _publication(day or self.seq, self.folder)
        with writing(self.engine) as connection:
            delta = Publishing(connection, self.seq, keep).take(spool)
            labels.update_all(connection, self.seq, (item.profile for item in scans.values()))
            _enter(connection, publication, seq=self.seq, practitioners=delta.total)
            quarantine.record(connection, _run(publication), publication.id, aside)
        rmtree(spool.folder, ignore_errors=True)
        self.indexes = {kind: item.index for kind, item in scans.items()}
        return delta

    def refuse(self, lines: Extracts, *, day: int) -> None:
        """Keep these lines out, as the gate does: only the ledger and the quarantine know of them."""
        scans = {kind: scan(stream(kind, rows), kind) for kind, rows in lines.items()}
        publication = _publication(day, self.folder)
        with writing(self.engine) as connection:
            _enter(connection, publication)
            quarantine.record(connection, _run(publication), publication.id, _set_aside(scans))

    def empty(self) -> None:
        """Forget everything: the next publication is the first one."""
        tables = METADATA.sorted_tables
        with writing(self.engine) as connection:
            if server.is_server(self.engine):
                names = ", ".join(table.name for table in tables)
                connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
            else:
                for table in tables:
                    connection.execute(delete(table))
        self.engine.dispose()  # no database is emptied under its connections, which remember its labels
        self.indexes, self.seq = {}, 0

    def _spool(self, lines: Extracts, scans: Mapping[ExtractKind, Scan], keep: frozenset[str]) -> Spool:
        """The lines of whoever has to be looked at (see ``pipelines.publishing``)."""
        none = line_index.empty()
        moved = [
            difference(self.indexes.get(kind, none), scans[kind].index if kind in scans else none).affected
            for kind in ExtractKind
        ]
        waiting = [*keep, *self._waiting()]
        spool = Spool.of(
            self.folder / f"spool-{self.seq}", pl.concat([*moved, pl.Series(waiting, dtype=pl.String)]), keep
        )
        for kind, rows in lines.items():
            spool.fill(stream(kind, rows), kind)
        return spool

    def _waiting(self) -> list[str]:
        with self.engine.connect() as connection:
            served = ledger.served(connection)
            aside = quarantine.of_publication(connection, served.id) if served else []
            return [*held_before(connection), *(line["national_id"] for line in aside if line["national_id"])]


def _set_aside(scans: Mapping[ExtractKind, Scan]) -> list[QuarantinedLine]:
    return [line for item in scans.values() for line in item.profile.quarantined]


def _publication(day: int, folder: Path) -> Publication:
    return Publication(f"publication-{day}", FIRST_DAY + timedelta(days=day - 1), (), folder)


def _run(publication: Publication) -> str:
    return publication.id.replace("publication", "run")


def _enter(
    connection: Connection, publication: Publication, *, seq: int | None = None, practitioners: int | None = None
) -> None:
    ledger.record_publication(
        connection,
        publication,
        run_id=_run(publication),
        at=publication.published_at,
        metrics={},
        seq=seq,
        practitioners=practitioners,
    )
