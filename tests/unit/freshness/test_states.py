from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from rpps_sync.freshness.objectives import Clock, objectives, reason_of, title_of
from rpps_sync.freshness.states import Clocks, assess, in_error
from rpps_sync.run_summary import FreshnessState

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def _state(objective: str, clocks: Clocks, language: str = "fr") -> FreshnessState:
    return next(state for state in assess(clocks, now=NOW, language=language) if state.objective == objective)


def _published(age: timedelta) -> FreshnessState:
    return _state("publication.age", Clocks(published_at=NOW - age))


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(0), "ok"),
        (timedelta(hours=36), "ok"),
        (timedelta(hours=36) + SECOND, "warn"),
        (timedelta(hours=72), "warn"),
        (timedelta(hours=72) + SECOND, "error"),
    ],
)
def test_a_publication_is_late_only_once_past_its_limit(age: timedelta, expected: str) -> None:
    """Exactly at a limit the milder state still holds: the comparison is strict."""
    assert _published(age).state == expected


@pytest.mark.parametrize(("hours", "expected"), [(26, "ok"), (26.1, "warn"), (50, "warn"), (50.1, "error")])
def test_a_job_that_stopped_running_is_noticed(hours: float, expected: str) -> None:
    """The last success warns past 26 hours and is an error past 50."""
    assert _state("run.last_success", Clocks(last_success=NOW - timedelta(hours=hours))).state == expected


def test_nothing_ever_seen_is_no_data_and_never_ok() -> None:
    """An empty installation has no data on every objective, and no error either."""
    states = assess(Clocks(), now=NOW, language="fr")
    assert {state.state for state in states} == {"no_data"}
    assert {state.observed for state in states} == {"aucune donnée"}
    assert not in_error(states)


def test_an_observation_of_today_has_no_age() -> None:
    """Only the day of an observation is kept: one of today counts as now."""
    assert _state("claims.intake", Clocks(last_observation=NOW.date())).observed == "0 min"


def test_silent_applications_warn_but_never_fail_a_command() -> None:
    """Applications may stop sending: that warns past 96 hours after the observed day, and stays a warning."""
    assert _state("claims.intake", Clocks(last_observation=date(2026, 11, 17))).state == "ok"
    assert _state("claims.intake", Clocks(last_observation=date(2026, 11, 16))).state == "warn"
    assert _state("claims.intake", Clocks(last_observation=date(2025, 1, 1))).state == "warn"


def test_a_publication_from_the_future_is_a_wrong_clock() -> None:
    """An instant ahead of now is told as such instead of passing for fresh; five minutes are forgiven."""
    state = _published(timedelta(hours=-5))
    assert state.state == "warn"
    assert state.observed == "daté de 5 h dans le futur : une horloge est fausse"
    assert _published(timedelta(minutes=-4)).state == "ok"


def test_the_state_says_its_limits_and_what_it_counts_from() -> None:
    """Limits are in hours as declared, and the instant is there for machines."""
    state = _published(timedelta(hours=98))
    assert state.observed == "4 j 2 h"
    assert state.limit == "alerte au-delà de 36 h, erreur au-delà de 72 h"
    assert state.since == NOW - timedelta(hours=98)


def test_states_are_told_in_english_too() -> None:
    """The language is the caller's choice, whatever the state."""
    state = _state("publication.age", Clocks(published_at=NOW - timedelta(hours=98)), "en")
    assert (state.observed, state.limit) == ("4 d 2 h", "warns past 36 h, error past 72 h")


def test_one_objective_in_error_is_enough() -> None:
    """The exit code speaks for the worst objective."""
    clocks = Clocks(published_at=NOW, last_success=NOW - timedelta(days=9))
    assert in_error(assess(clocks, now=NOW, language="fr"))


def test_every_objective_is_declared_in_both_languages_with_ordered_limits() -> None:
    """Declarations are complete: a title and a reason in French and English, and a warning before the error."""
    assert {objective.clock for objective in objectives()} == set(Clock)
    for objective in objectives():
        assert set(objective.titles) == set(objective.reasons) == {"fr", "en"}
        assert objective.error is None or objective.warn < objective.error


def test_an_objective_of_former_times_keeps_its_name() -> None:
    """Old runs may speak of objectives that are no longer declared: they are shown by their id."""
    assert title_of("publication.age", "en") == "Age of the publication being served"
    assert title_of("feed.cnom", "fr") == "feed.cnom"
    assert reason_of("feed.cnom", "fr") == ""
