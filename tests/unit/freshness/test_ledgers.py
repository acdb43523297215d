from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, func, insert, select

from pipelines.freshness import clocks, states
from rpps_sync.directory.tables import FRESHNESS, METADATA, OBSERVATIONS, PUBLICATIONS, RUNS

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


@pytest.fixture
def connection() -> Iterator[Connection]:
    """An empty directory in memory."""
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _publication(connection: Connection, name: str, seq: int | None, at: datetime) -> None:
    row = {"id": name, "seq": seq, "status": "published" if seq else "refused", "published_at": at}
    row |= {"recorded_at": at, "run_id": name, "files": [], "metrics": {}, "reasons": []}
    connection.execute(insert(PUBLICATIONS), [row])


def _run(connection: Connection, name: str, outcome: str, finished_at: datetime | None) -> None:
    row: dict[str, Any] = {"run_id": name, "started_at": NOW, "finished_at": finished_at, "outcome": outcome}
    connection.execute(insert(RUNS), [row | {"summary": {}}])


def test_a_refused_publication_does_not_rejuvenate_what_is_served(connection: Connection) -> None:
    """The age is that of the last accepted publication, whatever came since."""
    _publication(connection, "accepted", 1, NOW - timedelta(days=2))
    _publication(connection, "refused", None, NOW)
    assert clocks(connection).published_at == NOW - timedelta(days=2)


def test_an_older_file_accepted_by_hand_is_what_is_served(connection: Connection) -> None:
    """The last accepted publication counts, even when it was deposited before another one."""
    _publication(connection, "new", 1, NOW - timedelta(days=1))
    _publication(connection, "old", 2, NOW - timedelta(days=6))
    assert clocks(connection).published_at == NOW - timedelta(days=6)


def test_failed_and_refused_runs_are_no_success(connection: Connection) -> None:
    """A night that found nothing new is a success; one that failed, was refused or still runs is none."""
    _run(connection, "a", "unchanged", NOW - timedelta(hours=30))
    _run(connection, "b", "failed", NOW - timedelta(hours=6))
    _run(connection, "c", "refused", NOW - timedelta(hours=5))
    _run(connection, "d", "running", None)
    assert clocks(connection).last_success == NOW - timedelta(hours=30)


def test_the_run_at_work_counts_before_it_is_in_the_ledger(connection: Connection) -> None:
    """A run that has just succeeded does not report the night before as the last success."""
    _run(connection, "a", "published", NOW - timedelta(hours=30))
    assert clocks(connection, succeeded_at=NOW).last_success == NOW


def test_the_last_day_an_application_sent_something_counts(connection: Connection) -> None:
    """Observations are dated by the last day they were seen."""
    row = {
        "national_id": "899900000019",
        "source": "dpi",
        "scope": "in_scope",
        "trust": "verified",
        "claims": "{}",
    }
    days = {"first_seen": date(2026, 10, 1), "last_seen": date(2026, 11, 19), "occurrences": 4}
    connection.execute(insert(OBSERVATIONS), [row | days])
    assert clocks(connection).last_observation == date(2026, 11, 19)


def test_states_are_recorded_once_with_their_run(connection: Connection) -> None:
    """Assessing twice for one run leaves one state an objective; assessing for nobody leaves none."""
    states(connection, NOW, "fr")
    assert connection.scalar(select(func.count()).select_from(FRESHNESS)) == 0
    for _ in range(2):
        assessed = states(connection, NOW, "fr", run_id="run-1")
    recorded = connection.execute(select(FRESHNESS)).mappings().all()
    assert {row["objective"]: row["state"] for row in recorded} == {s.objective: s.state for s in assessed}
    assert {row["at"] for row in recorded} == {NOW}
