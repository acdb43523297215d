from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from rpps_sync.freshness.evidence import Application, Content, Evidence, LastRun, Served, Standing
from rpps_sync.freshness.objectives import Objective, Severity, Watch, mend_of, objectives, reason_of, title_of
from rpps_sync.freshness.states import assess, in_error
from rpps_sync.run_summary import FreshnessState

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)  # a Friday, 07:00 in Paris
SECOND = timedelta(seconds=1)
NIGHTS = tuple(date(2026, 11, day) for day in (18, 19, 20))


def _state(name: str, evidence: Evidence, language: str = "fr", now: datetime = NOW) -> FreshnessState:
    return next(state for state in assess(evidence, now=now, language=language) if state.objective == name)


def _served(age: timedelta) -> Served:
    return Served(NOW - age, {"mssante": NOW - age})


def _published(age: timedelta) -> FreshnessState:
    return _state("publication.age", Evidence(served=_served(age)))


def _frozen(nights: int, dated: datetime | None = None) -> FreshnessState:
    seen = Content(datetime(2026, 11, 17, 4, tzinfo=UTC), NIGHTS[:nights], dated=dated)
    run = LastRun(NOW - timedelta(hours=1), "unchanged")
    return _state("content.change", Evidence(content=seen, last_run=run))


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
    """The last success warns past 26 hours and is an error past 50; nobody but us can mend it."""
    state = _state("run.last_success", Evidence(successes=(NOW - timedelta(hours=hours),)))
    assert (state.state, state.link) == (expected, "" if expected == "ok" else "us")


def test_nothing_ever_seen_is_no_data_and_never_ok() -> None:
    """An empty installation has no data on every objective, and no error either."""
    states = assess(Evidence(), now=NOW, language="fr")
    assert {state.state for state in states} == {"no_data"}
    assert {state.objective for state in states} == {objective.id for objective in objectives()}
    assert not in_error(states)


@pytest.mark.parametrize(("nights", "expected"), [(0, "ok"), (1, "ok"), (2, "warn"), (3, "error")])
def test_same_file_served_three_nights_is_a_frozen_source(nights: int, expected: str) -> None:
    """An identical file is no news: two nights of it are a warning, three an error."""
    assert _frozen(nights).state == expected


def test_a_date_that_moves_alone_is_the_publishers_freeze() -> None:
    """The same content under a new date is told as such: the ANS makes no new extract."""
    state = _frozen(3, dated=datetime(2026, 11, 20, 4, tzinfo=UTC))
    assert (state.state, state.link) == ("error", "publisher")
    assert state.observed == (
        "3 nuits sans rien de nouveau, depuis le 17 novembre 2026 ; "
        "la date avance (dernière : 20 novembre 2026), le contenu non"
    )


def test_data_gouv_behind_the_ans_is_a_diffusion_fault() -> None:
    """When the web service of the ANS has a newer day than data.gouv.fr, the diffusion is what broke."""
    standings = {
        "data-gouv": Standing("lagging", NOW - timedelta(days=3)),
        "ans": Standing("refused", NOW - timedelta(hours=3)),
    }
    run = LastRun(NOW - timedelta(hours=1), "unchanged")
    evidence = Evidence(served=_served(timedelta(days=3, hours=2)), last_run=run, channels=standings)
    assert _state("publication.age", evidence).link == "diffusion"
    assert _state("publication.channel:data-gouv", evidence).link == "diffusion"


@pytest.mark.parametrize(
    ("run", "standings", "link"),
    [
        (None, {}, "us"),  # no run ever ended
        (LastRun(NOW - timedelta(days=3), "published"), {}, "us"),  # nobody looked for three days
        (LastRun(NOW, "failed"), {}, "us"),  # a full disk, for instance
        (LastRun(NOW, "failed"), {"data-gouv": Standing("unreachable", None)}, "diffusion"),
        (LastRun(NOW, "failed"), dict.fromkeys(("data-gouv", "ans"), Standing("unreachable", None)), "us"),
        (LastRun(NOW, "failed"), {"data-gouv": Standing("refused", None)}, "diffusion"),
        (LastRun(NOW, "refused"), {}, "publisher"),  # what came was no good
        (LastRun(NOW, "unchanged"), {"data-gouv": Standing("standby", NOW - timedelta(days=4))}, "publisher"),
    ],
)
def test_an_old_publication_names_who_is_behind(
    run: LastRun | None, standings: dict[str, Standing], link: str
) -> None:
    """The broken link is told from what the last run saw."""
    evidence = Evidence(served=_served(timedelta(days=4)), last_run=run, channels=standings)
    assert _state("publication.age", evidence).link == link


def test_a_standby_channel_that_is_down_is_told_before_it_is_needed() -> None:
    """A channel out of reach warns although the other one serves; it never fails a command."""
    standings = {"data-gouv": Standing("served", NOW), "ans": Standing("unreachable", None)}
    evidence = Evidence(last_run=LastRun(NOW, "published"), channels=standings)
    assert _state("publication.channel:data-gouv", evidence).state == "ok"
    state = _state("publication.channel:ans", evidence)
    assert (state.state, state.observed) == ("warn", "injoignable")


def test_a_night_over_at_half_past_six_is_ready() -> None:
    """06:30 in Paris is 05:30 UTC in November; what ended before counts, whatever happens later."""
    ends = (datetime(2026, 11, 20, 5, 30, tzinfo=UTC), datetime(2026, 11, 20, 5, 45, tzinfo=UTC))
    state = _state("publication.ready", Evidence(successes=ends))
    assert (state.state, state.observed) == ("ok", "prêt le 20 novembre 2026 à 06:30")


def test_a_night_that_ended_at_seven_was_late() -> None:
    """A run that ended after the deadline warns until the next: departments opened on yesterday's directory."""
    ends = (datetime(2026, 11, 18, 4, tzinfo=UTC), datetime(2026, 11, 20, 5, 59, tzinfo=UTC))
    state = _state("publication.ready", Evidence(successes=ends))
    assert (state.state, state.observed) == ("warn", "prêt le 20 novembre 2026 à 06:59 seulement")


def test_a_night_that_never_ended_is_not_ready() -> None:
    """No run since before yesterday's deadline: an error, until one ends."""
    state = _state("publication.ready", Evidence(successes=(datetime(2026, 11, 19, 5, tzinfo=UTC),)))
    assert (state.state, state.link) == ("error", "us")


def test_before_half_past_six_yesterday_is_what_counts() -> None:
    """At five in the morning nobody is late yet."""
    early = datetime(2026, 11, 20, 4, tzinfo=UTC)
    ends = (datetime(2026, 11, 19, 5, tzinfo=UTC),)
    assert _state("publication.ready", Evidence(successes=ends), now=early).state == "ok"


def test_a_first_run_in_the_afternoon_was_not_late() -> None:
    """An installation that did not exist at the deadline has no data."""
    assert _state("publication.ready", Evidence(successes=(NOW,))).state == "no_data"


def test_an_extract_frozen_alone_warns_after_working_days_only() -> None:
    """Nights that follow a Saturday, a Sunday or the Armistice do not count against one file."""
    changed = datetime(2026, 11, 6, 5, tzinfo=UTC)
    nights = tuple(date(2026, 11, day) for day in range(7, 13))  # Saturday to Thursday; the 11th is a Wednesday
    seen = {"savoirfaire": Content(changed, nights)}
    state = _state("content.extract:savoirfaire", Evidence(extracts=seen))
    assert (state.state, state.observed) == ("warn", "3 nuits sans rien de nouveau, depuis le 6 novembre 2026")
    seen = {"savoirfaire": Content(changed, nights[:4])}
    assert _state("content.extract:savoirfaire", Evidence(extracts=seen)).state == "ok"


def test_an_extract_that_seldom_changes_says_nothing() -> None:
    """Silence means something only of a file that usually speaks."""
    seen = {"cartes": Content(datetime(2026, 10, 6, 5, tzinfo=UTC), NIGHTS, lively=False)}
    assert _state("content.extract:cartes", Evidence(extracts=seen)).state == "no_data"


def _application(day: date, pause: int = 0, now: datetime = NOW) -> FreshnessState:
    return _state("claims.intake:dpi", Evidence(applications={"dpi": Application(day, pause)}), now=now)


def test_an_observation_of_today_has_no_age() -> None:
    """Only the day of an observation is kept: one of today counts as now."""
    assert _application(NOW.date()).observed == "0 min"


def test_a_long_weekend_is_no_silence_of_an_application() -> None:
    """Friday to Tuesday without a login is ok; a whole working week is not, and stays a warning for ever."""
    assert _application(date(2026, 11, 13), now=datetime(2026, 11, 17, 20, tzinfo=UTC)).state == "ok"
    assert _application(date(2026, 11, 13)).state == "warn"
    assert _application(date(2025, 1, 1)).state == "warn"


def test_an_application_used_once_a_week_is_judged_by_its_own_pauses() -> None:
    """Where four working days without a login are usual, eight are the limit."""
    state = _application(date(2026, 11, 12), pause=4)
    assert (state.state, state.observed) == ("ok", "7 j 6 h, plus longue pause 4 j ouvrés")
    assert _application(date(2026, 11, 3), pause=4).state == "warn"


def test_a_publication_from_the_future_is_a_wrong_clock() -> None:
    """An instant ahead of now is told as such instead of passing for fresh; five minutes are forgiven."""
    state = _published(timedelta(hours=-5))
    assert state.state == "warn"
    assert state.observed == "daté de 5 h dans le futur : une horloge est fausse"
    assert _published(timedelta(minutes=-4)).state == "ok"


def test_the_state_says_its_limits_what_it_counts_from_and_what_to_do() -> None:
    """Limits are in hours as declared, instants are there for machines, the mend only where one is needed."""
    state = _published(timedelta(hours=98))
    assert state.observed == "4 j 2 h"
    assert state.limit == "alerte au-delà de 36 h, erreur au-delà de 72 h"
    assert state.since == NOW - timedelta(hours=98)
    assert (state.warn_at, state.error_at) == (NOW - timedelta(hours=62), NOW - timedelta(hours=26))
    assert state.mend == mend_of("publication.age", "fr")
    assert _published(timedelta(hours=1)).mend == ""


def test_states_are_told_in_english_too() -> None:
    """The language is the caller's choice, whatever the state."""
    state = _state("publication.age", Evidence(served=_served(timedelta(hours=98))), "en")
    assert (state.observed, state.limit) == ("4 d 2 h", "warns past 36 h, error past 72 h")


def test_one_objective_in_error_is_enough() -> None:
    """The exit code speaks for the worst objective."""
    evidence = Evidence(served=_served(timedelta(0)), successes=(NOW - timedelta(days=9),))
    assert in_error(assess(evidence, now=NOW, language="fr"))


def test_every_kind_of_objective_is_declared() -> None:
    """Each way of watching is used, and what can only warn never fails a command."""
    assert {objective.watches for objective in objectives()} == set(Watch)
    for objective in objectives():
        assert objective.severity is Severity.ERROR or objective.error is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"error": 10},
        {"severity": "warning"},
        {"unit": ""},
        {"deadline": "06:30:00"},
        {"target": 1.5},
        {"limit": 3},
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(wrong: dict[str, object]) -> None:
    """An error before its warning, a limit without unit, a deadline of an age: refused when the file is read."""
    sentence = {"fr": "a", "en": "a"}
    good = {"id": "x", "watches": "run", "group": "ourselves", "unit": "hours", "warn": 26, "error": 50}
    good |= {"severity": "error", "target": 0.99, "title": sentence, "reason": sentence, "mend": sentence}
    assert Objective.model_validate(good).warn == 26
    with pytest.raises(ValueError, match=r".+"):
        Objective.model_validate(good | wrong)


def test_an_objective_of_former_times_keeps_its_name() -> None:
    """Old runs may speak of objectives that are no longer declared: they are shown by their id."""
    assert title_of("publication.age", "en") == "Age of the publication being served"
    assert title_of("feed.changes:CNOM", "en") == "Feed of the registration authority – CNOM"
    assert title_of("cards.age:x", "fr") == "cards.age:x"
    assert reason_of("cards.age", "fr") == ""


def test_an_application_with_an_endless_name_still_has_a_state_of_its_own() -> None:
    """Two long names that begin alike are told apart, within what the views can hold."""
    declared = objectives()[0]
    one, other = declared.named("a" * 99), declared.named("a" * 98 + "b")
    assert one != other
    assert len(one) == len(other) == 64
