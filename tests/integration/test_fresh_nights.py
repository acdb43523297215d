from pathlib import Path

import pytest

from databases import reading
from extract_builder import person, world, write
from pipelines.freshness import states
from pipelines.nightly import run_night
from rpps_sync import clock
from rpps_sync.directory.feeds import Feed, counted
from rpps_sync.directory.objective_states import stays
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.run_summary import FreshnessState, Outcome, RunSummary
from rpps_sync.settings import Settings

from .conftest import RunDay

PA = ExtractKind.PERSONNE_ACTIVITE


def _state(summary: RunSummary, name: str) -> FreshnessState:
    return next(state for state in summary.freshness if state.objective == name)


def test_same_file_served_three_nights_under_new_dates_is_a_frozen_source(
    run_day: RunDay, settings: Settings
) -> None:
    """Names move every night and the bytes do not: no news, a warning, an error and exit code 4; then it thaws."""
    lines = world(300)
    nights = [run_day(day, lines) for day in (16, 17, 18, 19)]
    assert [night.outcome for night in nights[1:]] == [Outcome.UNCHANGED] * 3
    assert [_state(night, "content.change").state for night in nights] == ["ok", "ok", "warn", "error"]
    assert (nights[2].exit_code, nights[3].exit_code) == (0, 4)
    thawed = run_day(20, lines | {PA: [*lines[PA], person(900)]})
    assert (thawed.outcome, _state(thawed, "content.change").state) == (Outcome.PUBLISHED, "ok")
    with reading(settings.database) as connection:
        lasted = stays(connection, nights[0].started_at, thawed.started_at, "content.change")
    assert [stay.state for stay in lasted] == ["ok", "warn", "error", "ok"]


def test_a_file_of_last_week_is_refused_and_today_stays_served(
    run_day: RunDay, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rollback is never published: exit code 3, its reason, and the age of what is served goes on growing."""
    today = run_day(18, world(300))
    monkeypatch.setenv("RPPS_SYNC_NOW", "2026-11-20T06:00:00Z")
    night = run_night(settings, FolderSource(write(tmp_path / "older", "202611110515", world(290))))
    assert (night.outcome, night.exit_code, night.served) == (Outcome.REFUSED, 3, today.served)
    assert "older than" in night.message
    age = _state(night, "publication.age")
    assert (age.state, age.observed, age.link) == ("warn", "2 j 1 h", "publisher")
    assert _state(night, "run.last_success").state == "warn"


def test_a_night_counts_what_each_authority_changed(run_day: RunDay, settings: Settings) -> None:
    """Two nurses move in a night: their authority's feed has two changes, beside nothing of anybody else's."""
    lines = world(300)
    lines[PA] = [line | {"registration_authority": "CNOI/CNOI/CNOI"} for line in lines[PA]]
    run_day(18, lines)
    moved = [line | {"mode": "L", "mode_label": "Libéral"} for line in lines[PA][:2]]
    run_day(19, lines | {PA: [*moved, *lines[PA][2:]]})
    with reading(settings.database) as connection:
        (night,) = counted(connection, 10)
    assert night.changes == {Feed(""): 2, Feed("CNOI"): 2, Feed("CNOI", "60"): 2}


def test_asking_how_fresh_it_is_writes_nothing(run_day: RunDay, settings: Settings) -> None:
    """States told between two nights are not part of the history, however often somebody asks."""
    run_day(18, world(300))
    with reading(settings.database) as connection:
        before = stays(connection, clock.parse_instant("2026-11-01"), clock.now())
        assert any(state.state == "ok" for state in states(connection, clock.now(), "fr"))
        assert stays(connection, clock.parse_instant("2026-11-01"), clock.now()) == before
