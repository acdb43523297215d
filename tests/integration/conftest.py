from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from extract_builder import Line, write
from pipelines.nightly import run_night
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.run_summary import RunSummary
from rpps_sync.settings import Settings, load

RunDay = Callable[[int, Mapping[ExtractKind, Sequence[Line]]], RunSummary]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an installation that never ran."""
    return load(home=tmp_path / "home")


@pytest.fixture
def run_day(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunDay:
    """Run the night of the n-th of November 2026 on these extracts."""

    def run(day: int, lines: Mapping[ExtractKind, Sequence[Line]]) -> RunSummary:
        monkeypatch.setenv("RPPS_SYNC_NOW", f"2026-11-{day:02}T06:00:00Z")
        folder = write(tmp_path / f"day-{day}", f"202611{day:02}0515", lines)
        return run_night(settings, FolderSource(folder))

    return run
