from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.objective_states import Stay, record, stays
from rpps_sync.directory.tables import FRESHNESS, OBJECTIVE_STATES
from rpps_sync.run_summary import FreshnessState
from small_directory import SmallDirectory

START = datetime(2026, 11, 2, 4, tzinfo=UTC)
DAY = timedelta(days=1)
FINE = FreshnessState("run.last_success", "ok", "0 min", "26 h")


def _assess(directory: SmallDirectory, *states: FreshnessState, at: datetime) -> None:
    with writing(directory.engine) as connection:
        record(connection, states, run_id=f"run-{at:%d%H}", now=at)


def _told(directory: SmallDirectory, now: datetime, since: datetime = START - DAY) -> list[tuple[str, str, str]]:
    with reading(directory.engine) as connection:
        return [_short(stay) for stay in stays(connection, since, now)]


def _short(stay: Stay) -> tuple[str, str, str]:
    return stay.state, f"{stay.since:%d %H}", f"{stay.until:%d %H}" if stay.until else ""


def _succeeded(at: datetime) -> FreshnessState:
    return replace(FINE, since=at, warn_at=at + timedelta(hours=26), error_at=at + timedelta(hours=50))


def test_a_hundred_good_nights_are_one_row(directory: SmallDirectory) -> None:
    """History grows with changes of state, not with nights; the last assessment alone is kept beside it."""
    for night in range(100):
        at = START + night * DAY
        _assess(directory, _succeeded(at), at=at)
    with reading(directory.engine) as connection:
        for table in (OBJECTIVE_STATES, FRESHNESS):
            assert connection.scalar(select(func.count()).select_from(table)) == 1


def test_a_machine_off_for_four_days_is_in_the_history(directory: SmallDirectory) -> None:
    """Nobody assessed anything while it was off; what was missed is known by the hour when it is on again."""
    _assess(directory, _succeeded(START), at=START)
    back = START + 4 * DAY
    _assess(directory, _succeeded(back), at=back)
    missed = [("warn", "03 06", "04 06"), ("error", "04 06", "06 04")]
    assert _told(directory, back) == [("ok", "02 04", "03 06"), *missed, ("ok", "06 04", "")]


def test_what_stands_grows_worse_by_its_own_clock(directory: SmallDirectory) -> None:
    """Read before the next assessment, a state that has passed its limit since is told as it is now."""
    _assess(directory, _succeeded(START), at=START)
    assert _told(directory, START + 2 * DAY) == [("ok", "02 04", "03 06"), ("warn", "03 06", "")]


def test_an_incident_opens_once_and_closes_once(directory: SmallDirectory) -> None:
    """A silence assessed three nights in a row is one stay, from the first assessment to the one that is well."""
    silent = FreshnessState("feed.changes:CNOM", "warn", "silent", "", link="producer")
    for night, state in enumerate((FINE, silent, silent, silent, replace(silent, state="ok", link=""))):
        _assess(directory, replace(state, objective="feed.changes:CNOM"), at=START + night * DAY)
    told = _told(directory, START + 4 * DAY)
    assert told == [("ok", "02 04", "03 04"), ("warn", "03 04", "06 04"), ("ok", "06 04", "")]


def test_a_subject_that_is_gone_is_over(directory: SmallDirectory) -> None:
    """A channel that the settings drop is assessed no more: its last state ends."""
    channel = FreshnessState("publication.channel:ans", "warn", "unreachable", "")
    _assess(directory, FINE, channel, at=START)
    _assess(directory, FINE, at=START + DAY)
    with reading(directory.engine) as connection:
        (stay,) = stays(connection, START, START + DAY, "publication.channel:ans")
    assert stay.until == START + DAY


def test_a_subject_that_comes_goes_and_comes_back_at_one_instant_is_there(directory: SmallDirectory) -> None:
    """The clock of a simulated night stands still, and what is assessed may differ each time."""
    channel = FreshnessState("publication.channel:ans", "ok", "3 h", "")
    for states in ((channel,), (FINE,), (channel,)):
        _assess(directory, *states, at=START)
    with reading(directory.engine) as connection:
        (stay,) = stays(connection, START - DAY, START, "publication.channel:ans")
    assert (stay.state, stay.until) == ("ok", None)


def test_two_assessments_at_one_instant_leave_the_last(directory: SmallDirectory) -> None:
    """A run and another at the same second (a simulated night) never collide."""
    _assess(directory, FINE, at=START)
    _assess(directory, replace(FINE, state="error"), at=START)
    assert _told(directory, START) == [("error", "02 04", "")]
