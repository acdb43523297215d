from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from databases import DATABASES
from extract_builder import Line, write
from misbehaving_publisher import Publisher, misbehaving
from pipelines.nightly import run_night
from postgres_server import Server
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.run_summary import RunSummary
from rpps_sync.settings import Settings, load

RunDay = Callable[[int, Mapping[ExtractKind, Sequence[Line]]], RunSummary]


@pytest.fixture(params=DATABASES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of an installation that never ran: with its embedded database, then with one on a server."""
    if request.param == "sqlite":
        yield load(home=tmp_path / "home")
        return
    server: Server = request.getfixturevalue("postgres")
    url = server.empty()
    yield load(home=tmp_path / "home", database_url=url)
    server.drop(url)


@pytest.fixture
def run_day(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunDay:
    """Run the night of the n-th of November 2026 on these extracts."""

    def run(day: int, lines: Mapping[ExtractKind, Sequence[Line]]) -> RunSummary:
        monkeypatch.setenv("RPPS_SYNC_NOW", f"2026-11-{day:02}T06:00:00Z")
        folder = write(tmp_path / f"day-{day}", f"202611{day:02}0515", lines)
        return run_night(settings, FolderSource(folder))

    return run


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """A publisher that misbehaves on demand, one for each test."""
    with misbehaving() as running:
        yield running
