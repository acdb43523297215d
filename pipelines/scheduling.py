"""The resident scheduler: APScheduler 3.11 keeps the hours, a process of its own does each job.

    serve(settings, timetable, program)     until SIGTERM or Ctrl-C

A job is a command of rpps-sync in a child process, so that this one stays small for months, a crash takes nothing
with it, and a job stops as the command does (docs/adr/0007). The timetable is data, not state: nothing is stored
in a job store; what was missed is read off the ledgers at the start.
"""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from types import FrameType
from typing import Any, TypeVar

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import Connection

from pipelines.home_lock import home_locked
from pipelines.timetable import NIGHT, Job, Timetable
from rpps_sync import clock
from rpps_sync.directory import jobs, ledger, migrations
from rpps_sync.directory.engine import is_there, open_engine, reading, writing
from rpps_sync.directory.jobs import JobOutcome
from rpps_sync.errors import EXIT_OK, EXIT_STALE, EXIT_TRY_LATER, RppsSyncError
from rpps_sync.settings import Settings

LOCK = "schedule.lock"
LOOK_SECONDS = 30.0  # a machine that slept has a clock that jumped: the scheduler looks at it again this often
STOP_SECONDS = 12.0  # a command leaves within ten
_OUTCOMES = {EXIT_OK: JobOutcome.DONE, EXIT_STALE: JobOutcome.DONE, EXIT_TRY_LATER: JobOutcome.LATER}

_log = structlog.get_logger()
_T = TypeVar("_T")


def serve(settings: Settings, timetable: Timetable, program: Sequence[str]) -> str:
    """Do every job at its hour until told to stop.

    Args:
        settings: where the ledgers are.
        timetable: what to do, and when.
        program: what starts rpps-sync, global options included.

    Returns:
        The name of the signal that ended it; jobs under way have ended too.

    Raises:
        LockHeld: another scheduler is at work in this home folder.
        DirectoryError: the database cannot be used.
    """
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # missed and refused starts are told by ``hear``
    with home_locked(settings.home, LOCK):
        _prepare(settings)
        resident = Resident(settings, timetable, program)
        scheduler = scheduler_of(timetable, resident.work)
        scheduler.add_listener(resident.hear, EVENT_JOB_MISSED | EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)
        with _signals() as deaf:
            try:
                scheduler.start()
                for job in resident.missed():
                    scheduler.modify_job(job.id, next_run_time=datetime.now(UTC))
                while True:
                    time.sleep(LOOK_SECONDS)
                    scheduler.wakeup()
            except _Stopped as told:
                deaf()
                return str(told)
            finally:
                resident.stop()
                if scheduler.running:
                    scheduler.shutdown()


def scheduler_of(timetable: Timetable, work: Callable[[Job], None]) -> BackgroundScheduler:
    """The scheduler with all its jobs, not started.

    The grace is set on each job: APScheduler 3.11 ignores ``misfire_grace_time`` given to the scheduler itself,
    and by default forgets a job that is one second late.
    """
    pool = ThreadPoolExecutor(len(timetable.jobs))
    scheduler = BackgroundScheduler(timezone=timetable.zone, executors={"default": pool})
    for job in timetable.jobs:
        scheduler.add_job(
            work,
            trigger_of(job, timetable),
            args=[job],
            id=job.id,
            name=job.id,
            replace_existing=True,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=int(timetable.grace.total_seconds()),
        )
    return scheduler


def trigger_of(job: Job, timetable: Timetable) -> CronTrigger:
    """When a job starts: an hour of the timetable's zone, or minutes on UTC, which no change of clocks doubles."""
    if job.at is None:
        return CronTrigger(minute=f"*/{job.every_minutes}" if job.every_minutes < 60 else "0", timezone=UTC)
    on = {"day" if job.on.isdigit() else "day_of_week": job.on} if job.on else {}
    return CronTrigger(hour=job.at.hour, minute=job.at.minute, timezone=timetable.zone, **on)


class Resident:
    """Starts a command for each job, and writes down what became of it."""

    def __init__(self, settings: Settings, timetable: Timetable, program: Sequence[str]) -> None:
        self._settings = settings
        self._timetable = timetable
        self._program = tuple(program)
        self._children: set[subprocess.Popen[str]] = set()
        self._stopping = False
        self._lock = threading.Lock()

    def work(self, job: Job) -> None:
        """Do a job in a process of its own, to its end."""
        with self._lock:
            if self._stopping:
                return
            child = self._start(job)
        begun = self._write(lambda connection: jobs.begin(connection, job.id, clock.now()))
        said, _ = child.communicate()
        self._children.discard(child)
        outcome = self._outcome(child.returncode)
        message = _message(said, child.returncode) if outcome is not JobOutcome.DONE else ""
        tell = _log.warning if outcome is JobOutcome.FAILED else _log.info
        tell("job over", job=job.id, outcome=str(outcome), exit_code=child.returncode, message=message)
        if begun is not None:
            self._write(
                lambda connection: jobs.finish(
                    connection, begun, outcome, clock.now(), exit_code=child.returncode, message=message
                )
            )

    def _start(self, job: Job) -> subprocess.Popen[str]:
        # What it logs goes where our own log goes; what it answers to a machine tells why it failed.
        child = subprocess.Popen(  # noqa: S603 - our own command
            [*self._program, *job.command, "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        self._children.add(child)
        return child

    def _outcome(self, code: int) -> JobOutcome:
        if self._stopping and code not in _OUTCOMES:
            return JobOutcome.STOPPED
        return _OUTCOMES.get(code, JobOutcome.FAILED)

    def hear(self, event: Any) -> None:
        """Write down a job that did not start at its hour, or that we failed to start."""
        if event.code == EVENT_JOB_MAX_INSTANCES:
            _log.info("job still at work at its next hour", job=event.job_id)
            return
        missed = event.code == EVENT_JOB_MISSED
        outcome = JobOutcome.MISSED if missed else JobOutcome.FAILED
        why = f"due at {event.scheduled_run_time}" if missed else repr(event.exception)
        _log.warning("job missed" if missed else "job failed", job=event.job_id, why=why)
        self._write(lambda connection: jobs.note(connection, event.job_id, outcome, clock.now(), why))

    def missed(self) -> list[Job]:
        """The jobs whose last hour passed while nothing was there to start them, noted in the ledger."""
        engine, now = open_engine(self._settings.database), clock.now()
        try:
            with writing(engine) as connection:
                found = [
                    (job, due) for job in self._timetable.jobs if (due := self._overdue(connection, job, now))
                ]
                for job, due in found:
                    why = f"due at {clock.iso(due)}; made up for at the start of the scheduler"
                    jobs.note(connection, job.id, JobOutcome.MISSED, now, why)
        finally:
            engine.dispose()
        return [job for job, _ in found]

    def _overdue(self, connection: Connection, job: Job, now: datetime) -> datetime | None:
        due = job.due_before(now, self._timetable.zone) if job.catch_up else None
        if due is None:
            return None
        done = [jobs.last_well(connection, job.id)]
        if job.id == NIGHT:  # whoever ran it
            done.append(ledger.last_success(connection))
        return due if all(at is None or at < due for at in done) else None

    def stop(self) -> None:
        """Tell the jobs under way to stop, and wait until they have."""
        with self._lock:
            self._stopping = True
            children = list(self._children)
        for child in children:
            child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in children:
            with suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, deadline - time.monotonic()))
            if child.poll() is None:
                child.kill()

    def _write(self, entry: Callable[[Connection], _T]) -> _T | None:
        """One entry in the ledger; a ledger that cannot be written stops no job."""
        engine = open_engine(self._settings.database)
        try:
            with writing(engine) as connection:
                return entry(connection)
        except RppsSyncError as error:
            _log.warning("the ledger of jobs cannot be written", what=error.what)
            return None
        finally:
            engine.dispose()


def _prepare(settings: Settings) -> None:
    """The schema, and no job left over from a scheduler that was killed."""
    engine = open_engine(settings.database)
    try:
        if migrations.current(engine) == "":
            with home_locked(settings.home):
                migrations.upgrade(engine)
        migrations.ensure_current(engine)
        with writing(engine) as connection:
            jobs.close_dead(connection, clock.now())
    finally:
        engine.dispose()


def standing(settings: Settings, timetable: Timetable) -> list[dict[str, Any]]:
    """Each job with its next time and what became of the last one, for people and machines."""
    known = _known(settings)
    return [
        {
            "job": job.id,
            "title": job.titles[settings.language],
            "command": " ".join(("rpps-sync", *job.command)),
            "next": clock.iso(trigger_of(job, timetable).get_next_fire_time(None, clock.now())),
            "last": known.get(job.id),
        }
        for job in timetable.jobs
    ]


def _known(settings: Settings) -> dict[str, dict[str, Any]]:
    """The last time of each job; nothing on a machine where nothing ran yet."""
    if not is_there(settings.database):
        return {}
    engine = open_engine(settings.database)
    try:
        if not migrations.current(engine):
            return {}
        migrations.ensure_current(engine)
        with reading(engine) as connection:
            return jobs.last(connection)
    finally:
        engine.dispose()


class _Stopped(BaseException):
    """A signal told the scheduler to stop: raised where it sleeps."""


@contextmanager
def _signals() -> Iterator[Callable[[], None]]:
    """Both ways of stopping end the sleep; what is handed out makes later ones change nothing."""

    def stop(number: int, _frame: FrameType | None) -> None:
        raise _Stopped(signal.Signals(number).name)

    def deaf() -> None:
        for number in former:
            signal.signal(number, signal.SIG_IGN)

    former = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield deaf
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _message(said: str, code: int) -> str:
    """Why a command failed, in the words of its answer to machines; of one that was killed, by what."""
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    try:
        answer = json.loads(said)
    except ValueError:
        return ""
    if not isinstance(answer, dict):
        return ""
    error = answer.get("error")
    told = error.get("what") if isinstance(error, dict) else answer.get("message") or answer.get("damages")
    return str(told or "")
