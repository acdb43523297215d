"""One run at work: its database, its clock, its steps, and the summary it is filling in."""

from __future__ import annotations

import resource
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Engine, Row

from pipelines.bars import Bar, Bars
from pipelines.exclusive import alone
from pipelines.tidying import Tidying, pruned
from rpps_sync import clock
from rpps_sync.directory import ledger, migrations
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.needed import needed_publications
from rpps_sync.errors import (
    EXIT_FAILED,
    EXIT_OK,
    EXIT_REFUSED,
    EXIT_STALE,
    DirectoryError,
    ExtractRefused,
    RppsSyncError,
    StorageError,
)
from rpps_sync.freshness.gathering import AtWork
from rpps_sync.freshness.objectives import use as use_objectives
from rpps_sync.logs import bound_to_run
from rpps_sync.publication import Publication
from rpps_sync.publisher.archive import Archive
from rpps_sync.publisher.channels import Channels
from rpps_sync.publisher.disk import storage_told
from rpps_sync.publisher.sources import Source
from rpps_sync.quality.reception import frozen, refused
from rpps_sync.run_summary import (
    ChannelSummary,
    CheckResult,
    ComparisonSummary,
    Delta,
    FileSummary,
    FreshnessState,
    InboxSummary,
    Outcome,
    PractitionerDelta,
    PublicationSummary,
    QuarantinedLine,
    RunSummary,
)
from rpps_sync.settings import Settings

_log = structlog.get_logger()


STEPS = {
    "receive": "downloading and archiving",
    "examine": "reading and comparing lines",
    "check": "checking",
    "publish": "publishing",
    "tidy": "tidying the archive",
    "inbox": "taking observations in",
    "retention": "erasing what was not seen for long",
    "compare": "comparing with the tokens",
    "freshness": "assessing freshness",
    "report": "writing the report",
}


@dataclass(slots=True)
class Night:
    """A run at work. Made by :meth:`opened`; what its steps learn is assigned to it, and :meth:`close` sums up."""

    settings: Settings
    engine: Engine
    archive: Archive
    bars: Bars
    run_id: str
    now: datetime
    outcome: Outcome = Outcome.FAILED
    message: str = ""
    mend: str = ""
    failure: RppsSyncError | None = None
    publication: Publication | None = None
    channels: tuple[ChannelSummary, ...] = ()
    delta: Delta = field(default_factory=Delta)
    quarantine: tuple[QuarantinedLine, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    inbox: InboxSummary = field(default_factory=InboxSummary)
    comparison: ComparisonSummary = field(default_factory=ComparisonSummary)
    freshness: tuple[FreshnessState, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)
    report: Path | None = None
    tidying: Tidying = field(init=False)

    def __post_init__(self) -> None:
        self.tidying = Tidying(self.archive)

    @classmethod
    @contextmanager
    def opened(cls, settings: Settings, bars: Bars) -> Iterator[Night]:
        """Take the lock, open the database (making the embedded one if it is not there) and enter the ledger.

        Raises:
            LockHeld: another run is at work.
            DirectoryError: the database cannot be used, or is newer than this program.
            StorageError: the home folder cannot be written.
        """
        use_objectives(settings.home)
        with alone(settings) as engine:
            if migrations.current(engine) == "":
                migrations.upgrade(engine)
            migrations.ensure_current(engine)
            started = clock.now()
            archive = Archive(settings.archive, settings.home / "work" / "texts")
            night = cls(settings, engine, archive, bars, _run_id(started), started)
            with writing(engine) as connection:
                ledger.begin_run(connection, night.run_id, started)
            try:
                with bound_to_run(night.run_id):
                    yield night
            except BaseException as error:
                night.interrupted(error)
                raise
            finally:
                night.tidying.stop()
                shutil.rmtree(settings.home / "work", ignore_errors=True)

    @property
    def at_work(self) -> AtWork:
        """This run as far as it has come, for whoever judges what the ledger does not know yet."""
        return AtWork(self.now, clock.now(), self.outcome, self.channels)

    @property
    def work(self) -> Path:
        """A folder that lives as long as the run."""
        folder = self.settings.home / "work" / self.run_id
        with storage_told(folder):
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Bar]:
        """One step of the story, timed and shown."""
        started = time.perf_counter()
        self._beat(name)
        try:
            with self.bars(STEPS[name], total) as bar:
                yield bar
        finally:
            self.timings[name] = round(time.perf_counter() - started, 3)

    def _beat(self, step: str) -> None:
        """A sign of life in the ledger; one that cannot be given is no reason to stop."""
        with suppress(DirectoryError), writing(self.engine) as connection:
            ledger.beat(connection, self.run_id, step, clock.now())

    def receive(self, source: Source) -> Publication | None:
        """What a source offers now, in the archive; None when it is nothing new.

        Raises:
            SourceError: nothing that can be trusted came.
            StorageError: the disk refuses it.
        """
        try:
            with self.step("receive") as bar:
                return self.archive.receive(source, self.settings.extracts, progress=bar.advance)
        finally:
            self.channels = source.standing if isinstance(source, Channels) else ()

    def tidy_archive(self) -> None:
        """Remove what is kept no longer, see the past made small; what cannot be done tonight is tried again."""
        with reading(self.engine) as connection:
            needed = needed_publications(connection)
        try:
            with self.step("tidy"):
                smaller = self.tidying.end()
                told = pruned(self.archive, self.settings, needed)
        except (StorageError, DirectoryError) as error:
            _log.warning("the archive could not be tidied", what=error.what, mend=error.mend)
        else:
            self.message = self.message or told
            _log.debug("archive tidied", compacted=list(smaller), message=told)

    def looked_at(self, publication: Publication | None) -> Row[Any] | None:
        """What became of a publication in an earlier run, or None."""
        if publication is None:
            return None
        with reading(self.engine) as connection:
            return ledger.status_of(connection, publication.id)

    def served(self) -> Row[Any] | None:
        """The publication being served, or None before the first."""
        with reading(self.engine) as connection:
            return ledger.served(connection)

    def conclude_unchanged(self, publication: Publication | None, earlier: Row[Any] | None) -> None:
        """Nothing new was published: what was said of it before still holds."""
        self.publication = publication
        self.delta = Delta(practitioners=PractitionerDelta(total=self._practitioners_served()))
        if earlier is not None and earlier.status == ledger.REFUSED:
            self.outcome = Outcome.REFUSED
            self.message = (
                f"nothing new since publication {earlier.id}, which was refused: {'; '.join(earlier.reasons)}"
            )
            self.mend = f"wait for the next publication, or 'rpps-sync accept {earlier.id} --because …'"
        else:
            self.outcome = Outcome.UNCHANGED
            self.message = "nothing new was published"
            self.checks = self._frozen()

    def _frozen(self) -> tuple[CheckResult, ...]:
        """How long nothing new has come, told once somebody should know; this run counts for its day."""
        with reading(self.engine) as connection:
            days = ledger.unchanged_days(connection) | {clock.french_day(self.now)}
        return frozen(len(days), self.settings.language)

    def _practitioners_served(self) -> int:
        served = self.served()
        return served.practitioners if served else 0

    @contextmanager
    def failures_told(self) -> Iterator[None]:
        """What goes wrong in the block ends the block, not the run: the summary tells the first failure.

        What follows one (a ledger that a full disk refuses too) is a consequence, and would hide the cause.
        """
        try:
            yield
        except RppsSyncError as error:
            if self.failure is None:
                self._fail(error)

    def _fail(self, error: RppsSyncError) -> None:
        """Something stopped the run: what was served before still is, or what was just published is."""
        self.failure = error
        self.message, self.mend = error.what, error.mend
        if self.outcome is not Outcome.PUBLISHED:
            self.outcome = Outcome.REFUSED if isinstance(error, ExtractRefused) else Outcome.FAILED
            self.checks = self.checks or refused(error, self.settings.language)
            self.delta = Delta(practitioners=PractitionerDelta(total=self._practitioners_served()))

    def interrupted(self, error: BaseException) -> None:
        """Something nobody foresaw, or a signal, stopped the run: the ledger says so before the error goes on."""
        if self.outcome is not Outcome.PUBLISHED:
            self.outcome = Outcome.FAILED
        self.message = f"stopped by {type(error).__name__}"
        with suppress(RppsSyncError):  # the error that goes on says more
            self.close()

    def summary(self) -> RunSummary:
        """All there is to say of the run so far."""
        served = self.served()
        return RunSummary(
            run_id=self.run_id,
            started_at=self.now,
            finished_at=clock.now(),
            outcome=self.outcome,
            message=self.message,
            mend=self.mend,
            publication=_about(self.publication),
            channels=self.channels,
            served=served.id if served else "",
            delta=self.delta,
            quarantine=self.quarantine,
            checks=self.checks,
            inbox=self.inbox,
            comparison=self.comparison,
            freshness=self.freshness,
            timings=self.timings,
            peak_rss=_peak_rss(),
            report=self.report,
            exit_code=self._exit_code(),
        )

    def close(self) -> RunSummary:
        """Enter the summary in the ledger, and give it out.

        Where what stopped the run stops the ledger too, the next run closes this one.

        Raises:
            DirectoryError: the ledger cannot be written, and nothing had gone wrong before.
        """
        summary = self.summary()
        try:
            with writing(self.engine) as connection:
                ledger.finish_run(connection, summary)
        except DirectoryError:
            if self.failure is None:
                raise
        return summary

    def _exit_code(self) -> int:
        if self.failure is not None:
            return self.failure.exit_code
        if self.outcome is Outcome.REFUSED:
            return EXIT_REFUSED
        if self.outcome is Outcome.FAILED:
            return EXIT_FAILED
        return EXIT_STALE if any(state.state == "error" for state in self.freshness) else EXIT_OK


def _about(publication: Publication | None) -> PublicationSummary | None:
    if publication is None:
        return None
    files = tuple(
        FileSummary(file.kind, file.url, file.bytes, file.sha256, file.lines, file.published_at, file.channel)
        for file in publication.files
    )
    return PublicationSummary(publication.id, publication.published_at, files)


def _run_id(started: datetime) -> str:
    return f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def _peak_rss() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
