from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from extract_builder import national_id
from rpps_sync import clock
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.finding_history import acknowledge, history
from rpps_sync.directory.finding_life import Judged
from rpps_sync.directory.findings import Filters, find, get, record
from rpps_sync.directory.lags import By, distributions, lags
from rpps_sync.errors import NotFound, UsageError
from rpps_sync.finding import FindingStatus, Judgement, Severity, StaleSide, Verdict
from rpps_sync.observation import ClaimHistory, Claims, ClaimVersion, Scope, Trust
from small_directory import SmallDirectory

ID = national_id(1)
PERSON = Judgement(ID, "dpi", "practitioner", "", Verdict.CONSISTENT, "", "", None, Severity.INFO, "", {})
LATE = Judgement(
    ID,
    "dpi",
    "skill",
    "10/S/SM26",
    Verdict.CONFLICT,
    "S/SM26",
    "S/SM54",
    date(2026, 11, 2),
    Severity.MEDIUM,
    "CNOM/CNOM/ARS",
    {},
)
AGREED = replace(LATE, verdict=Verdict.CONSISTENT, directory_value="S/SM26", since=None)


def night(directory: SmallDirectory, day: int, *judgements: Judgement) -> None:
    """One comparison on a day of November."""
    version = ClaimVersion(Claims(), date(2026, 11, 1), date(2026, 11, day), 1, Trust.VERIFIED)
    claims = ClaimHistory(ID, "dpi", Scope.IN_SCOPE, (version,))
    with clock.pinned(datetime(2026, 11, day, 6, tzinfo=UTC)), writing(directory.engine) as connection:
        record(connection, [Judged(claims, (PERSON, *judgements))], today=date(2026, 11, day), publication_seq=day)


def acknowledged(directory: SmallDirectory, because: str = "known to the HR office") -> None:
    """Somebody acknowledges the finding on the ninth."""
    with writing(directory.engine) as connection:
        finding = get(connection, LATE.id)
        acknowledge(connection, finding, by="a.martin", because=because, at=datetime(2026, 11, 9, tzinfo=UTC))


def events(directory: SmallDirectory) -> list[tuple[str, str]]:
    """What happened, and by whom."""
    with reading(directory.engine) as connection:
        return [(event["event"], event["by"]) for event in history(connection, LATE.id)]


def status(directory: SmallDirectory) -> FindingStatus:
    """Where the finding stands."""
    with reading(directory.engine) as connection:
        return get(connection, LATE.id).status


def test_life_of_a_finding_is_told_with_who_when_and_why(directory: SmallDirectory) -> None:
    """Opened, acknowledged by a person, resolved by itself, back again; confirmations are only counted."""
    night(directory, 3, LATE)
    night(directory, 4, LATE)
    acknowledged(directory)
    night(directory, 10, AGREED)
    night(directory, 11, AGREED)
    night(directory, 12, LATE)
    assert events(directory) == [("opened", ""), ("acknowledged", "a.martin"), ("resolved", ""), ("reopened", "")]
    with reading(directory.engine) as connection:
        _, acked, resolved, _ = history(connection, LATE.id)
    assert (acked["at"], acked["because"]) == ("2026-11-09T00:00:00Z", "known to the HR office")
    assert (resolved["resolved_by"], resolved["lag_days"]) == ("directory", 8)
    assert status(directory) is FindingStatus.OPEN


@pytest.mark.parametrize(
    "now", [replace(LATE, verdict=Verdict.TOKEN_STALE), replace(LATE, directory_value="S/SM01")]
)
def test_acknowledged_finding_that_says_something_else_asks_again(
    directory: SmallDirectory, now: Judgement
) -> None:
    """What was accepted is what was seen: another verdict or value is news."""
    night(directory, 3, LATE)
    acknowledged(directory)
    night(directory, 4, LATE)
    assert status(directory) is FindingStatus.ACKNOWLEDGED
    night(directory, 5, now)
    assert status(directory) is FindingStatus.OPEN
    assert events(directory)[-1] == ("changed", "")


def test_acknowledged_finding_is_still_listed_but_last(directory: SmallDirectory) -> None:
    """Visible and quiet, and found by its state."""
    worse = replace(LATE, field="exercise.category", element="10", severity=Severity.LOW)
    night(directory, 3, LATE, worse)
    acknowledged(directory)
    with reading(directory.engine) as connection:
        assert [item.judgement.field for item in find(connection)] == ["exercise.category", "skill"]
        (one,) = find(connection, Filters(status=FindingStatus.ACKNOWLEDGED))
    assert one.judgement.field == "skill"


def test_acknowledging_needs_a_reason_and_something_to_acknowledge(directory: SmallDirectory) -> None:
    """No empty reason, no resolved finding, no unknown id."""
    night(directory, 3, LATE)
    with pytest.raises(UsageError, match="reason"):
        acknowledged(directory, " ")
    night(directory, 4, AGREED)
    with pytest.raises(UsageError, match="resolved"):
        acknowledged(directory)
    with writing(directory.engine) as connection, pytest.raises(NotFound):
        get(connection, "0" * 16)


def test_each_time_the_late_side_catches_up_is_a_measured_delay(directory: SmallDirectory) -> None:
    """A finding that came back and was resolved again gives two; what stands is a delay that still runs."""
    night(directory, 3, LATE)
    night(directory, 5, AGREED)
    night(directory, 6, LATE)
    night(directory, 12, AGREED)
    night(directory, 13, replace(LATE, field="activity.mode", verdict=Verdict.TOKEN_STALE))
    with reading(directory.engine) as connection:
        told = distributions(lags(connection), By.FIELD)
        by_authority = distributions(lags(connection), By.AUTHORITY)
        by_profession = {item.group for item in distributions(lags(connection), By.PROFESSION)}
    skill, mode = told
    assert (skill.group, skill.side, skill.caught_up, skill.running) == ("skill", StaleSide.DIRECTORY, 2, 0)
    assert (skill.median_days, skill.p90_days) == (3, 10)
    assert (mode.group, mode.side, mode.caught_up, mode.running) == ("activity.mode", StaleSide.TOKEN, 0, 1)
    assert (mode.median_days, mode.longest_days) == (None, 11)
    assert {item.group for item in by_authority} == {"CNOM/CNOM/ARS"}
    assert by_profession == {"10", ""}


def test_conflict_runs_on_both_sides_and_a_departure_on_none(directory: SmallDirectory) -> None:
    """Either side may be the late one; somebody who left is nobody's delay."""
    night(directory, 3, LATE)
    with reading(directory.engine) as connection:
        assert {item.side for item in lags(connection)} == {StaleSide.TOKEN, StaleSide.DIRECTORY}
    night(directory, 4, replace(PERSON, field="gone", verdict=Verdict.DEPARTED_PRACTITIONER), AGREED)
    with reading(directory.engine) as connection:
        assert [item.duration.ended for item in lags(connection)] == [True]
