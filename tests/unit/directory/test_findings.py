from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from extract_builder import national_id
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.finding_life import Judged
from rpps_sync.directory.findings import Filters, counts, find, get, record
from rpps_sync.directory.tables import COMPARISONS, FINDINGS
from rpps_sync.errors import NotFound
from rpps_sync.finding import Finding, FindingStatus, Judgement, Severity, Verdict
from rpps_sync.observation import ClaimHistory, Claims, ClaimVersion, Scope, Trust
from small_directory import SmallDirectory

ID = national_id(1)
PERSON = Judgement(
    ID, "dpi", "practitioner", "", Verdict.CONSISTENT, "present", "present", None, Severity.INFO, "", {}
)
DIFFERENCE = Judgement(
    ID,
    "dpi",
    "activity.structure",
    "F990000001",
    Verdict.PENDING,
    "F990000001",
    "",
    date(2026, 11, 2),
    Severity.MEDIUM,
    "CNOM/CNOM/ARS",
    {"directory": [{"since": "2026-11-01", "values": []}]},
)
AGREED = replace(DIFFERENCE, verdict=Verdict.CONSISTENT, directory_value="F990000001", since=None, evidence={})


def night(
    directory: SmallDirectory, day: int, *judgements: Judgement, first: int = 1, last: int | None = None
) -> None:
    """One comparison: the claims last seen on a day (that of the night), unchanged since another."""
    version = ClaimVersion(Claims(), date(2026, 11, first), date(2026, 11, last or day), 1, Trust.VERIFIED)
    claims = ClaimHistory(ID, "dpi", Scope.IN_SCOPE, (version,))
    with writing(directory.engine) as connection:
        record(connection, [Judged(claims, (PERSON, *judgements))], today=date(2026, 11, day), publication_seq=day)


def all_of(directory: SmallDirectory) -> list[Finding]:
    """Every finding."""
    with reading(directory.engine) as connection:
        return find(connection, Filters(everything=True))


def only(directory: SmallDirectory) -> Finding:
    """The one finding."""
    (finding,) = all_of(directory)
    return finding


def test_difference_opens_and_is_confirmed_by_each_newer_observation(directory: SmallDirectory) -> None:
    """Comparing again without a newer observation confirms nothing."""
    night(directory, 3, DIFFERENCE)
    night(directory, 4, DIFFERENCE, last=3)
    opened = only(directory)
    assert (opened.first_seen.day, opened.last_seen.day, opened.occurrences) == (2, 3, 1)
    assert (opened.status, opened.confidence) == (FindingStatus.OPEN, "verified")
    assert opened.judgement == DIFFERENCE
    night(directory, 5, replace(DIFFERENCE, verdict=Verdict.CONFLICT))
    confirmed = only(directory)
    assert (confirmed.last_seen.day, confirmed.occurrences) == (5, 2)
    assert confirmed.judgement.verdict is Verdict.CONFLICT


def test_directory_that_gains_the_place_was_the_late_one(directory: SmallDirectory) -> None:
    """A pending difference becomes directory_stale on the day the directory gains the element."""
    night(directory, 3, DIFFERENCE)
    night(directory, 6, AGREED)
    found = only(directory)
    assert (found.status, found.resolved_by, found.lag_days) == (FindingStatus.RESOLVED, "directory", 4)
    assert found.judgement.verdict is Verdict.DIRECTORY_STALE
    night(directory, 7, AGREED)
    assert only(directory) == found


def test_token_that_lets_the_place_go_was_the_late_one(directory: SmallDirectory) -> None:
    """Neither side names it any more; the lag ends with the first observation without it."""
    night(directory, 3, DIFFERENCE)
    night(directory, 7, first=5)
    found = only(directory)
    assert (found.resolved_by, found.lag_days, found.judgement.verdict) == ("token", 3, Verdict.TOKEN_STALE)


def test_both_sides_may_move_to_a_third_value(directory: SmallDirectory) -> None:
    """When both changed, both caught up."""
    mode = replace(
        DIFFERENCE, field="activity.mode", claim_value="L", directory_value="S", verdict=Verdict.CONFLICT
    )
    night(directory, 3, mode)
    night(
        directory, 4, replace(mode, verdict=Verdict.CONSISTENT, claim_value="B", directory_value="B", since=None)
    )
    found = only(directory)
    assert (found.resolved_by, found.lag_days, found.judgement.verdict) == ("both", 2, Verdict.CONFLICT)


@pytest.mark.parametrize(
    "now",
    [
        (replace(AGREED, verdict=Verdict.NOT_COMPARABLE, claim_value=""),),
        (replace(PERSON, verdict=Verdict.DEPARTED_PRACTITIONER, since=date(2026, 11, 4)),),
    ],
)
def test_difference_that_can_no_longer_be_told_closes_without_a_lag(
    directory: SmallDirectory, now: tuple[Judgement, ...]
) -> None:
    """Nobody caught up, so nothing is measured."""
    night(directory, 3, DIFFERENCE)
    night(directory, 4, *now)
    found = next(item for item in all_of(directory) if item.judgement.field == "activity.structure")
    assert (found.status, found.resolved_by, found.lag_days) == (FindingStatus.RESOLVED, "", None)


def test_new_skill_that_agrees_resolves_the_old_one(directory: SmallDirectory) -> None:
    """The element of a skill is the token's value: another agreeing value means that the token moved."""
    old = replace(DIFFERENCE, field="skill", element="10/S/SM26", claim_value="S/SM26", directory_value="S/SM54")
    new = replace(old, element="10/S/SM54", verdict=Verdict.CONSISTENT, claim_value="S/SM54", since=None)
    night(directory, 3, old)
    night(directory, 4, new, first=4)
    assert (only(directory).resolved_by, only(directory).lag_days) == ("token", 2)


def test_difference_that_comes_back_reopens_its_finding(directory: SmallDirectory) -> None:
    """One finding, one id, from night to night."""
    night(directory, 3, DIFFERENCE)
    night(directory, 4, AGREED)
    night(directory, 5, replace(DIFFERENCE, since=date(2026, 11, 5)))
    found = only(directory)
    assert (found.status, found.resolved_by, found.lag_days, found.occurrences) == (
        FindingStatus.OPEN,
        "",
        None,
        2,
    )
    assert (found.first_seen.day, found.judgement.since) == (2, date(2026, 11, 5))


def test_acknowledged_finding_stays_so_while_the_difference_stands(directory: SmallDirectory) -> None:
    """A person's decision survives the next nights, and ends with the difference."""
    night(directory, 3, DIFFERENCE)
    with writing(directory.engine) as connection:
        connection.execute(update(FINDINGS).values(status=str(FindingStatus.ACKNOWLEDGED)))
    night(directory, 4, DIFFERENCE)
    assert only(directory).status is FindingStatus.ACKNOWLEDGED
    night(directory, 5, AGREED)
    assert only(directory).status is FindingStatus.RESOLVED


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, 1),
        ({"everything": True}, 3),
        ({"verdicts": (Verdict.OUT_OF_SCOPE,)}, 1),
        ({"verdicts": (Verdict.CONFLICT,)}, 0),
        ({"field": "activity.structure"}, 1),
        ({"field": "skill"}, 0),
        ({"source": "pui"}, 0),
        ({"national_id": ID}, 1),
        ({"national_id": national_id(2)}, 0),
    ],
)
def test_list_shows_what_asks_something_of_somebody(
    directory: SmallDirectory, filters: dict[str, Any], expected: int
) -> None:
    """Resolved and quiet findings are shown when asked for."""
    gone = replace(DIFFERENCE, element="F990000002", claim_value="F990000002")
    night(directory, 2, gone)
    night(directory, 3, DIFFERENCE, replace(PERSON, field="other", verdict=Verdict.OUT_OF_SCOPE))
    with reading(directory.engine) as connection:
        assert len(find(connection, Filters(**filters))) == expected
        assert counts(connection) == {"pending": 1}


def test_finding_is_shown_by_its_id_and_told_as_json(directory: SmallDirectory) -> None:
    """The document of the interface, and a plain answer for an unknown id."""
    night(directory, 3, DIFFERENCE)
    with reading(directory.engine) as connection:
        document = get(connection, DIFFERENCE.id).to_json()
        with pytest.raises(NotFound):
            get(connection, "0" * 16)
    assert document["since"] == "2026-11-02"
    assert document["stale_side"] == "unknown"
    assert document["evidence"] == DIFFERENCE.evidence
    assert document["resolved_by"] is None


def test_verdicts_are_counted_for_each_practitioner_and_application(directory: SmallDirectory) -> None:
    """Agreements are only counted, and the latest comparison replaces the former."""
    night(directory, 3, DIFFERENCE)
    night(directory, 4, AGREED)
    with reading(directory.engine) as connection:
        (row,) = connection.execute(select(COMPARISONS)).all()
    assert (row.national_id, row.source, row.publication_seq, row.by_verdict) == (ID, "dpi", 4, {"consistent": 2})
