"""What ``doctor`` looks at, from the machine up to the last run; looking changes nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rpps_sync.cli.examination_settings import examine_settings
from rpps_sync.cli.examination_state import examine_folders, examine_ledgers
from rpps_sync.cli.symptom import Symptom
from rpps_sync.errors import RppsSyncError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from rpps_sync.settings import Settings

EMBEDDED = "sqlite:///"
OLDEST_PYTHON = (3, 11)
OLDEST_SQLITE = (3, 35, 0)  # RETURNING, and upserts that fire on several keys
ROOM_NEEDED = 2 * 1024**3  # bytes: one night at national size (raw files, archive, journal of the database)
ROOM_WISHED = 10 * 1024**3  # bytes: a month of archived publications
FIRST_PLAUSIBLE_DAY = datetime(2026, 1, 1, tzinfo=UTC)  # before this program was written
CLOCK_TOLERANCE = timedelta(minutes=5)


def examine(
    settings_in_force: Callable[[], Settings], *, file: Callable[[], Path | None], online: bool
) -> list[Symptom]:
    """Look at everything that a night needs.

    Args:
        settings_in_force: reads the settings; what it raises becomes a symptom.
        file: tells the file that they are read from.
        online: also ask the publisher's catalogue.
    """
    symptoms = [_python(), _sqlite(), *_strangers()]
    try:
        settings = settings_in_force()
    except RppsSyncError as error:
        return [*symptoms, Symptom("settings", "wrong", error.what, error.mend)]
    symptoms += [Symptom("settings", "ok", "readable"), _home(settings.home), _room(settings.home)]
    symptoms += [*examine_settings(settings, file()), *examine_folders(settings)]
    symptoms += [_archive(settings), *_pseudonyms(settings), *_database(settings)]
    if online:
        symptoms.append(_publisher(settings))
    return symptoms


def _python() -> Symptom:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return Symptom("python", "wrong", version, "install Python 3.11 or newer")
    return Symptom("python", "ok", version)


def _sqlite() -> Symptom:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        return Symptom("sqlite", "wrong", sqlite3.sqlite_version, "use a Python linked with SQLite 3.35 or newer")
    return Symptom("sqlite", "ok", sqlite3.sqlite_version)


def _strangers() -> Iterator[Symptom]:
    from rpps_sync.cli.origins import unknown_variables
    from rpps_sync.clock import CLOCK_VARIABLE

    for name, meant in unknown_variables().items():
        mend = f"rename it {meant}" if meant else "remove it, or see docs/settings.md for the names"
        yield Symptom(f"variable {name}", "warn", "no such setting: it has no effect", mend)
    if pinned := os.environ.get(CLOCK_VARIABLE):
        yield Symptom("clock", "warn", f"pinned at {pinned}", f"unset {CLOCK_VARIABLE} outside simulated nights")


def _home(home: Path) -> Symptom:
    standing = _nearest(home)
    if not standing.is_dir() or not os.access(standing, os.W_OK | os.X_OK):
        return Symptom("home", "wrong", f"{home} is not writable", "set RPPS_SYNC_HOME to a folder you own")
    return Symptom("home", "ok", str(home) if home.exists() else f"{home} (the first run creates it)")


def _room(home: Path) -> Symptom:
    free = shutil.disk_usage(_nearest(home)).free
    seen = f"{free / 1024**3:.1f} GiB free"
    if free < ROOM_NEEDED:
        return Symptom("disk", "wrong", seen, "free some space: one national night needs 2 GiB")
    if free < ROOM_WISHED:
        return Symptom("disk", "warn", seen, "a month of archived publications takes about 10 GiB")
    return Symptom("disk", "ok", seen)


def _nearest(path: Path) -> Path:
    """The path itself, or the closest of its parents that exists."""
    return next(candidate for candidate in (path, *path.absolute().parents) if candidate.exists())


def _pseudonyms(settings: Settings) -> Iterator[Symptom]:
    try:
        key = settings.pseudonym_secret()
    except RppsSyncError as error:
        yield Symptom("pseudonyms", "wrong", error.what, error.mend)
        return
    file = settings.pseudonym_key_file
    if key and file and file.stat().st_mode & 0o077:
        yield Symptom("pseudonyms", "warn", f"others may read or write {file}", f"chmod 600 {file}")
    elif key:
        yield Symptom("pseudonyms", "ok", "identifiers of people seen in tokens are hidden")


def _archive(settings: Settings) -> Symptom:
    from pydantic import ByteSize

    from rpps_sync.publisher.archive import Archive

    archive, most = Archive(settings.archive), settings.archive_max
    if not settings.archive.is_dir():
        return Symptom("archive", "ok", "empty")
    try:
        count, taken = len(archive.all()), ByteSize(archive.bytes())
    except (RppsSyncError, OSError) as error:
        return Symptom("archive", "wrong", str(error), "restore the folder, or move the damaged publication away")
    seen = f"{count} publications, {taken.human_readable(decimal=True)}"
    if not most:
        return Symptom("archive", "ok", seen)
    seen = f"{seen} of the {most.human_readable(decimal=True)} allowed"
    if taken > most:
        mend = "the next night removes the oldest; what is still needed stays: allow more in RPPS_SYNC_ARCHIVE_MAX"
        return Symptom("archive", "warn", seen, mend)
    return Symptom("archive", "ok", seen)


def _database(settings: Settings) -> Iterator[Symptom]:
    from rpps_sync.directory.engine import open_engine

    embedded = settings.database.removeprefix(EMBEDDED)
    if embedded != settings.database and not Path(embedded).is_file():
        # Not even opened: opening would create the file.
        yield Symptom("database", "ok", f"{embedded} (the first run creates it)")
        return
    try:
        engine = open_engine(settings.database)
    except RppsSyncError as error:
        yield Symptom("database", "wrong", error.what, error.mend)
        return
    try:
        yield _revision(engine)
        yield from _last_run(engine)
        yield from _ledgers(settings, engine)
    except RppsSyncError as error:
        yield Symptom("database", "wrong", error.what, error.mend)
    finally:
        engine.dispose()


def _revision(engine: Engine) -> Symptom:
    from rpps_sync.directory import migrations

    where = engine.url.render_as_string(hide_password=True)
    if not migrations.current(engine):
        return Symptom("database", "ok", f"{where} is empty (the first run prepares it)")
    migrations.ensure_current(engine)
    return Symptom("database", "ok", f"{where} at revision {migrations.head()}")


def _ledgers(settings: Settings, engine: Engine) -> Iterator[Symptom]:
    from rpps_sync.directory import migrations
    from rpps_sync.directory.engine import reading

    if migrations.current(engine):
        with reading(engine) as connection:
            yield from examine_ledgers(settings, connection)


def _last_run(engine: Engine) -> Iterator[Symptom]:
    from rpps_sync.directory import ledger, migrations
    from rpps_sync.directory.engine import reading

    if not migrations.current(engine):
        return
    with reading(engine) as connection:
        last: dict[str, Any] | None = next(iter(ledger.runs(connection, 1)), None)
    if last is None:
        yield Symptom("last run", "ok", "none yet")
        return
    yield _clock(last["started_at"])
    state = "ok" if last["outcome"] in ("published", "unchanged", "running") else "warn"
    mend = "" if state == "ok" else "see 'rpps-sync runs' and the report of that night"
    yield Symptom("last run", state, f"{last['outcome']}, started {last['started_at']}", mend)


def _clock(last_start: str | datetime) -> Symptom:
    from rpps_sync.clock import iso, now, parse_instant

    start = parse_instant(last_start) if isinstance(last_start, str) else last_start
    present = now()
    if present < FIRST_PLAUSIBLE_DAY or present < start - CLOCK_TOLERANCE:
        seen = f"it is {iso(present)} here, earlier than the last run"
        return Symptom("clock", "wrong", seen, "set the clock of this machine (NTP): ages depend on it")
    return Symptom("clock", "ok", iso(present))


def _publisher(settings: Settings) -> Symptom:
    from rpps_sync.publisher.online import OnlineSource

    try:
        deposits = OnlineSource(settings.catalog_url).discover(settings.extracts)
    except RppsSyncError as error:
        return Symptom("publisher", "wrong", error.what, error.mend)
    return Symptom("publisher", "ok", f"{len(deposits)} extracts offered at {settings.catalog_url}")
