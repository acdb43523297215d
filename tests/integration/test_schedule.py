"""The resident scheduler and the unattended night, as processes."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from databases import writing
from extract_builder import world, write
from rpps_sync.directory import jobs
from rpps_sync.directory.jobs import JobOutcome

TIMETABLE = """
timezone = "Europe/Paris"
misfire_grace_hours = 6
[deposit]
until = "12:00"
look_every_minutes = 10
lock_minutes = 1
"""
JOB = """
[[job]]
id = "{id}"
command = {command}
at = "04:15"
catch_up = true
title = {{ fr = "{id}", en = "{id}" }}
"""
SECONDS = 60.0


class Installation:
    """A home with a timetable of its own, and a publisher that nobody answers for."""

    def __init__(self, folder: Path, **commands: list[str]) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        listed = "".join(JOB.format(id=name, command=json.dumps(command)) for name, command in commands.items())
        (folder / "schedule.toml").write_text(TIMETABLE + listed)
        self.environment = {
            **os.environ,
            "RPPS_SYNC_HOME": str(self.home),
            "RPPS_SYNC_SCHEDULE_FILE": str(folder / "schedule.toml"),
            "RPPS_SYNC_CATALOG_URL": "http://127.0.0.1:9/api/1",
            "RPPS_SYNC_NOW": "2026-11-20T03:30:00Z",
        }
        self.log = folder / "log"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command, to its end."""
        command = [sys.executable, "-m", "rpps_sync", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    @contextmanager
    def scheduler(self) -> Iterator[subprocess.Popen[str]]:
        """The resident scheduler, gone at the end."""
        command = [sys.executable, "-m", "rpps_sync", "schedule"]
        with (
            self.log.open("w") as log,
            subprocess.Popen(command, env=self.environment, stderr=log, text=True) as it,
        ):
            try:
                yield it
            finally:
                it.kill()

    def wait_for(self, job: str, *outcomes: str) -> dict[str, object]:
        """What the ledger says of a job, once it is one of these."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            last = {row["job"]: row["last"] for row in json.loads(self.run("schedule", "--json").stdout)}[job]
            if last and last["outcome"] in outcomes:
                return dict(last)
            time.sleep(0.2)
        raise AssertionError(self.log.read_text())


def test_what_was_missed_is_made_up_for_and_a_failure_is_in_the_ledger(tmp_path: Path) -> None:
    """At its start the scheduler does what was due; a job that fails is told with its exit code and its words."""
    site = Installation(tmp_path, good=["runs"], bad=["lookup", "99900000003"])
    with site.scheduler() as scheduler:
        assert site.wait_for("good", "done")["exit_code"] == 0
        failed = site.wait_for("bad", "failed")
        assert failed["exit_code"] == 1
        assert failed["message"]
        other = site.run("schedule")
        assert (other.returncode, "schedule.lock" in other.stderr) == (75, True)
        scheduler.send_signal(signal.SIGTERM)
        assert scheduler.wait(SECONDS) == 143
    assert "Traceback" not in site.log.read_text()


def test_a_job_that_was_done_at_its_hour_is_not_done_again(tmp_path: Path) -> None:
    """Started again within the day, the scheduler finds in the ledger that nothing is overdue."""
    site = Installation(tmp_path, good=["runs"])
    assert site.run("db", "upgrade").returncode == 0
    url = f"sqlite:///{site.home / 'rpps-sync.sqlite'}"
    with writing(url) as connection:
        from rpps_sync.clock import parse_instant  # noqa: PLC0415 - only this test needs an instant

        at = parse_instant("2026-11-20T03:16:00Z")
        jobs.finish(connection, jobs.begin(connection, "good", at), JobOutcome.DONE, at, exit_code=0)
    with site.scheduler() as scheduler:
        time.sleep(3)
        scheduler.send_signal(signal.SIGINT)
        assert scheduler.wait(SECONDS) == 130
    assert json.loads(site.run("schedule", "--json").stdout)[0]["last"]["started_at"] == "2026-11-20T03:16:00Z"


def test_a_night_under_way_stops_with_the_scheduler_as_run_does(tmp_path: Path) -> None:
    """SIGTERM reaches the waiting night, which ends with 143; nothing is left behind."""
    site = Installation(tmp_path, night=["run", "--wait"])
    with site.scheduler() as scheduler:
        site.wait_for("night", "running")
        time.sleep(1)
        scheduler.send_signal(signal.SIGTERM)
        assert scheduler.wait(SECONDS) == 143
    last = site.wait_for("night", "stopped")
    assert last["exit_code"] in (143, -signal.SIGTERM)  # the signal may come before the night can hear it


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Extracts of a day."""
    return write(tmp_path / "day", "202611200515", world(60))


def test_cron_gets_no_mail_when_all_is_well(tmp_path: Path, folder: Path) -> None:
    """No terminal, no HOME, LANG=C, a bare PATH, umask 077: not a word on either stream, and private files."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "LANG": "C",
        "RPPS_SYNC_HOME": str(tmp_path / "home"),
        "RPPS_SYNC_NOW": "2026-11-20T06:00:00Z",
    }
    command = [sys.executable, "-m", "rpps_sync", "--quiet", "run", "--from", str(folder)]
    before = os.umask(0o077)
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    finally:
        os.umask(before)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    database = tmp_path / "home" / "rpps-sync.sqlite"
    assert stat.S_IMODE(database.stat().st_mode) == 0o600


def test_closed_streams_stop_no_night(tmp_path: Path, folder: Path) -> None:
    """With all three standard streams closed the night is done, and nothing it prints lands in a file of ours."""
    environment = {**os.environ, "RPPS_SYNC_HOME": str(tmp_path / "home"), "RPPS_SYNC_NOW": "2026-11-20T06:00:00Z"}
    script = f'exec "{sys.executable}" -m rpps_sync run --from "{folder}" <&- >&- 2>&-'
    assert subprocess.run(["/bin/sh", "-c", script], env=environment, check=False).returncode == 0
    check = [sys.executable, "-m", "rpps_sync", "db", "check", "--json"]
    assert json.loads(subprocess.run(check, env=environment, capture_output=True, check=True).stdout)["sound"]


def test_a_failed_night_tells_cron_why_and_what_to_do(tmp_path: Path) -> None:
    """What is wrong goes to standard error, with the mend, also under --quiet."""
    site = Installation(tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    done = site.run("--quiet", "run", "--from", str(empty))
    assert done.returncode != 0
    assert done.stdout == ""
    assert "mend" in done.stderr
