"""Several hosts on one database: one run, one writer, one migration at a time, and nothing half-done."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url

from databases import reading
from extract_builder import hospital, national_id, person, world, write
from pipelines.bars import Bar
from pipelines.night import STEPS
from pipelines.nightly import run_night
from postgres_server import Server
from rpps_sync.directory import engine as door
from rpps_sync.directory import ledger, locks, migrations, server
from rpps_sync.directory.documents import load as documents
from rpps_sync.directory.engine import open_engine, writing
from rpps_sync.errors import DirectoryError, LockHeld
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.run_summary import Outcome
from rpps_sync.settings import Settings, load

from .conftest import RunDay

PA = ExtractKind.PERSONNE_ACTIVITE
HOLD = """
import sys, time
from rpps_sync.directory import locks
from rpps_sync.directory.engine import open_engine
with locks.one_run(open_engine(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def url(postgres: Server) -> Iterator[str]:
    """A database on a server."""
    made = postgres.migrated()
    yield made
    postgres.drop(made)


@contextmanager
def held_elsewhere(url: str) -> Iterator[subprocess.Popen[str]]:
    """A process, as on another host, that has the lock of the run; it is killed at the end."""
    with subprocess.Popen([sys.executable, "-c", HOLD, url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


def cut_off(postgres: Server, url: str) -> None:
    """End every session on a database, as an administrator or a failing network would."""
    postgres.run(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = "
        f"'{make_url(url).database}' AND pid <> pg_backend_pid()"
    )


class Watcher:
    """Bars that do something once, at the first advance of a step (or at its start)."""

    def __init__(self, step: str, act: Callable[[], None], *, at_start: bool = False) -> None:
        self.description, self.act, self.at_start = STEPS[step], act, at_start
        self.acted = False

    @contextmanager
    def __call__(self, description: str, total: int | None = None) -> Iterator[Bar]:  # noqa: ARG002 - as Bars
        """A step begins."""
        self.now = description == self.description
        if self.at_start:
            self.advance(0)
        yield self

    def advance(self, amount: int, /) -> None:  # noqa: ARG002 - as Bar
        """A step goes on."""
        if self.now and not self.acted:
            self.acted = True
            self.act()


def hospital_of(url: str, number: int) -> str:
    """Where somebody works, and so which publication is read."""
    with reading(url) as connection:
        (document,) = documents(connection, [national_id(number)]).values()
    return document.exercises[0].activities[0].structure.name


def test_run_on_another_host_ends_at_once_with_75(url: str, tmp_path: Path) -> None:
    """Another home, the same database: the second run is told to try later, and has touched nothing."""
    folder = write(tmp_path / "18", "202611180515", world(50))
    with held_elsewhere(url), pytest.raises(LockHeld) as told:
        run_night(load(home=tmp_path / "home", database_url=url), FolderSource(folder))
    assert (told.value.exit_code, told.value.reason) == (75, "locked")
    with reading(url) as connection:
        assert ledger.runs(connection) == []


def test_lock_of_a_killed_run_is_free_at_once(url: str) -> None:
    """SIGKILL leaves nothing to clean up by hand."""
    with held_elsewhere(url):
        pass
    engine = open_engine(url)
    assert _free_within(engine, seconds=5)
    engine.dispose()


def _free_within(engine: Engine, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with locks.one_run(engine):
                return True
        except LockHeld:
            time.sleep(0.05)
    return False


def test_two_upgrades_at_once_leave_one_schema(settings: Settings) -> None:
    """One does the work, the other waits for it and finds it done; on both databases."""
    command = (sys.executable, "-c", UPGRADE, settings.database)
    settings.home.mkdir()
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    told = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, told
    with reading(settings.database) as connection:
        assert ledger.runs(connection) == []
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == [
            migrations.head()
        ]


UPGRADE = """
import sys
from rpps_sync.directory import migrations
from rpps_sync.directory.engine import open_engine
migrations.upgrade(open_engine(sys.argv[1]))
"""


def test_writer_that_waited_in_vain_is_told_to_try_later(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writers wait for one another on both databases; readers do not wait."""
    monkeypatch.setattr(server, "SESSION", server.SESSION.replace("'30s'", "'100ms'"))
    monkeypatch.setattr(door, "BUSY_SECONDS", 0.1)
    first, second = open_engine(database_url), open_engine(database_url)
    with writing(first):
        with door.reading(second) as connection:
            assert ledger.served(connection) is None
        with pytest.raises(DirectoryError) as told, writing(second):
            pass
    with writing(second):
        pass
    first.dispose()
    second.dispose()
    assert "another program has been writing" in told.value.mend


def test_connection_lost_while_publishing_leaves_the_former_publication(
    url: str, postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clear failure with exit code 1, the former publication served, and a next night that needs no help."""
    settings = load(home=tmp_path / "home", database_url=url)
    first = world(300)
    second = {**first, PA: [person(number, **hospital(number % 10 + 1)) for number in range(300)]}
    monkeypatch.setenv("RPPS_SYNC_NOW", "2026-11-18T06:00:00Z")
    run_night(settings, FolderSource(write(tmp_path / "18", "202611180515", first)))
    monkeypatch.setenv("RPPS_SYNC_NOW", "2026-11-19T06:00:00Z")
    source = FolderSource(write(tmp_path / "19", "202611190515", second))
    watcher = Watcher("publish", lambda: cut_off(postgres, url))
    lost = run_night(settings, source, bars=watcher)
    assert watcher.acted
    assert (lost.outcome, lost.exit_code) == (Outcome.FAILED, 1)
    assert "the database" in lost.message
    assert "run again" in lost.mend
    assert (lost.served[:10], hospital_of(url, 1)) == ("2026-11-18", "HOPITAL INVENTE 1")
    assert run_night(settings, source).outcome is Outcome.PUBLISHED
    assert hospital_of(url, 1) == "HOPITAL INVENTE 2"


@pytest.mark.parametrize("step", ["receive", "examine", "check", "freshness", "report"])
def test_connection_lost_between_two_transactions_is_made_again(
    url: str, postgres: Server, tmp_path: Path, step: str
) -> None:
    """A server that restarts while nothing is being written costs nothing."""
    settings = load(home=tmp_path / "home", database_url=url)
    folder = write(tmp_path / "18", "202611180515", world(50))
    watcher = Watcher(step, lambda: cut_off(postgres, url), at_start=True)
    assert run_night(settings, FolderSource(folder), bars=watcher).outcome is Outcome.PUBLISHED
    assert watcher.acted


def test_run_outrun_by_another_writes_nothing(
    run_day: RunDay,
    settings: Settings,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Should the lock be lost and another run publish meanwhile, what was counted before is dropped."""
    run_day(18, world(300))
    monkeypatch.setenv("RPPS_SYNC_NOW", "2026-11-20T06:00:00Z")
    folder = write(tmp_path / "19", "202611190515", world(299))
    elsewhere = load(home=tmp_path / "elsewhere", database_url=settings.database)

    def overtake() -> None:
        if settings.database.startswith("postgresql"):
            cut_off(request.getfixturevalue("postgres"), settings.database)
        assert run_night(elsewhere, FolderSource(folder)).outcome is Outcome.PUBLISHED

    late = write(tmp_path / "20", "202611200515", world(298))
    outrun = run_night(settings, FolderSource(late), bars=Watcher("check", overtake, at_start=True))
    assert (outrun.outcome, outrun.exit_code) == (Outcome.FAILED, 1)
    assert "another run published" in outrun.message
    assert outrun.served.startswith("2026-11-19")
    again = run_night(settings, FolderSource(late))
    assert (again.outcome, again.delta.practitioners.total) == (Outcome.PUBLISHED, 298)


def test_a_run_that_ended_leaves_the_way_free_at_once(url: str) -> None:
    """One run right after another never finds the lock of the one that has ended."""
    engine = open_engine(url)
    for _ in range(200):
        with locks.one_run(engine):
            pass
    engine.dispose()
