"""Which archived publications cannot go, however full the disk is; and what ledgers let go of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from extract_builder import national_id, person
from rpps_sync.directory import ledger, quarantine, thinning
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.needed import needed_publications
from rpps_sync.publication import ExtractKind
from rpps_sync.run_summary import CheckResult, CheckSeverity, CheckStatus, Outcome, RunSummary
from small_directory import SmallDirectory

PA = ExtractKind.PERSONNE_ACTIVITE
TWO = {PA: [person(1), person(2)]}
UNREADABLE = {PA: [person(1), f"8|{national_id(2)[1:]}|{national_id(2)}|too|few|fields"]}
FIRST_NIGHT = datetime(2026, 1, 1, 6, tzinfo=UTC)


@pytest.fixture
def directory(tmp_path: Path, database_url: str) -> Iterator[SmallDirectory]:
    """A directory without publications."""
    small = SmallDirectory(tmp_path, database_url)
    yield small
    small.engine.dispose()


def needed(directory: SmallDirectory) -> set[str]:
    """What the archive must keep now."""
    with reading(directory.engine) as connection:
        return {name.removeprefix("publication-") for name in needed_publications(connection)}


def test_publication_that_last_said_something_readable_of_somebody_is_needed(directory: SmallDirectory) -> None:
    """As long as a line is unreadable its owner is served as of an older day, which stays; then it may go."""
    assert needed(directory) == set()
    directory.publish(TWO)
    directory.publish(TWO)
    assert needed(directory) == {"2"}
    directory.publish(UNREADABLE)
    directory.publish(UNREADABLE)
    assert needed(directory) == {"2", "4"}
    directory.publish(TWO)
    assert needed(directory) == {"5"}


def test_refused_publication_is_needed_until_a_newer_one_is_served(directory: SmallDirectory) -> None:
    """Somebody may still accept it; once a later day is served nobody can."""
    directory.publish(TWO, day=1)
    directory.refuse(TWO, day=2)
    directory.refuse(TWO, day=3)
    assert needed(directory) == {"1", "2", "3"}
    directory.publish(TWO, day=4)
    assert needed(directory) == {"4"}


def _check(name: str, status: CheckStatus) -> CheckResult:
    return CheckResult(name, name, "", CheckSeverity.ERROR, status, observed="seen", expected="wanted")


def test_run_of_long_ago_keeps_what_was_wrong_and_a_count_of_what_was_not(directory: SmallDirectory) -> None:
    """Warnings, failures and figures stay for ever; the newest sixty runs stay whole, and light ones are left."""
    checks = (_check("a", CheckStatus.PASSED), _check("b", CheckStatus.FAILED), _check("c", CheckStatus.SKIPPED))
    nights = thinning.WHOLE_RUNS + 5
    with writing(directory.engine) as connection:
        for number in range(nights):
            at = FIRST_NIGHT + timedelta(days=number)
            ledger.begin_run(connection, f"run-{number:02}", at)
            summary = RunSummary(
                f"run-{number:02}", at, at, Outcome.PUBLISHED, checks=checks, timings={"check": 1.5}
            )
            ledger.finish_run(connection, summary)
        assert thinning.thin_summaries(connection, FIRST_NIGHT + timedelta(days=3)) == 3
        assert thinning.thin_summaries(connection, FIRST_NIGHT + timedelta(days=999)) == 2
        assert thinning.thin_summaries(connection, FIRST_NIGHT + timedelta(days=999)) == 0
    with reading(directory.engine) as connection:
        *whole, light = (ledger.run(connection, f"run-{number:02}") for number in (64, 5, 4))
    assert all(run is not None and len(run["checks"]) == len(checks) for run in whole)
    assert light is not None
    assert [check["name"] for check in light["checks"]] == ["b"]
    assert light[thinning.QUIET] == {"passed": 1, "skipped": 1}
    assert light["timings"] == {"check": 1.5}


def test_unread_lines_go_with_their_age_but_for_those_the_next_night_reads(directory: SmallDirectory) -> None:
    """The lines of the publication being served and of the one looked at last stay whatever their age."""
    for _ in range(3):
        directory.publish(UNREADABLE)
    directory.refuse(UNREADABLE, day=4)
    with writing(directory.engine) as connection:
        assert thinning.forget_unread_lines(connection, FIRST_NIGHT) == 0
        assert thinning.forget_unread_lines(connection, datetime(2027, 1, 1, tzinfo=UTC)) == 2
        left = [row["publication_id"] for row in quarantine.ever(connection)]
    assert sorted(left) == ["publication-3", "publication-4"]
