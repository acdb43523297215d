"""From an archived publication to the directory: examine it, then publish or refuse it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import polars as pl
from sqlalchemy import Row, select

from pipelines.night import Night
from rpps_sync.clock import french_day
from rpps_sync.directory import labels, ledger, quarantine, standing
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.ledger import Acceptance
from rpps_sync.directory.publish import Publishing, held_before
from rpps_sync.directory.tables import PRACTITIONERS
from rpps_sync.errors import DirectoryError, NotFound
from rpps_sync.extracts import index as line_index
from rpps_sync.extracts.crossing import Orphans, orphans
from rpps_sync.extracts.difference import LineDifference, difference
from rpps_sync.extracts.index import IndexCache
from rpps_sync.extracts.moved import GATHERED, Moved, lines_of, sample
from rpps_sync.extracts.scan import Scan, scan
from rpps_sync.extracts.spool import Spool
from rpps_sync.nomenclature import use as use_tables
from rpps_sync.publication import ExtractKind, Publication
from rpps_sync.quality import rows
from rpps_sync.quality.gate import Movement, assess, metrics_of
from rpps_sync.quality.movement import movement_of
from rpps_sync.quality.reception import received
from rpps_sync.quality.scores import age_of, scores_of
from rpps_sync.run_summary import CheckResult, Delta, Outcome, QuarantinedLine


@dataclass(frozen=True, slots=True)
class Tonight:
    """All that is known of a publication before anything is written."""

    publication: Publication
    scans: Mapping[ExtractKind, Scan]
    differences: Mapping[ExtractKind, LineDifference]
    follows: int  # seq of the publication served when this one was examined; 0 before the first
    compared: bool  # with the publication served; False when there is none, or its archive is gone
    checks: tuple[CheckResult, ...]
    metrics: Mapping[str, Any]

    @property
    def quarantine(self) -> tuple[QuarantinedLine, ...]:
        """Every line set aside, file after file."""
        return tuple(line for item in self.scans.values() for line in item.profile.quarantined)


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of a publication besides the profile of each file."""

    movement: Movement | None
    orphans: Mapping[ExtractKind, Orphans]
    differences: Mapping[ExtractKind, LineDifference]
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
    cache = IndexCache(night.settings.home / "lines")
    served = night.served()
    with night.step("examine", sum(file.lines for file in publication.files)) as bar:
        scans: dict[ExtractKind, Scan] = {}
        for file in publication.files:
            with night.archive.open(publication, file.kind) as stream:
                scans[file.kind] = scan(stream, file.kind, progress=bar.advance)
            cache.save(file.sha256, scans[file.kind].index)
        before = _indexes_served(night, cache, served)
        after = {kind: item.index for kind, item in scans.items()}
        nothing = line_index.empty()
        differences = {
            kind: difference(before.get(kind, nothing), after.get(kind, nothing)) for kind in before.keys() | after
        }
    with night.step("check"):
        strangers = orphans(after)
        held = [line.national_id for item in scans.values() for line in item.profile.quarantined]
        around = Around(
            movement_of(before, after, differences, held),
            strangers,
            differences,
            {file.kind: file.sha256 for file in publication.files},
            _moved(night, publication, served, differences),
        )
        checks = _assessed(night, publication, scans, around)
    night.checks = checks
    follows = served.seq if served else 0
    profiles = {kind: item.profile for kind, item in scans.items()}
    metrics = metrics_of(
        profiles,
        strangers,
        differences=differences if before else None,
        digests=around.digests,
        published_on=day_of(publication),
        movement=around.movement,
    ) | {"scores": scores_of(profiles, strangers, age=age_of(publication.published_at, night.now))}
    tonight = Tonight(publication, scans, differences, follows, bool(before), checks, metrics)
    night.quarantine = tonight.quarantine
    return tonight


def _assessed(
    night: Night,
    publication: Publication,
    scans: Mapping[ExtractKind, Scan],
    around: Around,
) -> tuple[CheckResult, ...]:
    """Every check, with the code tables of this installation and the past of this directory."""
    language = night.settings.language
    use_tables(night.settings.nomenclature)
    with reading(night.engine) as connection:
        history = ledger.past_metrics(connection)
        in_force = labels.load(connection).by_code
    results = assess(
        {kind: item.profile for kind, item in scans.items()},
        around.movement,
        history,
        language,
        labels=in_force,
        orphans=around.orphans,
        deposited={file.kind: file.published_at for file in publication.files},
        differences=around.differences,
        digests=around.digests,
        moved=around.moved,
        published_on=day_of(publication),
    )
    results = rows.sampled(
        (*received(len(publication.files), language), *results), partial(night.archive.open, publication)
    )
    with writing(night.engine) as connection:
        return standing.settle(connection, results, day_of(publication).isoformat())


def day_of(publication: Publication) -> date:
    """The day a publication was deposited, in France."""
    return french_day(publication.published_at)


def _moved(
    night: Night,
    publication: Publication,
    served: Row[Any] | None,
    differences: Mapping[ExtractKind, LineDifference],
) -> Moved:
    """The lines of those who move, before and after, as far as the archive has them."""
    people = pl.concat([item.affected for item in differences.values()]).unique()
    chosen = sample(people)
    before: dict[ExtractKind, pl.DataFrame] = {}
    with suppress(NotFound, DirectoryError):
        if served is not None:
            before = _lines(night, night.archive.load(served.id), chosen)
    return Moved(people.len(), chosen.len(), before, _lines(night, publication, chosen))


def _lines(night: Night, publication: Publication, people: pl.Series) -> dict[ExtractKind, pl.DataFrame]:
    found = {}
    for file in publication.files:
        if file.kind in GATHERED:
            with night.archive.open(publication, file.kind) as stream:
                found[file.kind] = lines_of(stream, file.kind, people)
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
        quarantine.record(connection, night.run_id, tonight.publication.id, tonight.quarantine)
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
    held = frozenset(line.national_id for line in tonight.quarantine if line.national_id)
    spool = Spool.of(night.work, _affected(night, tonight))
    with night.step("publish", spool.affected.height) as bar:
        for file in publication.files:
            with night.archive.open(publication, file.kind) as stream:
                spool.fill(stream, file.kind)
        with writing(night.engine) as connection:
            seq = ledger.next_seq(connection)
            _refuse_outrun(seq, tonight)
            delta = Publishing(connection, seq, held).take(spool, progress=bar.advance)
            labels.update_all(connection, seq, (item.profile for item in tonight.scans.values()))
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
            quarantine.record(connection, night.run_id, publication.id, tonight.quarantine)
    IndexCache(night.settings.home / "lines").keep_only({file.sha256 for file in publication.files})
    night.outcome = Outcome.PUBLISHED
    night.delta = Delta(
        lines_added=sum(item.added for item in tonight.differences.values()),
        lines_removed=sum(item.removed for item in tonight.differences.values()),
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


def _indexes_served(night: Night, cache: IndexCache, served: Row[Any] | None) -> dict[ExtractKind, pl.DataFrame]:
    """The line indexes of the publication being served, made again from the archive where they are missing.

    Without one of them there is nothing to compare lines with: every practitioner is looked at again.
    """
    if served is None:
        return {}
    try:
        return {
            ExtractKind(file["kind"]): _index_of(
                night, cache, served.id, ExtractKind(file["kind"]), file["sha256"]
            )
            for file in served.files
        }
    except (NotFound, DirectoryError):
        return {}


def _index_of(night: Night, cache: IndexCache, served: str, kind: ExtractKind, sha256: str) -> pl.DataFrame:
    kept = cache.load(sha256)
    if kept is None:
        with night.archive.open(night.archive.load(served), kind) as stream:
            kept = scan(stream, kind).index
        cache.save(sha256, kept)
    return kept


def _affected(night: Night, tonight: Tonight) -> pl.Series:
    """Whose lines moved, and those whose last good version is older than the publication served."""
    moved = [item.affected for item in tonight.differences.values()]
    with reading(night.engine) as connection:
        waiting = list(held_before(connection))
        if served := ledger.served(connection):
            waiting += [line["national_id"] for line in quarantine.of_publication(connection, served.id)]
        if not tonight.compared:
            waiting += connection.execute(select(PRACTITIONERS.c.national_id)).scalars()
    return pl.concat([*moved, pl.Series("national_id", [name for name in waiting if name], dtype=pl.String)])
