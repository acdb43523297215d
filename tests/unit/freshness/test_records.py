from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import insert

from extract_builder import hospital, mailbox, national_id, person
from rpps_sync import clock
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.objective_states import record
from rpps_sync.directory.tables import COMPARISONS, FINDINGS, OBSERVATIONS
from rpps_sync.freshness.records import RecordFreshness, record_freshness
from rpps_sync.publication import ExtractKind
from rpps_sync.run_summary import FreshnessState
from small_directory import SmallDirectory

PA, SF, MSS = ExtractKind.PERSONNE_ACTIVITE, ExtractKind.SAVOIRFAIRE, ExtractKind.MSSANTE
NURSE = national_id(1)
NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)  # three hours after the third publication


@pytest.fixture(autouse=True)
def _at_nine() -> Iterator[None]:
    with clock.pinned(NOW):
        yield


def _nurse(**values: str) -> dict[str, str]:
    return person(1, registration_authority="CNOI/CNOI/CNOI") | values


@pytest.fixture
def three_days(directory: SmallDirectory) -> SmallDirectory:
    """A nurse who moves on the second day and gets a mailbox on the third."""
    directory.publish({PA: [_nurse(**hospital(1))], SF: [], MSS: []})
    directory.publish({PA: [_nurse(**hospital(2))], SF: [], MSS: []})
    directory.publish({PA: [_nurse(**hospital(2))], SF: [], MSS: [mailbox(1)]})
    return directory


def _seen(directory: SmallDirectory, day: date, *, differs: str = "") -> None:
    """A token of this nurse, seen on a day, that agrees with the directory but for one field."""
    observation = {"national_id": NURSE, "source": "dpi", "scope": "in_scope", "trust": "verified", "claims": "{}"}
    observation |= {"first_seen": day, "last_seen": day, "occurrences": 1}
    compared = {"national_id": NURSE, "source": "dpi", "publication_seq": 3, "by_verdict": {"consistent": 4}}
    finding: dict[str, Any] = dict.fromkeys(("element", "claim_value", "directory_value", "resolved_by"), "")
    finding |= {"id": "a" * 16, "national_id": NURSE, "source": "dpi", "field": differs, "verdict": "conflict"}
    finding |= {
        "stale_side": "unknown",
        "status": "open",
        "severity": "high",
        "confidence": "high",
        "evidence": {},
    }
    finding |= {"first_seen": day, "last_seen": day, "occurrences": 1, "registration_authority": ""}
    with writing(directory.engine) as connection:
        connection.execute(insert(OBSERVATIONS), [observation])
        connection.execute(insert(COMPARISONS), [compared])
        if differs:
            connection.execute(insert(FINDINGS), [finding])


def _fresh(directory: SmallDirectory, who: str = NURSE, **how: Any) -> RecordFreshness:
    with reading(directory.engine) as connection:
        return record_freshness(connection, who, "en", **how)


def test_each_part_tells_when_it_last_changed(three_days: SmallDirectory) -> None:
    """A move on the second day, a mailbox on the third, nothing of the rest since she is known."""
    told = _fresh(three_days).to_json()
    changed = {name: part["changed"] for name, part in told["parts"].items() if part["changed"]}
    assert changed == {"activities": "2026-11-02", "mailboxes": "2026-11-03"}
    assert told["last_changed"] == "2026-11-03"
    assert told["confirmed_by_publication"]["published_at"] == "2026-11-03T06:00:00Z"


def test_nobody_confirmed_it_but_the_publication_is_of_today(three_days: SmallDirectory) -> None:
    """Without a token the record is as good as its publication, and says no more."""
    fresh = _fresh(three_days)
    assert fresh.sentence == (
        "As of the publication of 3 November 2026; no recent token confirms or contradicts it."
    )


def test_a_token_that_agrees_makes_it_reliable(three_days: SmallDirectory) -> None:
    """What tokens carry is confirmed by the day one was seen; a mailbox never is, no token has any."""
    _seen(three_days, date(2026, 11, 2))
    fresh = _fresh(three_days)
    assert fresh.trust == "confirmed"
    assert "token of 2 November 2026 agrees" in fresh.sentence
    told = fresh.to_json()
    assert told["confirmed_by_token"] == {"source": "dpi", "day": "2026-11-02"}
    assert (told["parts"]["activities"]["token"], told["parts"]["mailboxes"]["token"]) == ("2026-11-02", None)


def test_a_login_of_last_summer_confirms_nothing_today(three_days: SmallDirectory) -> None:
    """After thirty days a token is told, and no longer counted."""
    _seen(three_days, date(2026, 8, 12))
    fresh = _fresh(three_days)
    assert fresh.trust == "current"
    assert fresh.to_json()["confirmed_by_token"] == {"source": "dpi", "day": "2026-08-12"}


def test_a_token_that_names_another_hospital_asks_for_a_look(three_days: SmallDirectory) -> None:
    """The disputed part is named; those on which the token agrees are confirmed all the same."""
    _seen(three_days, date(2026, 11, 2), differs="activity.structure")
    fresh = _fresh(three_days)
    assert fresh.sentence == (
        "Check before relying on it: a token seen by dpi on 2 November 2026 differs on activity."
    )
    parts = fresh.to_json()["parts"]
    assert (parts["activities"]["disputed"], parts["activities"]["token"]) == (True, None)
    assert (parts["identity"]["disputed"], parts["identity"]["token"]) == (False, "2026-11-02")


def test_who_may_not_read_observations_learns_of_no_login(three_days: SmallDirectory) -> None:
    """On which day somebody signed in where is not open data: it is left out whole, disputes included."""
    _seen(three_days, date(2026, 11, 2), differs="activity.structure")
    fresh = _fresh(three_days, tokens=False)
    assert fresh.trust == "current"
    assert "dpi" not in str(fresh.to_json())


def test_nurses_whose_order_went_silent_are_doubtful(three_days: SmallDirectory) -> None:
    """The file is of today, but her Order has sent nothing for a week: what changed since would not show."""
    silent = FreshnessState(
        "feed.changes:CNOI", "warn", "", "", since=datetime(2026, 10, 26, 23, tzinfo=UTC), link="producer"
    )
    with writing(three_days.engine) as connection:
        record(connection, [silent], run_id="run", now=NOW)
    fresh = _fresh(three_days)
    assert (fresh.trust, fresh.sentence) == (
        "doubtful",
        "Check before relying on it: CNOI has sent no changes since 27 October 2026.",
    )


def test_an_unreadable_line_keeps_her_version_of_the_day_before(three_days: SmallDirectory) -> None:
    """A held record is confirmed by the last publication that could be read, not by the one that is served."""
    three_days.publish({PA: [_nurse(**hospital(2))], SF: [], MSS: [mailbox(1)]}, held=[NURSE])
    with clock.pinned(datetime(2026, 11, 4, 9, tzinfo=UTC)):
        fresh = _fresh(three_days)
    assert (fresh.trust, fresh.to_json()["held_since"]) == ("doubtful", "2026-11-04")
    assert fresh.to_json()["confirmed_by_publication"]["published_at"] == "2026-11-03T06:00:00Z"


def test_a_directory_of_last_week_is_not_to_be_relied_on(three_days: SmallDirectory) -> None:
    """Past the limit of the publication's own objective nothing is reliable, whatever tokens said."""
    _seen(three_days, date(2026, 11, 2))
    with clock.pinned(datetime(2026, 11, 10, 6, tzinfo=UTC)):
        fresh = _fresh(three_days)
    assert (fresh.trust, fresh.sentence) == (
        "stale",
        "Do not rely on it without checking: the publication that shows it is 7 d old.",
    )


def test_who_left_is_told_so_in_plain_words(three_days: SmallDirectory) -> None:
    """No access on the strength of a tombstone; coming back starts a presence whose past does not count."""
    three_days.publish({PA: [person(2)], SF: [], MSS: []})
    assert _fresh(three_days).to_json() == {
        "trust": "departed",
        "sentence": "No longer in the directory: grant no access on the strength of this record.",
        "parts": {},
    }
    three_days.publish({PA: [_nurse(**hospital(9))], SF: [], MSS: []})
    ages = _fresh(three_days).ages
    assert ages is not None
    assert ages.known_since == ages.last_changed == date(2026, 11, 5)


def test_a_past_day_says_nothing_of_today(three_days: SmallDirectory) -> None:
    """As of the second day there was no mailbox, and what tokens say now is left out."""
    _seen(three_days, date(2026, 11, 2))
    fresh = _fresh(three_days, as_of=datetime(2026, 11, 2, 23, tzinfo=UTC))
    told = fresh.to_json()
    assert (told["trust"], told["last_changed"], told["confirmed_by_token"]) == ("past", "2026-11-02", None)
    assert fresh.sentence == "As the publication of 2 November 2026 said; it says nothing of today."
