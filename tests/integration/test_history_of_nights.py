from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from pipelines.nightly import run_night
from rpps_sync.directory import history, labels
from rpps_sync.directory.engine import open_engine, reading
from rpps_sync.directory.tables import PRACTITIONERS
from rpps_sync.practitioner import Practitioner
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.run_summary import Outcome
from rpps_sync.settings import Settings, load
from rpps_sync.simulator.publish import publish

DAYS = 4


def night(home: Path, folder: Path, day: int, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Run the night of one simulated day."""
    monkeypatch.setenv("RPPS_SYNC_NOW", f"2026-11-{17 + day:02}T20:00:00Z")
    settings = load(home=home)
    assert run_night(settings, FolderSource(folder)).outcome is Outcome.PUBLISHED
    return settings


def everybody(settings: Settings) -> list[str]:
    """The national identifiers of the publication being served."""
    engine = open_engine(settings.database)
    with reading(engine) as connection:
        names = list(connection.execute(select(PRACTITIONERS.c.national_id)).scalars())
    engine.dispose()
    return names


def documents(settings: Settings, names: list[str], seq: int) -> dict[str, Practitioner | None]:
    """What one publication said of some people."""
    engine = open_engine(settings.database)
    with reading(engine) as connection:
        found = {name: history.document_at(connection, name, seq) for name in names}
    engine.dispose()
    return found


def words(settings: Settings, seq: int) -> dict[tuple[str, str], str]:
    """The labels in force as of one publication."""
    engine = open_engine(settings.database)
    with reading(engine) as connection:
        found = dict(labels.load(connection, seq).by_code)
    engine.dispose()
    return found


def test_every_past_night_equals_a_fresh_load_of_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some nights of arrivals, departures and drifts, as-of answers are those of each day's files alone."""
    publish(
        tmp_path / "world", practitioners=800, first_day=date(2026, 11, 18), days=DAYS, seed=5, change_rate=0.05
    )
    for day in range(1, DAYS + 1):
        lived = night(tmp_path / "lived", tmp_path / "world" / f"day-{day}", day, monkeypatch)
    for day in range(1, DAYS + 1):
        fresh = night(tmp_path / f"fresh-{day}", tmp_path / "world" / f"day-{day}", day, monkeypatch)
        names = everybody(fresh)
        assert len(names) > 700
        assert documents(lived, names, day) == documents(fresh, names, 1)
        strangers = set(everybody(lived)) - set(names)
        assert not any(documents(lived, sorted(strangers), day).values())
        known = words(lived, day)
        assert {key: known.get(key) for key in words(fresh, 1)} == words(fresh, 1)
