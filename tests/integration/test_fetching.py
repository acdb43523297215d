"""Fetching by hand: the archive has the day, the directory does not yet."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from pipelines.fetching import fetch
from pipelines.home_lock import home_locked
from pipelines.nightly import run_night
from rpps_sync import cli
from rpps_sync.errors import ExtractRefused, LockHeld
from rpps_sync.publisher.archive import Archive
from rpps_sync.publisher.online import OnlineSource
from rpps_sync.publisher.retries import AT_ONCE
from rpps_sync.run_summary import Outcome
from rpps_sync.settings import Settings, load
from rpps_sync.simulator.publish import publish
from rpps_sync.simulator.server import PublisherServer


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two simulated days."""
    folder = tmp_path_factory.mktemp("days")
    publish(folder, practitioners=300, days=2, seed=5, first_day=date(2026, 11, 19))
    return folder


@pytest.fixture
def server(days: Path) -> Iterator[PublisherServer]:
    """A publisher of the first day."""
    with PublisherServer(days) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation whose database server is away."""
    monkeypatch.setenv("RPPS_SYNC_NOW", "2026-11-20T20:00:00Z")
    return load(home=tmp_path / "home", database_url="postgresql+psycopg://nobody@127.0.0.1:9/away")


def source(server: PublisherServer) -> OnlineSource:
    """What a night would ask."""
    return OnlineSource(server.catalog_url, policy=AT_ONCE)


def test_what_was_fetched_while_the_database_was_away_is_published_by_the_next_run(
    server: PublisherServer, home: Settings
) -> None:
    """Fetching needs no database; the run that follows downloads nothing again and publishes it."""
    fetched = fetch(home, source(server))
    assert fetched is not None
    assert fetch(home, source(server)) is None
    server.requests.clear()
    back = load(home=home.home)
    summary = run_night(back, source(server))
    assert summary.outcome is Outcome.PUBLISHED
    assert summary.publication is not None
    assert summary.publication.id == fetched.id
    assert not [path for _, path, code in server.requests if code == 200 and path.endswith(".txt")]


def test_fetching_leaves_nothing_of_a_damaged_download(server: PublisherServer, home: Settings) -> None:
    """A file cut short is refused, and the archive holds yesterday alone, without a draft."""
    yesterday = fetch(home, source(server))
    server.day, server.fault = 2, "truncated"
    with pytest.raises(ExtractRefused):
        fetch(home, source(server))
    assert Archive(home.archive).newest() == yesterday
    assert [item for item in home.archive.iterdir() if item.name.startswith(".")] == []


def test_fetching_beside_a_run_says_to_try_later(server: PublisherServer, home: Settings) -> None:
    """Two receptions at once would spoil each other's drafts."""
    with home_locked(home.home), ThreadPoolExecutor(1) as other, pytest.raises(LockHeld):
        other.submit(fetch, home, source(server)).result()


def test_the_command_tells_what_came(
    days: Path, home: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``fetch --from DIR --json`` names the publication and its files; asked again, nothing new came."""
    monkeypatch.setenv("RPPS_SYNC_HOME", str(home.home))
    told = []
    for _ in range(2):
        monkeypatch.setattr("sys.argv", ["rpps-sync", "fetch", "--from", str(days / "day-1"), "--json"])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 0
        told.append(json.loads(capsys.readouterr().out))
    assert told[0]["outcome"] == "fetched"
    assert {file["kind"] for file in told[0]["publication"]["files"]} == set(map(str, home.extracts))
    assert told[1] == {"outcome": "unchanged", "publication": None}
