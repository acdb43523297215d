from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, insert

from rpps_sync.directory.tables import FEED_CHANGES, INTAKE_COUNTS, METADATA, PUBLICATIONS, RUNS
from rpps_sync.freshness.evidence import Evidence
from rpps_sync.freshness.gathering import AtWork, gather, last_success
from rpps_sync.freshness.states import assess
from rpps_sync.run_summary import ChannelSummary, FreshnessState, Outcome

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # a Friday
DAY = timedelta(days=1)


@pytest.fixture
def connection() -> Iterator[Connection]:
    """An empty directory in memory."""
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _publication(
    connection: Connection, seq: int | None, at: datetime, moved: Mapping[str, int | None] | None = None
) -> None:
    moved = {"personne-activite": 100, "cartes": 50} if moved is None else moved
    files = [{"kind": kind, "published_at": at.isoformat()} for kind in moved]
    metrics = {"files": {kind: {} if lines is None else {"moved": lines} for kind, lines in moved.items()}}
    row = {"id": f"{at:%Y-%m-%d}", "seq": seq, "status": "published" if seq else "refused", "published_at": at}
    row |= {
        "recorded_at": at + timedelta(hours=1),
        "run_id": f"run-{seq}",
        "files": files,
        "metrics": metrics,
        "reasons": [],
    }
    connection.execute(insert(PUBLICATIONS), [row])


def _run(
    connection: Connection, outcome: str, at: datetime, channels: Mapping[str, datetime | None] | None = None
) -> None:
    told = [
        {"name": name, "state": "served" if date else "unreachable"}
        | {"published_at": date.isoformat() if date else None}
        for name, date in (channels or {}).items()
    ]
    row: dict[str, Any] = {"run_id": f"{outcome}-{at:%d%H}", "started_at": at, "outcome": outcome}
    row |= {"finished_at": None if outcome == "running" else at, "summary": {"channels": told}}
    connection.execute(insert(RUNS), [row])


def _state(connection: Connection, name: str, at_work: AtWork | None = None) -> FreshnessState:
    assessed = assess(gather(connection, NOW, at_work), now=NOW, language="en")
    return next(state for state in assessed if state.objective == name)


def test_an_empty_database_gives_no_evidence(connection: Connection) -> None:
    """Nothing is made up."""
    assert gather(connection, NOW) == Evidence()


def test_a_refused_publication_does_not_rejuvenate_what_is_served(connection: Connection) -> None:
    """The age is that of the last accepted publication, whatever came since."""
    _publication(connection, 1, NOW - 2 * DAY)
    _publication(connection, None, NOW)
    served = gather(connection, NOW).served
    assert served is not None
    assert served.published_at == served.files["cartes"] == NOW - 2 * DAY


def test_an_older_file_accepted_by_hand_is_what_is_served(connection: Connection) -> None:
    """The last accepted publication counts, even when it was deposited before another one."""
    _publication(connection, 1, NOW - DAY)
    _publication(connection, 2, NOW - 6 * DAY)
    served = gather(connection, NOW).served
    assert served is not None
    assert served.published_at == NOW - 6 * DAY


def test_failed_and_refused_runs_are_no_success(connection: Connection) -> None:
    """A night that found nothing new is a success; one that failed, was refused or still runs is none."""
    _run(connection, "unchanged", NOW - timedelta(hours=30))
    for hours, outcome in ((6, "failed"), (5, "refused"), (1, "running")):
        _run(connection, outcome, NOW - timedelta(hours=hours))
    evidence = gather(connection, NOW)
    assert evidence.last_success == last_success(connection) == NOW - timedelta(hours=30)
    assert evidence.last_run is not None
    assert evidence.last_run.outcome == "refused"


def test_the_run_at_work_counts_before_it_is_in_the_ledger(connection: Connection) -> None:
    """A run that has just succeeded does not report the night before as the last success."""
    _run(connection, "published", NOW - timedelta(hours=30))
    _run(connection, "running", NOW)
    assert gather(connection, NOW, AtWork(NOW, NOW, Outcome.PUBLISHED)).last_success == NOW
    assert gather(connection, NOW, AtWork(NOW, NOW, Outcome.FAILED)).last_success == NOW - timedelta(hours=30)


def test_same_file_found_by_three_runs_is_frozen_and_a_retry_is_no_night(connection: Connection) -> None:
    """Days are counted, not runs; a night on which nothing could be fetched tells nothing of the source."""
    _publication(connection, 1, NOW - 4 * DAY)
    for days in (3, 2):
        for hours in (0, 1, 2):
            _run(connection, "unchanged", NOW - days * DAY + timedelta(hours=hours))
    _run(connection, "failed", NOW - DAY)
    assert _state(connection, "content.change").state == "warn"
    assert _state(connection, "content.change", AtWork(NOW, NOW, Outcome.UNCHANGED)).state == "error"


def test_lines_in_another_order_are_no_news(connection: Connection) -> None:
    """A publication that moved no line of any file, shuffled or dated anew, is a night without news."""
    _publication(connection, 1, NOW - 3 * DAY, {"personne-activite": None})
    for seq, days in ((2, 2), (3, 1)):
        _publication(connection, seq, NOW - days * DAY, {"personne-activite": 0})
        _run(connection, "published", NOW - days * DAY + timedelta(hours=1))
    state = _state(connection, "content.change")
    assert (state.state, state.link) == ("warn", "publisher")
    assert "the date moves (last: 19 November 2026), the content does not" in state.observed


def test_a_date_that_moves_on_the_channel_is_seen_though_nothing_is_archived(connection: Connection) -> None:
    """The same bytes under a new date make no publication; the channel said the date all the same."""
    _publication(connection, 1, NOW - 3 * DAY)
    _run(connection, "unchanged", NOW - 2 * DAY, {"data-gouv": NOW - 2 * DAY})
    _run(connection, "unchanged", NOW - DAY, {"data-gouv": NOW - DAY})
    state = _state(connection, "content.change")
    assert (state.state, state.link) == ("warn", "publisher")
    assert state.observed.endswith("the content does not")


def test_a_newer_day_that_nobody_could_fetch_is_no_date_that_moves(connection: Connection) -> None:
    """What a channel announces without giving it says nothing of the content we have."""
    _publication(connection, 1, NOW - 3 * DAY)
    for days in (2, 1):
        _run(connection, "unchanged", NOW - days * DAY, {"data-gouv": NOW - 3 * DAY})
    announced = (
        ChannelSummary("data-gouv", "served", NOW - 3 * DAY),
        ChannelSummary("ans", "refused", NOW),
    )
    state = _state(connection, "content.change", AtWork(NOW, NOW, Outcome.UNCHANGED, announced))
    assert (state.state, state.link) == ("error", "diffusion")
    assert "the date moves" not in state.observed


def test_one_file_frozen_among_others_that_live_is_found(connection: Connection) -> None:
    """Cards that stopped moving warn after three nights that follow working days, with their last change."""
    for seq in range(1, 16):
        at = NOW - (16 - seq) * DAY
        _publication(connection, seq, at, {"personne-activite": 90, "cartes": 70 if seq <= 10 else 0})
        _run(connection, "published", at + timedelta(hours=1))
    assert _state(connection, "content.change").state == "ok"
    assert _state(connection, "content.extract:personne-activite").state == "ok"
    state = _state(connection, "content.extract:cartes")
    assert (state.state, state.since) == ("warn", NOW - 6 * DAY)


def test_a_channel_that_fell_silent_keeps_the_date_it_last_offered(connection: Connection) -> None:
    """What it offered five days ago is remembered from the run that saw it."""
    _run(connection, "published", NOW - 5 * DAY, {"ans": NOW - 5 * DAY})
    _run(connection, "published", NOW - DAY, {"ans": None})
    down = (ChannelSummary("ans", "unreachable"),)
    state = _state(connection, "publication.channel:ans", AtWork(NOW, NOW, Outcome.PUBLISHED, down))
    assert (state.state, state.observed) == ("warn", "unreachable, the newest seen is 5 d old")


def test_each_application_is_judged_alone(connection: Connection) -> None:
    """One that sends every day and stopped is told, beside one that goes on; lines refused are no observation."""
    rows = [("dpi", day, "verified") for day in (9, 10, 12, 13)] + [("portal", 19, "attested")]
    rows += [("dpi", 19, "refused")]
    for source, day, fate in rows:
        row = {"source": source, "day": date(2026, 11, day), "fate": fate, "reason": "", "lines": 3}
        connection.execute(insert(INTAKE_COUNTS), [row | {"last_seen": date(2026, 11, day)}])
    assert _state(connection, "claims.intake:dpi").state == "warn"
    assert _state(connection, "claims.intake:portal").state == "ok"


def test_an_application_retired_in_spring_is_not_expected_in_autumn(connection: Connection) -> None:
    """After four months nobody waits for it any more."""
    row = {"source": "old", "day": date(2026, 5, 4), "fate": "verified", "reason": "", "lines": 3}
    connection.execute(insert(INTAKE_COUNTS), [row | {"last_seen": date(2026, 5, 4)}])
    assert gather(connection, NOW).applications == {}


def _feeds(connection: Connection, silent: Mapping[str, int]) -> None:
    """Ninety publications of three authorities, some of which sent nothing in the last ones."""
    for seq in range(1, 91):
        at = NOW - (90 - seq) * DAY
        _publication(connection, seq, at)
        eve = (at - DAY).weekday()
        rows = [("", "", 900)]
        for name, profession in (("CNOM", "10"), ("CNOP", "21"), ("ARS", "60")):
            count = 0 if seq > 90 - silent.get(name, 0) or eve >= 5 else 80 + seq * 7 % 40
            rows += [(name, profession, count), (name, "", count)] if count else []
        columns = ("publication_seq", "authority", "profession", "practitioners")
        if seq > 1:
            connection.execute(
                insert(FEED_CHANGES), [dict(zip(columns, (seq, *row), strict=True)) for row in rows]
            )


def test_order_of_physicians_silent_in_a_fresh_file_is_named(connection: Connection) -> None:
    """All of tonight is well but one authority: since when, how unlikely, whose link."""
    _feeds(connection, {"CNOM": 4})
    _run(connection, "published", NOW)
    assert _state(connection, "publication.age").state == "ok"
    state = _state(connection, "feed.changes:CNOM")
    assert (state.state, state.link) == ("error", "producer")
    assert state.since == datetime(2026, 11, 15, 23, tzinfo=UTC)  # midnight of the 16th in Paris
    assert "0 change(s) since 16 November 2026" in state.observed
    assert "one chance in" in state.observed
    assert _state(connection, "feed.changes:ARS").state == "ok"


def test_a_new_publication_is_judged_anew_on_the_same_connection(connection: Connection) -> None:
    """What was judged is kept until another run publishes: a probe costs nothing, and is never a night behind."""
    _feeds(connection, {"CNOM": 1})
    assert _state(connection, "feed.changes:CNOM").state == "ok"
    _publication(connection, 91, NOW + DAY)
    nobody = {"publication_seq": 91, "authority": "", "profession": "", "practitioners": 0}
    connection.execute(insert(FEED_CHANGES), [nobody])
    assert _state(connection, "feed.changes:CNOM").state == "warn"


def test_every_authority_silent_at_once_is_the_ans(connection: Connection) -> None:
    """Orders and agencies do not stop on one day: what they have in common is who makes the extracts."""
    _feeds(connection, {"CNOM": 3, "CNOP": 3, "ARS": 3})
    assert {_state(connection, f"feed.changes:{name}").link for name in ("CNOM", "CNOP", "ARS")} == {"publisher"}
