"""Erasure on request and by age: the rows, the reports that name people, and the proof of what went.

What tells of nobody and only takes room (results of checks long passed, unread lines, crash reports) goes by age
too, without an entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Engine

from pipelines import report_files
from pipelines.claims_inbox import ready
from rpps_sync import clock, pseudonyms
from rpps_sync.directory import erasure, pseudonymisation, thinning
from rpps_sync.directory.engine import writing
from rpps_sync.directory.erasure import FORGET, PSEUDONYMISE, PURGE, Erasure
from rpps_sync.errors import UsageError
from rpps_sync.identifiers import rpps_of, told_as
from rpps_sync.settings import Settings

REPORTS = "reports"
CRASHES = "crashes"
KEPT_CRASHES = 20  # of the newest


@dataclass(frozen=True, slots=True)
class Erased:
    """What went, and whether no trace is left in the database's files."""

    entry: Erasure
    scrubbed: bool
    not_reached: tuple[str, ...] = ()  # what may still speak of the person, and what to do about it
    oldest_left: date | None = None  # of a purge: the last day of what was not seen for longest


def forget(engine: Engine, settings: Settings, identifier: str, *, by: str = "", because: str = "") -> Erased:
    """Erase all that tokens told about one person, and the reports that name them (they can be written again).

    Reports of which nobody can tell whom they name (PDF) go too.

    Args:
        engine: of a database with the current schema.
        settings: where the reports are.
        identifier: an RPPS number, or any national identifier a token can hold.
        by: who asked for it to be done; never the person erased.
        because: why; the ledger keeps both.

    Raises:
        UsageError: the reason names the person, or the database holds pseudonyms of another key.
        DirectoryError: the database cannot be written.
    """
    national_id = told_as(identifier)
    names = _names(national_id)
    if any(name in told for name in names for told in (by, because)):
        raise UsageError(
            "the reason names the person, and the ledger of erasures keeps it",
            mend="leave the identifier out of --because and --by; nothing was erased",
            reason="names-the-person",
        )
    named = report_files.naming(settings.reports, names)
    with writing(engine) as connection:
        removed = erasure.forget(connection, national_id) | {REPORTS: len(named)}
        entry = Erasure(FORGET, clock.now(), removed, by, because)
        erasure.enter(connection, entry)
    _unlink(named)
    return Erased(entry, erasure.scrub(engine), _not_reached(settings))


def purge(engine: Engine, settings: Settings, *, days: int | None = None, by: str = "") -> Erased:
    """Erase what was not seen for so many days (by default the setting), and the reports of runs before.

    A purge that finds nothing to remove leaves no entry in the ledger.

    Raises:
        DirectoryError: the database cannot be written.
    """
    before = clock.now().date() - timedelta(days=settings.retention_days if days is None else days)
    old = report_files.older(settings.reports, before)
    with writing(engine) as connection:
        removed = erasure.purge(connection, before) | {REPORTS: len(old)}
        entry = Erasure(PURGE, clock.now(), removed, by, before=before)
        if not entry.nothing:
            erasure.enter(connection, entry)
        left = erasure.oldest_left(connection)
    _unlink(old)
    return Erased(entry, True if entry.nothing else erasure.scrub(engine), oldest_left=left)


def make_light(engine: Engine, settings: Settings) -> None:
    """Let go of what only takes room: a summary stays whole as long as its report, unread lines as their extract.

    Raises:
        DirectoryError: the database cannot be written.
    """
    now = clock.now()
    with writing(engine) as connection:
        thinning.thin_summaries(connection, now - timedelta(days=settings.retention_days))
        thinning.forget_unread_lines(connection, now - timedelta(days=settings.archive_days))
    _unlink(sorted((settings.home / CRASHES).glob("*.log"))[:-KEPT_CRASHES])


def pseudonymise(
    engine: Engine, settings: Settings, *, by: str = "", progress: Callable[[int], None] = lambda _: None
) -> Erased:
    """Replace what identifies people in all that tokens told, at once, and erase the reports written so far.

    Done again, it changes nothing and leaves no entry in the ledger.

    Raises:
        UsageError: no pseudonyms are asked for, or the database holds those of another key.
        DirectoryError: the database cannot be written.
    """
    with writing(engine) as connection:
        rewritten = pseudonymisation.pseudonymise(connection, progress=progress)
        named = report_files.every(settings.reports) if rewritten else []
        entry = Erasure(PSEUDONYMISE, clock.now(), rewritten | {REPORTS: len(named)}, by)
        if not entry.nothing:
            erasure.enter(connection, entry)
    _unlink(named)
    return Erased(entry, erasure.scrub(engine))  # again when nothing was left: a reader was in the way before


def _names(national_id: str) -> tuple[str, str]:
    """An identifier as reports write it: the bare number of an RPPS, or the pseudonym."""
    return (rpps_of(national_id) or national_id, pseudonyms.named(national_id))


def _not_reached(settings: Settings) -> tuple[str, ...]:
    """What may still speak of somebody who is forgotten: what waits here, and what left this database."""
    waiting = ready(settings.inbox) if settings.inbox.is_dir() else ()
    return (
        *(f"{file}: take it in with 'rpps-sync claims inbox', then forget again" for file, _ in waiting),
        "copies of the database, exports and lists handed out; a copy put back needs 'forget' again",
        "the applications where the person signs in: they will tell of the next time",
    )


def _unlink(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
