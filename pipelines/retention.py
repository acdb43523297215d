"""Erasure on request and by age: the rows, the reports that name people, and the proof of what went.

What tells of nobody and only takes room (results of checks long passed, unread lines, crash reports) goes by age
too, without an entry.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Engine

from rpps_sync import clock, pseudonyms
from rpps_sync.directory import erasure, pseudonymisation, thinning
from rpps_sync.directory.engine import writing
from rpps_sync.directory.erasure import FORGET, PSEUDONYMISE, PURGE, Erasure
from rpps_sync.identifiers import RPPS, RPPS_NUMBER
from rpps_sync.settings import Settings

REPORTS = "reports"
CRASHES = "crashes"
KEPT_CRASHES = 20  # of the newest
_REPORT = re.compile(r"(\d{8})T\d{6}Z-[0-9a-f]+\.(?:html|json)")


@dataclass(frozen=True, slots=True)
class Erased:
    """What went, and whether no trace is left in the database's files."""

    entry: Erasure
    scrubbed: bool


def forget(engine: Engine, settings: Settings, identifier: str, *, by: str = "", because: str = "") -> Erased:
    """Erase all that tokens told about one person, and the reports that name them (they can be written again).

    Args:
        engine: of a database with the current schema.
        settings: where the reports are.
        identifier: an RPPS number, or any national identifier a token can hold.
        by: who asked for it to be done; never the person erased.
        because: why; the ledger keeps both.

    Raises:
        DirectoryError: the database cannot be written.
    """
    national_id = RPPS + identifier if RPPS_NUMBER.fullmatch(identifier) else identifier
    named = list(_naming(settings.reports, national_id))
    with writing(engine) as connection:
        removed = erasure.forget(connection, national_id) | {REPORTS: len(named)}
        entry = Erasure(FORGET, clock.now(), removed, by, because)
        erasure.enter(connection, entry)
    _unlink(named)
    return Erased(entry, erasure.scrub(engine))


def purge(engine: Engine, settings: Settings, *, days: int | None = None, by: str = "") -> Erased:
    """Erase what was not seen for so many days (by default the setting), and the reports of runs before.

    A purge that finds nothing to remove leaves no entry in the ledger.

    Raises:
        DirectoryError: the database cannot be written.
    """
    before = clock.now().date() - timedelta(days=settings.retention_days if days is None else days)
    old = list(_older(settings.reports, before))
    with writing(engine) as connection:
        removed = erasure.purge(connection, before) | {REPORTS: len(old)}
        entry = Erasure(PURGE, clock.now(), removed, by, before=before)
        if not entry.nothing:
            erasure.enter(connection, entry)
    _unlink(old)
    return Erased(entry, True if entry.nothing else erasure.scrub(engine))


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
        named = list(_older(settings.reports, date.max)) if rewritten else []
        entry = Erasure(PSEUDONYMISE, clock.now(), rewritten | {REPORTS: len(named)}, by)
        if not entry.nothing:
            erasure.enter(connection, entry)
    _unlink(named)
    return Erased(entry, erasure.scrub(engine))  # again when nothing was left: a reader was in the way before


def _naming(folder: Path, national_id: str) -> Iterator[Path]:
    """The reports that hold an identifier, in any of its forms."""
    bare = national_id[1:] if RPPS_NUMBER.fullmatch(national_id[1:]) else national_id
    names = (bare, pseudonyms.named(national_id))
    for path in sorted(folder.glob("*")):
        if path.is_file() and any(name.encode() in path.read_bytes() for name in names):
            yield path


def _older(folder: Path, before: date) -> Iterator[Path]:
    for path in sorted(folder.glob("*")):
        found = _REPORT.fullmatch(path.name)
        if found and found[1] < f"{before:%Y%m%d}":
            yield path


def _unlink(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
