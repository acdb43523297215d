"""The night: bring home what was published, check it, publish it, compare it with the tokens, tell.

    discover -> download -> archive -> difference -> parse -> check -> publish -> compare -> freshness -> report

Each step returns an immutable value, and the whole run yields one :class:`RunSummary`. Whatever happens, and
whenever the machine stops, readers see the former publication or the new one, never a mixture.
"""

from __future__ import annotations

from pipelines.comparison import compare
from pipelines.freshness import states
from pipelines.night import SILENT, Bars, Night
from pipelines.publishing import Tonight, examine, publish, refuse
from pipelines.reporting import write_report
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.ledger import Acceptance
from rpps_sync.errors import RppsSyncError
from rpps_sync.publisher.sources import Source
from rpps_sync.run_summary import CheckResult, RunSummary
from rpps_sync.settings import Settings


def run_night(settings: Settings, source: Source, *, bars: Bars = SILENT) -> RunSummary:
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
    """
    with Night.opened(settings, bars) as night:
        try:
            with night.step("receive") as bar:
                publication = night.archive.receive(source, settings.extracts, progress=bar.advance)
            publication = publication or night.archive.newest()
            earlier = night.looked_at(publication)
            if publication is None or earlier:
                night.conclude_unchanged(publication, earlier)
            else:
                _take_in(night, examine(night, publication))
        except RppsSyncError as error:
            night.fail(error)
        _assess(night)
        return night.close()


def accept(settings: Settings, publication_id: str, by: str, because: str, *, bars: Bars = SILENT) -> RunSummary:
    """Publish an archived publication although the gate refused it; the ledger keeps who decided, and why.

    Raises:
        NotFound: no such publication in the archive.
        LockHeld: another run is at work.
    """
    with Night.opened(settings, bars) as night:
        publication = night.archive.load(publication_id)
        try:
            _take_in(night, examine(night, publication), Acceptance(by, because))
        except RppsSyncError as error:
            night.fail(error)
        _assess(night)
        return night.close()


def _take_in(night: Night, tonight: Tonight, acceptance: Acceptance | None = None) -> None:
    """The gate, then the directory, then the tokens."""
    if blocking(tonight.checks) and acceptance is None:
        refuse(night, tonight)
        return
    publish(night, tonight, acceptance)
    with night.step("compare") as bar, writing(night.engine) as connection:
        night.comparison = compare(
            connection, grace=night.settings.grace_publications, today=night.today, progress=bar.advance
        )


def _assess(night: Night) -> None:
    """How fresh is what is served now, and the report of it all."""
    with night.step("freshness"), writing(night.engine) as connection:
        night.freshness = states(
            connection, night.now, night.settings.language, run_id=night.run_id, succeeded_at=night.succeeded_at
        )
    with night.step("report"), reading(night.engine) as connection:
        summary = night.summary()
        night.report = write_report(connection, summary, night.settings.reports, night.settings.language)


def blocking(checks: tuple[CheckResult, ...]) -> bool:
    """Whether the gate stays shut."""
    return any(check.blocks for check in checks)
