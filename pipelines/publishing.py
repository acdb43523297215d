"""From an archived publication to the directory: examine it, then publish or refuse it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import select

from pipelines.night import Night
from pipelines.reading import Reading, read_files
from rpps_sync.directory import labels, ledger, quarantine
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.ledger import Acceptance
from rpps_sync.directory.publish import Publishing, held_before
from rpps_sync.directory.tables import PRACTITIONERS
from rpps_sync.errors import DirectoryError
from rpps_sync.extracts.cache import ScanCache
from rpps_sync.extracts.crossing import Orphans, orphans
from rpps_sync.extracts.scan import Scan
from rpps_sync.extracts.spool import Spool
from rpps_sync.nomenclature import use as use_tables
from rpps_sync.publication import ExtractKind, Publication
from rpps_sync.quality.gate import Movement, assess, make_ready, metrics_of
from rpps_sync.run_summary import CheckResult, Delta, Outcome


@dataclass(frozen=True, slots=True)
class Tonight:
    """All that is known of a publication before anything is written."""

    publication: Publication
    reading: Reading
    follows: int  # seq of the publication served when this one was examined; 0 before the first
    checks: tuple[CheckResult, ...]
    metrics: Mapping[str, Any]


def examine(night: Night, publication: Publication) -> Tonight:
    """Read the files once, compare them with the publication being served, and run the checks.

    Raises:
        ExtractRefused: a header is not what it should be.
        DirectoryError: the archive is damaged.
        StorageError: the disk is full or refuses to be written.
    """
    night.publication = publication
    make_ready()
    served = night.served()
    with night.step("examine", sum(file.lines for file in publication.files)) as bar:
        read = read_files(night, publication, served, bar)
    night.quarantine = read.quarantine
    with night.step("check"):
        strangers = orphans(read.indexes)
        night.checks = _assessed(night, publication, read.scans, read.movement(), strangers)
    metrics = metrics_of({kind: item.profile for kind, item in read.scans.items()}, strangers)
    return Tonight(publication, read, served.seq if served else 0, night.checks, metrics)


def _assessed(
    night: Night,
    publication: Publication,
    scans: Mapping[ExtractKind, Scan],
    movement: Movement | None,
    strangers: Mapping[ExtractKind, Orphans],
) -> tuple[CheckResult, ...]:
    """Every check, with the code tables of this installation and the past of this directory."""
    use_tables(night.settings.nomenclature)
    with reading(night.engine) as connection:
        history = ledger.past_metrics(connection)
        in_force = labels.load(connection).by_code
    return assess(
        {kind: item.profile for kind, item in scans.items()},
        movement,
        history,
        night.settings.language,
        labels=in_force,
        orphans=strangers,
        deposited={file.kind: file.published_at for file in publication.files},
    )


def refuse(night: Night, tonight: Tonight) -> None:
    """Leave the publication in the archive, with the reasons, and the former one in service."""
    reasons = [check for check in tonight.checks if check.blocks]
    with writing(night.engine) as connection:
        ledger.record_publication(
            connection,
            tonight.publication,
            run_id=night.run_id,
            at=night.now,
            metrics=tonight.metrics,
            checks=tonight.checks,
        )
        quarantine.record(connection, night.run_id, tonight.publication.id, tonight.reading.quarantine)
        served = ledger.served(connection)
    still = f"publication {served.id} is still served" if served else "no publication is served yet"
    night.outcome = Outcome.REFUSED
    night.message = f"refused: {'; '.join(f'{check.title} ({check.observed})' for check in reasons)}; {still}"
    night.mend = (
        f"read the report, then wait for the next publication or 'rpps-sync accept {tonight.publication.id}'"
    )


def publish(night: Night, tonight: Tonight, acceptance: Acceptance | None = None) -> None:
    """Write the publication into the directory, in one transaction.

    Raises:
        DirectoryError: another publication was published since this one was examined, or the database complained.
    """
    publication = tonight.publication
    held = frozenset(line.national_id for line in tonight.reading.quarantine if line.national_id)
    spool = Spool.of(night.work, _affected(night, tonight))
    with night.step("publish", spool.affected.height) as bar:
        for file in publication.files:
            with night.archive.text(publication, file.kind).open("rb") as stream:
                spool.fill(stream, file.kind, tonight.reading.scans[file.kind].index)
        with writing(night.engine) as connection:
            seq = ledger.next_seq(connection)
            _refuse_outrun(seq, tonight)
            delta = Publishing(connection, seq, held).take(spool, progress=bar.advance)
            labels.update_all(connection, seq, (item.profile for item in tonight.reading.scans.values()))
            ledger.record_publication(
                connection,
                publication,
                run_id=night.run_id,
                at=night.now,
                metrics=tonight.metrics,
                checks=tonight.checks,
                seq=seq,
                practitioners=delta.total,
                acceptance=acceptance,
            )
            quarantine.record(connection, night.run_id, publication.id, tonight.reading.quarantine)
    ScanCache(night.settings.home / "lines").keep_only({file.sha256 for file in publication.files})
    night.outcome = Outcome.PUBLISHED
    night.delta = Delta(
        lines_added=sum(item.added for item in tonight.reading.differences.values()),
        lines_removed=sum(item.removed for item in tonight.reading.differences.values()),
        practitioners=delta,
    )


def _refuse_outrun(seq: int, tonight: Tonight) -> None:
    """What moved was counted from the publication served then; it must still be the one served."""
    if seq != tonight.follows + 1:
        raise DirectoryError(
            "another run published while this one was at work; nothing was written",
            mend="run again: what is left to do is found by itself",
            reason="outrun",
        )


def _affected(night: Night, tonight: Tonight) -> pl.Series:
    """Whose lines moved, and those whose last good version is older than the publication served."""
    with reading(night.engine) as connection:
        waiting = list(held_before(connection))
        if served := ledger.served(connection):
            waiting += [line["national_id"] for line in quarantine.of_publication(connection, served.id)]
        if not tonight.reading.former:
            waiting += connection.execute(select(PRACTITIONERS.c.national_id)).scalars()
    return pl.concat([tonight.reading.affected, pl.Series([name for name in waiting if name], dtype=pl.String)])
