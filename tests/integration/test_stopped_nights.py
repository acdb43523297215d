"""Stopped in each of its steps, a night leaves the former publication or the new one, and the next goes on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from databases import DATABASES
from stopped_nights import PHASES, Site
from warm_nights import Night, Nights, warm

STOP_SECONDS = 10.0


@pytest.fixture(scope="module")
def nights() -> Iterator[Nights]:
    """What starts nights at once."""
    with warm() as started:
        yield started


@pytest.fixture(scope="module", params=DATABASES)
def eve(request: pytest.FixtureRequest, nights: Nights, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """An installation on the eve of its third night, on each database in turn."""
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    site = Site(tmp_path_factory.mktemp("eve"), nights, server, people=150)
    site.prepare()
    return site


@pytest.fixture
def site(eve: Site) -> Site:
    """That installation, put back as it was."""
    eve.restore()
    return eve


@pytest.mark.parametrize("phase", PHASES)
def test_a_night_killed_in_this_step_leaves_one_publication_whole(site: Site, phase: str) -> None:
    """SIGKILL halfway through the step: sound, the old or the new, nothing to clear up by hand."""
    assert _reached(site, phase).stop(signal.SIGKILL) in (-signal.SIGKILL, 0)
    site.assert_whole()
    site.assert_goes_on()


@pytest.mark.parametrize("phase", PHASES)
def test_a_night_told_to_stop_in_this_step_says_so_in_time(site: Site, phase: str) -> None:
    """SIGTERM ends with 143 and Ctrl-C with 130, within ten seconds and without a traceback; nothing is halved."""
    how, code = ((signal.SIGTERM, 143), (signal.SIGINT, 130))[PHASES.index(phase) % 2]
    night = _reached(site, phase)
    told = time.monotonic()
    assert night.stop(how) in (code, 0)
    assert time.monotonic() - told < STOP_SECONDS
    assert "Traceback" not in (site.folder / "log").read_text()
    site.assert_whole()
    assert set(site.left_over()) <= {"work"}  # should the signal come while it is being removed


def test_of_ten_runs_one_works_and_nine_try_later(site: Site) -> None:
    """While one is at work, eight others and an 'accept' end with 75; killing it frees the lock at once."""
    holder = _reached(site, "examine")
    os.kill(holder.pid, signal.SIGSTOP)  # still at work, however long the others take to start
    accept = ["accept", "2026-11-20-0", "--because", "test"]
    others = [_alongside(site, command) for command in [site.command()] * 8 + [accept]]
    told = [other.communicate()[1] for other in others]
    assert [other.returncode for other in others] == [75] * 9
    assert all("another run holds" in words for words in told)
    assert holder.stop(signal.SIGKILL) == -signal.SIGKILL
    assert site.assert_whole() == "old"
    site.assert_goes_on()


def _alongside(site: Site, arguments: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "rpps_sync", *arguments],
        env={**os.environ, **site.environment()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def _reached(site: Site, phase: str) -> Night:
    """A night that is, as nearly as the rehearsal can tell, halfway through a step."""
    night = site.start()
    assert night.wait_for(phase)
    start, end = site.steps[phase]
    time.sleep((end - start) / 2)
    return night
