"""Nights against the simulated publisher: what reaches the archive, whatever the publisher does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from rpps_sync.errors import ExtractRefused, PublisherUnreachable
from rpps_sync.limits import LIMITS
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.archive import Archive
from rpps_sync.publisher.days import Patience
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.publisher.online import OnlineSource
from rpps_sync.publisher.retries import AT_ONCE
from rpps_sync.simulator.publish import publish
from rpps_sync.simulator.server import PublisherServer

KINDS = (ExtractKind.PERSONNE_ACTIVITE, ExtractKind.DIPL_AUTEXERC, ExtractKind.SAVOIRFAIRE)


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two simulated days of a small directory."""
    folder = tmp_path_factory.mktemp("simulated")
    publish(folder, practitioners=400, first_day=date(2026, 11, 20), days=2, seed=7)
    return folder


@pytest.fixture
def server(days: Path) -> Iterator[PublisherServer]:
    """The simulated publisher, on its first day."""
    with PublisherServer(days) as running:
        yield running


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive that nothing was received into yet."""
    return Archive(tmp_path / "archive")


def _source(server: PublisherServer) -> OnlineSource:
    return OnlineSource(server.catalog_url, policy=AT_ONCE)


def test_two_nights_and_a_night_with_nothing_new(server: PublisherServer, archive: Archive, days: Path) -> None:
    """Each day is archived once, byte for byte, and the third night transfers no file."""
    first = archive.receive(_source(server), KINDS)
    server.day = 2
    second = archive.receive(_source(server), KINDS)
    server.requests.clear()
    assert archive.receive(_source(server), KINDS) is None
    assert [item for item in server.requests if item[2] == 200] == [("GET", server.requests[0][1], 200)]
    assert archive.all() == (first, second)
    for number, publication in enumerate(archive.all(), start=1):
        for file in publication.files:
            with archive.open(publication, file.kind) as stream:
                assert stream.read() == (days / f"day-{number}" / f"ps-libreacces-{file.kind}.txt").read_bytes()


def test_the_same_day_from_a_folder_is_the_same_publication(
    server: PublisherServer, archive: Archive, days: Path, tmp_path: Path
) -> None:
    """A run and a run --from agree on the name, the date and the content."""
    online = archive.receive(_source(server), KINDS)
    on_disk = Archive(tmp_path / "other").receive(FolderSource(days / "day-1"), KINDS)
    assert online is not None
    assert on_disk is not None
    assert (online.id, online.published_at) == (on_disk.id, on_disk.published_at)
    assert archive.receive(FolderSource(days / "day-1"), KINDS) is None


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("truncated", "truncated"), ("wrong-length", "wrong-size"), ("html", "html-page"), ("empty", "empty")],
)
def test_what_a_publisher_spoils_is_refused_and_yesterday_stays(
    server: PublisherServer, archive: Archive, fault: str, reason: str
) -> None:
    """Exit code 3, and the archive holds what it held."""
    yesterday = archive.receive(_source(server), KINDS)
    server.day, server.fault = 2, fault
    with pytest.raises(ExtractRefused) as refusal:
        archive.receive(_source(server), KINDS)
    assert refusal.value.reason == reason
    assert archive.all() == (yesterday,)


@pytest.mark.parametrize("fault", ["reset", "429", "503"])
def test_a_publisher_that_stays_unreachable_is_for_later(
    server: PublisherServer, archive: Archive, fault: str
) -> None:
    """Exit code 75, and nothing is archived."""
    server.fault = fault
    with pytest.raises(PublisherUnreachable):
        archive.receive(_source(server), KINDS)
    assert archive.all() == ()


def test_a_reset_in_the_middle_costs_only_the_rest(server: PublisherServer, archive: Archive) -> None:
    """The transfer goes on with a part."""
    server.fault = "reset:1"
    assert archive.receive(_source(server), KINDS) is not None
    assert 206 in [code for _, _, code in server.requests]


def test_a_slow_publisher_is_left_at_the_deadline(server: PublisherServer, archive: Archive) -> None:
    """A few bytes at a time are not waited for beyond the deadline."""
    server.fault, server.slow_seconds = "slow", 0.05
    limits = type(LIMITS)(download_seconds=0.5)
    with pytest.raises(PublisherUnreachable) as error:
        archive.receive(OnlineSource(server.catalog_url, limits=limits, policy=AT_ONCE), KINDS)
    assert error.value.reason == "deadline"


def test_a_stale_catalogue_does_not_date_todays_files_from_yesterday(
    server: PublisherServer, archive: Archive
) -> None:
    """The dated address tells the day, and the night after brings nothing new."""
    archive.receive(_source(server), KINDS)
    server.day, server.fault = 2, "stale-catalogue"
    today = archive.receive(_source(server), KINDS)
    assert today is not None
    assert today.published_at.date() == date(2026, 11, 21)
    server.fault = None
    assert archive.receive(_source(server), KINDS) is None


class _Watch:
    """Sleeps by noting how long, and does something meanwhile."""

    def __init__(self, server: PublisherServer, heals_after: int = 99) -> None:
        self.slept: list[float] = []
        self._server = server
        self._heals_after = heals_after

    def sleep(self, seconds: float) -> None:
        """Note it; the late file arrives at the end of the wait it was told to arrive in."""
        self.slept.append(seconds)
        if len(self.slept) >= self._heals_after:
            self._server.fault = None


def test_two_days_mixed_are_waited_for_and_never_archived(server: PublisherServer, tmp_path: Path) -> None:
    """One file is still yesterday's: three looks, two waits, exit code 75 naming the files and their dates."""
    watch = _Watch(server)
    archive = Archive(tmp_path / "archive", patience=Patience(wait_seconds=7, sleep=watch.sleep))
    yesterday = archive.receive(_source(server), KINDS)
    server.day, server.fault = 2, "mixed-days"
    server.requests.clear()
    with pytest.raises(PublisherUnreachable, match=r"savoirfaire of 2026-11-20T.*nothing was archived") as error:
        archive.receive(_source(server), KINDS)
    assert (error.value.reason, error.value.exit_code) == ("mixed-days", 75)
    assert watch.slept == [7, 7]
    assert archive.all() == (yesterday,)
    assert {path for _, path, _ in server.requests if "/resources/" in path} == set()  # nothing was downloaded


def test_two_days_mixed_become_one_while_we_wait(server: PublisherServer, tmp_path: Path) -> None:
    """The late file arrives during the first wait, and the whole day is archived."""
    watch = _Watch(server, heals_after=1)
    archive = Archive(tmp_path / "archive", patience=Patience(wait_seconds=7, sleep=watch.sleep))
    archive.receive(_source(server), KINDS)
    server.day, server.fault = 2, "mixed-days"
    whole = archive.receive(_source(server), KINDS)
    assert whole is not None
    assert {file.published_at.date() for file in whole.files} == {date(2026, 11, 21)}
    assert watch.slept == [7]
