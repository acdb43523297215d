"""Waiting for the deposit of the day, against a publisher on loopback."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.awaiting import Awaited, await_deposit, offers_newer
from pipelines.timetable import load_timetable
from rpps_sync import clock
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.archive import Archive
from rpps_sync.publisher.online import OnlineSource
from rpps_sync.publisher.retries import RetryPolicy
from rpps_sync.simulator.publish import publish
from rpps_sync.simulator.server import PublisherServer
from simulated_days import FIRST_DAY

WINDOW = load_timetable().deposit
KINDS = tuple(ExtractKind)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days of a few invented people."""
    folder = tmp_path_factory.mktemp("world")
    publish(folder, practitioners=100, first_day=FIRST_DAY, days=2, seed=1)
    return folder


@pytest.fixture
def publisher(world: Path) -> Iterator[PublisherServer]:
    """What serves the first of them."""
    with PublisherServer(world) as server:
        yield server


class Morning:
    """A clock that goes on as one sleeps, and what happens meanwhile."""

    def __init__(self, publisher: PublisherServer, comes_after: float) -> None:
        self.slept = 0.0
        self._publisher, self._comes_after = publisher, comes_after

    def sleep(self, seconds: float) -> None:
        """Time passes; the deposit comes when its moment has."""
        self.slept += seconds
        if self.slept >= self._comes_after:
            self._publisher.day = 2


def waited(publisher: PublisherServer, comes_after: float, hour: int = 3) -> tuple[Awaited, float]:
    """How waiting from an hour of the second day ends, and after how many seconds."""
    source = OnlineSource(publisher.catalog_url, policy=RetryPolicy(attempts=1))
    morning = Morning(publisher, comes_after)
    start = datetime.combine(FIRST_DAY + timedelta(days=1), datetime.min.time(), UTC) + timedelta(hours=hour)
    with clock.pinned(start):
        ended = await_deposit(source, KINDS, WINDOW, sleep=morning.sleep, monotonic=lambda: morning.slept)
    return ended, morning.slept


def test_the_night_starts_soon_after_a_deposit_that_came_late(publisher: PublisherServer) -> None:
    """A deposit two hours after the usual one delays the night by two hours and one look at most."""
    ended, seconds = waited(publisher, 7200)
    assert ended is Awaited.CAME
    assert 7200 <= seconds <= 7200 + WINDOW.look_every.total_seconds()


def test_a_day_without_deposit_is_given_up_at_noon(publisher: PublisherServer) -> None:
    """The night then goes on without, and tells how old what is served has become."""
    assert waited(publisher, 1e9) == (Awaited.GAVE_UP, 9 * 3600)


def test_a_night_made_up_for_in_the_evening_does_not_wait(publisher: PublisherServer) -> None:
    """After the window there is nothing to wait for."""
    assert waited(publisher, 1e9, hour=22) == (Awaited.GAVE_UP, 0)


def test_a_publisher_that_does_not_answer_is_looked_at_again() -> None:
    """Nobody listens there: nothing is raised, and the window ends as on a day without deposit."""
    slept: list[float] = []
    source = OnlineSource("http://127.0.0.1:9/api/1", policy=RetryPolicy(attempts=1))
    with clock.pinned(datetime(2026, 11, 20, 11, 30, tzinfo=UTC)):
        ended = await_deposit(source, KINDS, WINDOW, sleep=slept.append, monotonic=lambda: sum(slept))
    assert (ended, sum(slept)) == (Awaited.GAVE_UP, 1800)


def test_only_a_later_day_is_new(publisher: PublisherServer, tmp_path: Path) -> None:
    """An empty archive wants everything; the day it holds is nothing new; the next one is."""
    source, archive = OnlineSource(publisher.catalog_url), Archive(tmp_path)
    assert offers_newer(source, KINDS, archive.newest())
    with clock.pinned(datetime.combine(FIRST_DAY, datetime.min.time(), UTC) + timedelta(hours=20)):
        archive.receive(source, KINDS)
    assert not offers_newer(source, KINDS, archive.newest())
    publisher.day = 2
    assert offers_newer(source, KINDS, archive.newest())
