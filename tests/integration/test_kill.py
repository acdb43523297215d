"""Pulling the plug: whatever the moment, readers have the former publication or the new one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from extract_builder import hospital, national_id, person, world, write
from rpps_sync.directory import ledger, upkeep
from rpps_sync.directory.documents import load
from rpps_sync.directory.engine import open_engine, reading
from rpps_sync.publication import ExtractKind

PA = ExtractKind.PERSONNE_ACTIVITE
PEOPLE = 3000
OLD, NEW = ("1", "HOPITAL INVENTE 1", []), ("2", "HOPITAL INVENTE 2", [])
MOMENTS = 6  # at which the second night is killed, spread over its length


@dataclass(frozen=True)
class Site:
    """A home folder and its database."""

    home: Path
    url: str

    def start(self, folder: Path, day: int) -> subprocess.Popen[bytes]:
        """Start the night of the n-th of November 2026 in its own process."""
        environment = {
            **os.environ,
            "RPPS_SYNC_HOME": str(self.home),
            "RPPS_SYNC_DATABASE_URL": self.url,
            "RPPS_SYNC_NOW": f"2026-11-{day:02}T06:00:00Z",
        }
        command = [sys.executable, "-m", "rpps_sync", "--quiet", "run", "--from", str(folder)]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def state(self) -> tuple[str, str, list[str]]:
        """What readers see: the publication, the structure of somebody who moves, and what is damaged."""
        engine = open_engine(self.url)
        with reading(engine) as connection:
            served = ledger.served(connection)
            mover = load(connection, [national_id(1)])[national_id(1)]
        damages = upkeep.damages(engine)
        engine.dispose()
        assert served is not None
        return str(served.seq), mover.exercises[0].activities[0].structure.name, damages


def end(process: subprocess.Popen[bytes]) -> int:
    """Wait for a night's exit code."""
    process.communicate()
    return process.returncode


@pytest.fixture
def new_site(new_database: Callable[[], str], tmp_path: Path) -> Callable[[str], Site]:
    """Makes installations, by name: on each database in turn."""
    return lambda name: Site(tmp_path / name, new_database())


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The extracts of two days; on the second, everybody has moved to another hospital."""
    root = tmp_path_factory.mktemp("nights")
    first = world(PEOPLE)
    second = {**first, PA: [person(number, **hospital(number % 10 + 1)) for number in range(PEOPLE)]}
    return write(root / "18", "202611180515", first), write(root / "19", "202611190515", second)


def test_a_night_killed_at_any_moment_leaves_the_old_or_the_new(
    nights: tuple[Path, Path], new_site: Callable[[str], Site]
) -> None:
    """Killed with SIGKILL again and again, then left alone, the night ends without anybody's help."""
    site = new_site("home")
    assert end(site.start(nights[0], 18)) == 0
    length = _length_of_a_night(nights, new_site("sibling"))
    for moment in range(1, MOMENTS + 1):
        process = site.start(nights[1], 19)
        time.sleep(length * moment / MOMENTS)
        process.send_signal(signal.SIGKILL)
        end(process)
        assert site.state() in (OLD, NEW)
    assert end(site.start(nights[1], 19)) == 0
    assert site.state() == NEW


def _length_of_a_night(nights: tuple[Path, Path], site: Site) -> float:
    assert end(site.start(nights[0], 18)) == 0
    started = time.perf_counter()
    assert end(site.start(nights[1], 19)) == 0
    return time.perf_counter() - started


def test_a_terminated_night_says_so_and_leaves_the_former_publication(
    nights: tuple[Path, Path], new_site: Callable[[str], Site]
) -> None:
    """SIGTERM ends a run with 143, rolls back what was being written and leaves no traceback."""
    site = new_site("home")
    assert end(site.start(nights[0], 18)) == 0
    process = site.start(nights[1], 19)
    time.sleep(1.0)
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate()
    assert process.returncode == 143
    assert b"Traceback" not in told
    assert site.state() == OLD


def test_of_several_runs_at_once_one_works(nights: tuple[Path, Path], new_site: Callable[[str], Site]) -> None:
    """Started together, one run does the night and the others end with 75: try again later."""
    site = new_site("home")
    assert end(site.start(nights[0], 18)) == 0
    processes = [site.start(nights[1], 19) for _ in range(4)]
    codes = sorted(end(process) for process in processes)
    assert codes[0] == 0
    assert set(codes[1:]) <= {0, 75}
    assert site.state() == NEW
