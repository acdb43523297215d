"""The night: bring home what was published, check it, publish it, compare it with the tokens, tell.

    discover -> download -> archive -> difference -> parse -> check -> publish
             -> take observations in -> compare -> freshness -> report

Each step returns an immutable value, and the whole run yields one :class:`RunSummary`. Whatever happens, and
whenever the machine stops, readers see the former publication or the new one, never a mixture.
"""

from __future__ import annotations

from pipelines.bars import Bars, no_bars
from pipelines.claims_inbox import take_in_inbox
from pipelines.comparison import compare_moved, standing
from pipelines.freshness import states
from pipelines.night import Night
from pipelines.publishing import Tonight, examine, publish, refuse
from pipelines.reporting import write_report
from pipelines.retention import make_light, purge
from rpps_sync import clock
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.ledger import Acceptance
from rpps_sync.errors import UsageError
from rpps_sync.publication import Publication
from rpps_sync.publisher.sources import Source
from rpps_sync.run_summary import CheckResult, Outcome, RunSummary
from rpps_sync.settings import Settings


def run_night(settings: Settings, source: Source, *, bars: Bars = no_bars) -> RunSummary:
    """Do the night's work once.

    Args:
        settings: where things are, and what is wanted.
        source: where the extracts come from.
        bars: shows progress to a person, if there is one.

    Returns:
        All there is to say of the run, refused and failed ones included.

    Raises:
        LockHeld: another run is at work.
        DirectoryError: the database cannot be used at all.
        StorageError: the home folder cannot be written.
    """
    with Night.opened(settings, bars) as night:
        with night.failures_told():
            publication = night.receive(source) or night.archive.newest()
            earlier = night.looked_at(publication)
            if publication is None or earlier:
                night.conclude_unchanged(publication, earlier)
            else:
                _take_in(night, examine(night, publication))
        with night.failures_told(), night.step("inbox") as bar:
            night.inbox = take_in_inbox(night.engine, settings, progress=bar.advance)
        with night.failures_told():
            _assess(night)
        if night.outcome is Outcome.PUBLISHED:
            night.tidy_archive()  # last: nobody waits for it
        return night.close()


def accept(settings: Settings, publication_id: str, by: str, because: str, *, bars: Bars = no_bars) -> RunSummary:
    """Publish an archived publication although the gate refused it; the ledger keeps who decided, and why.

    Raises:
        LockHeld: another run is at work.
    """
    with Night.opened(settings, bars) as night:
        with night.failures_told():
            publication = night.archive.load(publication_id)
            _refuse_settled(night, publication)
            _take_in(night, examine(night, publication), Acceptance(by, because))
        with night.failures_told():
            _assess(night)
        if night.outcome is Outcome.PUBLISHED:
            night.tidy_archive()  # what publishing began beside it
        return night.close()


def _refuse_settled(night: Night, publication: Publication) -> None:
    """There is nothing to accept in a publication already served, or older than the one being served."""
    earlier, served = night.looked_at(publication), night.served()
    if earlier is not None and earlier.seq is not None:
        raise UsageError(
            f"publication {publication.id} was published already", mend="see 'rpps-sync publications'"
        )
    if served is not None and publication.published_at < served.published_at:
        raise UsageError(
            f"publication {publication.id} is older than {served.id}, which is being served",
            mend="history only goes forward; look at the older one with 'rpps-sync replay'",
        )


def _take_in(night: Night, tonight: Tonight, acceptance: Acceptance | None = None) -> None:
    """The gate, then the directory."""
    if blocking(tonight.checks) and acceptance is None:
        refuse(night, tonight)
    else:
        publish(night, tonight, acceptance)


def _assess(night: Night) -> None:
    """What is served now against the tokens that may still be kept, how fresh it is, and the report of it all."""
    with night.step("retention"):
        purge(night.engine, night.settings)
        make_light(night.engine, night.settings)
    with night.step("compare") as bar, writing(night.engine) as connection:
        compare_moved(connection, grace=night.settings.grace_publications, progress=bar.advance)
        night.comparison = standing(connection)
    with night.step("freshness"), writing(night.engine) as connection:
        night.freshness = states(
            connection, clock.now(), night.settings.language, run_id=night.run_id, at_work=night.at_work
        )
    with night.step("report"), reading(night.engine) as connection:
        summary = night.summary()
        night.report = write_report(connection, summary, night.settings.reports, night.settings.language)


def blocking(checks: tuple[CheckResult, ...]) -> bool:
    """Whether the gate stays shut."""
    return any(check.blocks for check in checks)
