"""A directory of a few practitioners, published by hand: the night without network, archive or checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from extract_builder import Line, stream
from rpps_sync.directory import labels, ledger, migrations
from rpps_sync.directory.engine import open_engine, writing
from rpps_sync.directory.publish import Publishing
from rpps_sync.extracts import index as line_index
from rpps_sync.extracts.difference import difference
from rpps_sync.extracts.scan import scan
from rpps_sync.extracts.spool import Spool
from rpps_sync.publication import ExtractKind, Publication
from rpps_sync.run_summary import PractitionerDelta

FIRST_DAY = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)


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

    def publish(
        self, lines: Mapping[ExtractKind, Sequence[Line]], *, held: frozenset[str] = frozenset()
    ) -> PractitionerDelta:
        """Publish these lines as the next publication."""
        self.seq += 1
        scans = {kind: scan(stream(kind, rows), kind) for kind, rows in lines.items()}
        moved = [
            difference(
                self.indexes.get(kind, line_index.empty()),
                scans[kind].index if kind in scans else line_index.empty(),
            ).affected
            for kind in ExtractKind
        ]
        spool = Spool.of(
            self.folder / f"spool-{self.seq}", pl.concat([*moved, pl.Series(list(held), dtype=pl.String)])
        )
        for kind, rows in lines.items():
            spool.fill(stream(kind, rows), kind)
        published = FIRST_DAY + timedelta(days=self.seq - 1)
        with writing(self.engine) as connection:
            delta = Publishing(connection, self.seq, held).take(spool)
            labels.update_all(connection, self.seq, (item.profile for item in scans.values()))
            ledger.record_publication(
                connection,
                Publication(f"publication-{self.seq}", published, (), self.folder),
                run_id=f"run-{self.seq}",
                at=published,
                metrics={},
                seq=self.seq,
                practitioners=delta.total,
            )
        self.indexes = {kind: item.index for kind, item in scans.items()}
        return delta
