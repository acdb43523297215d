"""From an archived publication to the directory: examine it, then publish or refuse it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, BinaryIO

import polars as pl
from sqlalchemy import select

from pipelines.night import Night
from pipelines.reading import Reading, read_files
from rpps_sync.clock import french_day
from rpps_sync.directory import labels, ledger, quarantine, standing
from rpps_sync.directory.departed import last_names
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.ledger import Acceptance
from rpps_sync.directory.publish import Publishing, held_before
from rpps_sync.directory.tables import PRACTITIONERS
from rpps_sync.errors import DirectoryError, NotFound
from rpps_sync.extracts.cache import ScanCache
from rpps_sync.extracts.crossing import Orphans, orphans
from rpps_sync.extracts.moved import GATHERED, Moved, lines_of, sample
from rpps_sync.extracts.scan import Scan
from rpps_sync.extracts.spool import Spool
from rpps_sync.nomenclature import use as use_tables
from rpps_sync.publication import ExtractKind, Publication
from rpps_sync.quality.gate import Movement, assess, make_ready, metrics_of
from rpps_sync.quality.movement import movement_of
from rpps_sync.quality.persons import newcomers
from rpps_sync.quality.reception import received
from rpps_sync.quality.rows import sampled
from rpps_sync.quality.scores import age_of, scores_of
from rpps_sync.run_summary import CheckResult, Delta, Outcome

PERSONS = ExtractKind.PERSONNE_ACTIVITE


@dataclass(frozen=True, slots=True)
class Tonight:
    """All that is known of a publication before anything is written."""

    publication: Publication
    reading: Reading
    follows: int  # seq of the publication served when this one was examined; 0 before the first
    checks: tuple[CheckResult, ...]
    metrics: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of a publication besides what each file holds."""

    movement: Movement | None
    orphans: Mapping[ExtractKind, Orphans]
    digests: Mapping[ExtractKind, str]
    moved: Moved


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
        held = [line.national_id for line in read.quarantine]
        movement = movement_of(read.former, read.scans, read.differences, held)
        moved = _moved(night, publication, read)
        read = read.settled()
        around = Around(
            movement, orphans(read.indexes), {file.kind: file.sha256 for file in publication.files}, moved
        )
        night.checks = _assessed(night, publication, read, around)
    figures = _figures(night, publication, read, around)
    return Tonight(publication, read, served.seq if served else 0, night.checks, figures)


def _figures(night: Night, publication: Publication, read: Reading, around: Around) -> Mapping[str, Any]:
    """What later nights compare themselves with."""
    figures = metrics_of(
        read.profiles,
        around.orphans,
        differences=read.differences if read.compared else None,
        digests=around.digests,
        published_on=day_of(publication),
        movement=around.movement,
    )
    age = age_of(publication.published_at, night.now)
    return figures | {"scores": scores_of(read.profiles, around.orphans, age=age)}


def _assessed(night: Night, publication: Publication, read: Reading, around: Around) -> tuple[CheckResult, ...]:
    """Every check, with the code tables of this installation and the past of this directory."""
    language = night.settings.language
    use_tables(night.settings.nomenclature)
    with reading(night.engine) as connection:
        history = ledger.past_metrics(connection)
        in_force = labels.load(connection).by_code
    results = assess(
        read.profiles,
        around.movement,
        history,
        language,
        labels=in_force,
        orphans=around.orphans,
        deposited={file.kind: file.published_at for file in publication.files},
        differences=read.differences,
        digests=around.digests,
        moved=around.moved,
        published_on=day_of(publication),
    )
    results = sampled(
        (*received(len(publication.files), language), *results), partial(night.archive.open, publication)
    )
    with writing(night.engine) as connection:
        return standing.settle(connection, results, day_of(publication).isoformat())


def day_of(publication: Publication) -> date:
    """The day a publication was deposited, in France."""
    return french_day(publication.published_at)


def _moved(night: Night, publication: Publication, read: Reading) -> Moved:
    """The lines of those who move, before and after, as far as the archive has them."""
    people = read.affected
    chosen = sample(people)
    before: dict[ExtractKind, pl.DataFrame] = {}
    served = night.served()
    with suppress(NotFound, DirectoryError):
        if served is not None:
            before = _lines(partial(night.archive.seekable, night.archive.load(served.id)), read.former, chosen)

    def tonight(kind: ExtractKind) -> BinaryIO:
        return night.archive.text(publication, kind).open("rb")

    after = _lines(tonight, read.scans, chosen)
    remembered = None
    if served is not None and PERSONS in before and PERSONS in after:
        with reading(night.engine) as connection:
            remembered = last_names(connection, newcomers(before[PERSONS], after[PERSONS]), served.seq + 1)
    return Moved(people.len(), chosen.len(), before, after, remembered)


def _lines(
    opened: Callable[[ExtractKind], BinaryIO], scans: Mapping[ExtractKind, Scan], people: pl.Series
) -> dict[ExtractKind, pl.DataFrame]:
    found = {}
    for kind in GATHERED:
        if kind in scans:
            with opened(kind) as text:
                found[kind] = lines_of(text, scans[kind].index, scans[kind].profile.header, people)
    return found


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
        "read the report and 'rpps-sync checks compare', then wait for the next publication"
        f" or 'rpps-sync accept {tonight.publication.id}'"
    )


def publish(night: Night, tonight: Tonight, acceptance: Acceptance | None = None) -> None:
    """Write the publication into the directory, in one transaction.

    Raises:
        DirectoryError: another publication was published since this one was examined, or the database complained.
    """
    publication = tonight.publication
    night.tidying.begin()
    held = frozenset(line.national_id for line in tonight.reading.quarantine if line.national_id)
    spool = Spool.of(night.work, _affected(night, tonight), held)
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
        if not tonight.reading.compared:
            waiting += connection.execute(select(PRACTITIONERS.c.national_id)).scalars()
    return pl.concat([tonight.reading.affected, pl.Series([name for name in waiting if name], dtype=pl.String)])
