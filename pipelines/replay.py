"""Replaying: the directory of one archived day, rebuilt in an empty database.

Everything comes from the archive; the directory in service is only asked, if it is there, which publications it
served. Somebody with an unreadable line that day was served in their last good version: it is looked for in the
publications served before, newest first. Documents and labels are those served then; *when* they changed is not:
a replayed database begins with the replayed publication.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from sqlalchemy import Connection

from pipelines.bars import Bars, no_bars
from rpps_sync import clock
from rpps_sync.directory import labels, ledger, migrations, quarantine
from rpps_sync.directory.engine import open_engine, reading, writing
from rpps_sync.directory.publish import Publishing
from rpps_sync.directory.vacancy import require_empty
from rpps_sync.errors import DirectoryError
from rpps_sync.extracts.profile import Profile
from rpps_sync.extracts.scan import scan
from rpps_sync.extracts.spool import Spool
from rpps_sync.publication import ExtractKind, Publication
from rpps_sync.publisher.archive import Archive
from rpps_sync.quality.metrics import metrics_of
from rpps_sync.quality.scores import scores_of
from rpps_sync.run_summary import Delta, Outcome, PractitionerDelta, QuarantinedLine, RunSummary
from rpps_sync.settings import Settings

THE_ONE = 1  # sequence number of the only publication of a replayed database
_EMBEDDED = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was rebuilt."""

    publication: Publication
    status: str  # what became of it then: 'published', 'refused', or '' when nobody knows any more
    practitioners: int
    held: int  # of them, those in an older version because of an unreadable line


@dataclass(frozen=True, slots=True)
class _Day:
    """What one archived publication holds, but for its lines."""

    publication: Publication
    profiles: Mapping[ExtractKind, Profile]
    people: pl.Series  # national identifiers of its readable lines, each once

    @property
    def quarantined(self) -> tuple[QuarantinedLine, ...]:
        """Every line set aside."""
        return tuple(line for profile in self.profiles.values() for line in profile.quarantined)

    @property
    def held(self) -> frozenset[str]:
        """Those with an unreadable line."""
        return frozenset(line.national_id for line in self.quarantined if line.national_id)


def replay(settings: Settings, publication_id: str, into: str, *, bars: Bars = no_bars) -> Replayed:
    """Rebuild the directory of one archived publication, refused ones included, in an empty database.

    Args:
        settings: where the archive and the directory in service are; neither is changed.
        publication_id: which publication.
        into: SQLAlchemy URL of a database without tables, or whose tables were never used.
        bars: shows progress to a person, if there is one.

    Raises:
        NotFound: the archive has no such publication.
        UsageError: the URL cannot be understood, or its database is not empty.
        ExtractRefused: this version of the program cannot read that publication.
        DirectoryError: the archive is damaged, or the database cannot be written.
        StorageError: the disk of the temporary folder is full.
    """
    archive = Archive(settings.archive)
    publication = archive.load(publication_id)
    became = _what_became(settings)
    engine = open_engine(into)
    try:
        require_empty(engine)
        with bars("reading the archive", sum(file.lines for file in publication.files)) as bar:
            day = _read(archive, publication, bar.advance)
        earlier = list(_last_good(archive, day, became))
        migrations.upgrade(engine)
        with bars("rebuilding", day.people.len()) as bar, writing(engine) as connection:
            held = sum(_take(connection, archive, past.publication, names) for past, names in earlier)
            total = held + _take(connection, archive, publication, day.people, held=day.held, progress=bar.advance)
            _label(connection, [*(past for past, _ in reversed(earlier)), day])
            _enter(connection, day, total)
    finally:
        engine.dispose()
    return Replayed(publication, became.get(publication_id, ""), total, held)


def _what_became(settings: Settings) -> dict[str, str]:
    """The status of each publication the directory in service knows; nothing when it is not there or unusable."""
    file = settings.database.removeprefix(_EMBEDDED)
    if file != settings.database and not Path(file).is_file():
        return {}  # not even opened: opening would create it
    engine = open_engine(settings.database)
    try:
        migrations.ensure_current(engine)
        with reading(engine) as connection:
            return {row["id"]: row["status"] for row in ledger.publications(connection)}
    except DirectoryError:
        return {}
    finally:
        engine.dispose()


def _read(
    archive: Archive, publication: Publication, progress: Callable[[int], None] = lambda _lines: None
) -> _Day:
    people, profiles = [pl.Series("national_id", dtype=pl.String)], {}
    for file in publication.files:
        with archive.open(publication, file.kind) as stream:
            found = scan(stream, file.kind, progress=progress)
        profiles[file.kind] = found.profile
        people.append(found.index["national_id"].unique())
    return _Day(publication, profiles, pl.concat(people).unique())


def _last_good(archive: Archive, day: _Day, became: Mapping[str, str]) -> Iterator[tuple[_Day, pl.Series]]:
    """For those with an unreadable line: the days of their last good versions, newest first, and their names."""
    archived = archive.all()
    older = archived[: [item.id for item in archived].index(day.publication.id)]
    waiting = day.held
    for publication in reversed(older):
        if not waiting:
            return
        if became and became.get(publication.id) != ledger.PUBLISHED:
            continue  # it was never served; without a ledger to tell, every archived one counts as served
        past = _read(archive, publication)
        yield past, pl.Series("national_id", sorted(waiting - past.held), dtype=pl.String)
        waiting &= past.held


def _take(
    connection: Connection,
    archive: Archive,
    publication: Publication,
    names: pl.Series,
    *,
    held: frozenset[str] = frozenset(),
    progress: Callable[[int], None] = lambda _people: None,
) -> int:
    """Publish what one publication says of these people, but for those held; how many they are."""
    with tempfile.TemporaryDirectory(prefix="rpps-sync-replay-") as folder:
        spool = Spool.of(Path(folder), names, held)
        for file in publication.files:
            with archive.open(publication, file.kind) as stream:
                spool.fill(stream, file.kind)
        return Publishing(connection, THE_ONE, held).take(spool, progress=progress).added


def _label(connection: Connection, days: Iterable[_Day]) -> None:
    """The labels of the days, oldest first; those of the replayed one come last and are in force."""
    days = list(days)
    for seq, day in enumerate(days, start=THE_ONE + 1 - len(days)):
        labels.update_all(connection, seq, day.profiles.values())


def _enter(connection: Connection, day: _Day, practitioners: int) -> None:
    """Tell the ledgers of the new database where it comes from."""
    at, run_id = clock.now(), f"replay-{secrets.token_hex(6)}"
    ledger.begin_run(connection, run_id, at)
    ledger.record_publication(
        connection,
        day.publication,
        run_id=run_id,
        at=at,
        metrics=metrics_of(day.profiles) | {"scores": scores_of(day.profiles)},
        seq=THE_ONE,
        practitioners=practitioners,
    )
    quarantine.record(connection, run_id, day.publication.id, day.quarantined)
    summary = RunSummary(
        run_id=run_id,
        started_at=at,
        finished_at=at,
        outcome=Outcome.PUBLISHED,
        message=f"replay of publication {day.publication.id}",
        served=day.publication.id,
        delta=Delta(practitioners=PractitionerDelta(added=practitioners, total=practitioners)),
    )
    ledger.finish_run(connection, summary)
