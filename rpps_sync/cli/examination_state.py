"""What ``doctor`` finds in the folders and in the ledgers of an installation that has lived."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rpps_sync.cli.examination_webhooks import examine_webhooks
from rpps_sync.cli.symptom import Symptom
from rpps_sync.errors import LockHeld

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from rpps_sync.settings import Settings

WAITING_DAYS = 2  # a file of the watched folder that no night took
SUCCESS_HOURS = 26  # a night a day, and two hours


def examine_folders(settings: Settings) -> Iterator[Symptom]:
    """Folders that are there: who may read them, and what lies in them that nobody expects."""
    home = settings.home
    database = home / "rpps-sync.sqlite"
    if database.is_file() and _open_to(stat.S_IROTH, database) and _open_to(stat.S_IXOTH, home):
        mend = f"chmod o= {home}: it holds what applications saw of people"
        yield Symptom("permissions", "warn", f"everybody on this machine can read {database}", mend)
    if settings.reports.is_dir() and not os.access(settings.reports, os.W_OK):
        yield Symptom("reports", "wrong", f"{settings.reports} is not writable", "give it to this account")
    yield from _inbox(settings.inbox)
    if crashes := sorted((home / "crashes").glob("*.log")):
        mend = "send the newest with your report, then remove them; they hold neither tokens nor identifiers"
        yield Symptom("crashes", "warn", f"{len(crashes)} in {home / 'crashes'}", mend)


def _inbox(inbox: Path) -> Iterator[Symptom]:
    if not inbox.exists():
        return
    if not inbox.is_dir() or not os.access(inbox, os.R_OK | os.W_OK | os.X_OK):
        yield Symptom(
            "inbox", "wrong", f"{inbox} is no folder that this account may read and empty", "mend its owner"
        )
        return
    oldest = time.time() - timedelta(days=WAITING_DAYS).total_seconds()
    if late := [path for path in inbox.glob("*.jsonl") if path.stat().st_mtime < oldest]:
        mend = "run 'rpps-sync claims inbox': it says why they wait"
        yield Symptom("inbox", "warn", f"{len(late)} files wait for more than {WAITING_DAYS} days", mend)
    if refused := list((inbox / "refused").glob("*.jsonl")):
        mend = "read the receipts beside them; mend, and put the files back"
        yield Symptom("inbox", "warn", f"{len(refused)} files with refused lines in {inbox / 'refused'}", mend)


def _open_to(others: int, path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & others)


def examine_ledgers(settings: Settings, connection: Connection) -> Iterator[Symptom]:
    """What the ledgers remember; the schema is the expected one."""
    yield from _dead_run(settings, connection)
    yield from _success(connection)
    yield from _served(settings, connection)
    yield from _incidents(connection)
    yield from _jobs(connection)
    yield from examine_webhooks(settings, connection)


def _dead_run(settings: Settings, connection: Connection) -> Iterator[Symptom]:
    from pipelines.home_lock import home_locked
    from rpps_sync.directory import ledger

    run = ledger.run(connection)
    if run is None or run["outcome"] != ledger.RUNNING:
        return
    try:
        with home_locked(settings.home):
            seen = f"{run['run_id']} was killed in the step '{run['step']}'"
            yield Symptom("runs", "warn", seen, "'rpps-sync run' goes on; 'rpps-sync alerts check' closes it")
    except LockHeld:
        yield Symptom("runs", "ok", f"{run['run_id']} is at work, in the step '{run['step']}'")


def _success(connection: Connection) -> Iterator[Symptom]:
    from rpps_sync.clock import iso, now
    from rpps_sync.directory import ledger

    succeeded = ledger.last_success(connection)
    if succeeded and now() - succeeded > timedelta(hours=SUCCESS_HOURS):
        mend = "does anything start it? 'rpps-sync install-timer', or 'rpps-sync schedule'"
        yield Symptom("last success", "warn", f"{iso(succeeded)}: no run did its work since", mend)


def _served(settings: Settings, connection: Connection) -> Iterator[Symptom]:
    from rpps_sync.directory import ledger

    served = ledger.served(connection)
    if served is not None and not (settings.archive / served.id).is_dir():
        mend = "put the archive back from a copy: the next night cannot compare with it"
        yield Symptom("archive", "warn", f"the publication being served, {served.id}, is not in the archive", mend)


def _incidents(connection: Connection) -> Iterator[Symptom]:
    from rpps_sync.directory import incidents

    if causes := [row.cause for row in incidents.open_ones(connection)]:
        pages = ", ".join(f"docs/runbook/{cause}.md" for cause in causes)
        yield Symptom("incidents", "warn", f"open: {', '.join(causes)}", f"see {pages}")
    if failing := incidents.failing(connection):
        mend = "'rpps-sync alerts test' tries the channels out"
        yield Symptom("outbox", "wrong", f"{failing} messages could not be delivered", mend)


def _jobs(connection: Connection) -> Iterator[Symptom]:
    from rpps_sync.directory import jobs

    for name, last in jobs.last(connection).items():
        if last["outcome"] in ("failed", "missed"):
            seen = f"{last['outcome']} {last['started_at']}: {last['message'] or last['exit_code']}"
            yield Symptom(f"job {name}", "warn", seen, "'rpps-sync schedule --list' tells when it comes again")
