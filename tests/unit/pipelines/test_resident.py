"""What the resident scheduler writes down of the commands it starts."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from databases import reading, writing
from pipelines.scheduling import Resident
from pipelines.timetable import load_timetable
from rpps_sync import clock
from rpps_sync.alerts.symptoms import Cause, symptoms
from rpps_sync.directory import jobs
from rpps_sync.directory.jobs import JobOutcome
from rpps_sync.settings import Settings, load


@pytest.fixture
def settings(tmp_path: Path, embedded: Path) -> Settings:
    """A home with an empty database."""
    settings = load(home=tmp_path / "home")
    settings.home.mkdir()
    shutil.copy(embedded, settings.home / "rpps-sync.sqlite")
    return settings


def test_command_that_was_killed_is_a_failed_job_that_says_by_what(settings: Settings) -> None:
    """The out-of-memory killer leaves no word: the exit code is all there is, and is put into words."""
    timetable = load_timetable()
    job = next(job for job in timetable.jobs if job.id == "claims")
    killed = [sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"]
    Resident(settings, timetable, killed).work(job)
    with reading(settings.database) as connection:
        last = jobs.last(connection)["claims"]
    assert (last["outcome"], last["exit_code"], last["message"]) == ("failed", -9, "killed by SIGKILL")


@pytest.mark.parametrize("since", [JobOutcome.RUNNING, JobOutcome.STOPPED, JobOutcome.LATER, JobOutcome.MISSED])
def test_job_that_failed_and_is_at_work_again_has_still_failed(settings: Settings, since: JobOutcome) -> None:
    """Alerts are looked at in the same minute as the job starts again: its incident must not close for that."""
    now = clock.now()
    with writing(settings.database) as connection:
        jobs.finish(connection, jobs.begin(connection, "claims", now), JobOutcome.FAILED, now, exit_code=1)
        jobs.note(connection, "claims", since, now, "")
        assert Cause.CLAIMS in symptoms(None, (), jobs.last(connection, telling=True))
        jobs.finish(connection, jobs.begin(connection, "claims", now), JobOutcome.DONE, now, exit_code=0)
        assert symptoms(None, (), jobs.last(connection, telling=True)) == {}


@pytest.mark.parametrize(("job", "code", "told"), [
    ("backup", 1, True),  # a job of the operator's own
    ("night", 3, False),  # refused: its summary says why
    ("night", 2, True),  # a setting that cannot be read: there was no run
    ("publisher", -9, True),
])  # fmt: skip
def test_failed_job_is_told_unless_its_run_tells_more(job: str, code: int, told: bool) -> None:
    """A job that nobody foresaw is an incident too; a night tells of itself once it has begun."""
    last = {"outcome": "failed", "exit_code": code, "message": "", "started_at": "2026-11-20T04:15:00Z"}
    assert (Cause.RUN in symptoms(None, (), {job: last})) is told
