from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from databases import reading
from pipelines.nightly import run_night
from rpps_sync.directory import history, labels
from rpps_sync.directory.tables import PRACTITIONERS
from rpps_sync.practitioner import Practitioner
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.run_summary import Outcome
from rpps_sync.settings import Settings, load
from rpps_sync.simulator.publish import publish

DAYS = 4


def night(settings: Settings, folder: Path, day: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the night of one simulated day."""
    monkeypatch.setenv("RPPS_SYNC_NOW", f"2026-11-{17 + day:02}T20:00:00Z")
    assert run_night(settings, FolderSource(folder)).outcome is Outcome.PUBLISHED


def everybody(settings: Settings) -> list[str]:
    """The national identifiers of the publication being served."""
    with reading(settings.database) as connection:
        return list(connection.execute(select(PRACTITIONERS.c.national_id)).scalars())


def documents(settings: Settings, names: list[str], seq: int) -> dict[str, Practitioner | None]:
    """What one publication said of some people."""
    with reading(settings.database) as connection:
        return {name: history.document_at(connection, name, seq) for name in names}


def words(settings: Settings, seq: int) -> dict[tuple[str, str], str]:
    """The labels in force as of one publication."""
    with reading(settings.database) as connection:
        return dict(labels.load(connection, seq).by_code)


def test_every_past_night_equals_a_fresh_load_of_its_files(
    tmp_path: Path, new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some nights of arrivals, departures and drifts, as-of answers are those of each day's files alone."""
    publish(
        tmp_path / "world", practitioners=800, first_day=date(2026, 11, 18), days=DAYS, seed=5, change_rate=0.05
    )
    lived = load(home=tmp_path / "lived", database_url=new_database())
    for day in range(1, DAYS + 1):
        night(lived, tmp_path / "world" / f"day-{day}", day, monkeypatch)
    for day in range(1, DAYS + 1):
        fresh = load(home=tmp_path / f"fresh-{day}", database_url=new_database())
        night(fresh, tmp_path / "world" / f"day-{day}", day, monkeypatch)
        names = everybody(fresh)
        assert len(names) > 700
        assert documents(lived, names, day) == documents(fresh, names, 1)
        strangers = set(everybody(lived)) - set(names)
        assert not any(documents(lived, sorted(strangers), day).values())
        known = words(lived, day)
        assert {key: known.get(key) for key in words(fresh, 1)} == words(fresh, 1)
