"""Incidents from end to end: ledgers, outbox, a real mail server with TLS and a real HTTP receiver."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from databases import reading, writing
from extract_builder import national_id, rpps
from mail_server import Mailbox, Receiver, mail_server, receiver
from pipelines.alerting import Look, after_night, check, try_out
from rpps_sync import clock, logs
from rpps_sync.clock import parse_instant
from rpps_sync.directory import incidents, ledger
from rpps_sync.run_summary import Outcome, RunSummary
from rpps_sync.settings import Settings, load

START = parse_instant("2026-11-20T06:00:00Z")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    """A mail server."""
    with mail_server(tmp_path_factory.mktemp("mail")) as served:
        yield served


@pytest.fixture
def told() -> Iterator[Receiver]:
    """An HTTP receiver."""
    with receiver() as served:
        yield served


@pytest.fixture
def settings(tmp_path: Path, database_url: str, mailbox: Mailbox, told: Receiver) -> Settings:
    """Everything set up, on each kind of database."""
    mailbox.letters.clear()
    mailbox.refuse = mailbox.unknown = ""
    return load(
        home=tmp_path / "home",
        database_url=database_url,
        alert_webhook_url=f"{told.url}/hook",
        heartbeat_url=f"{told.url}/beat",
        smtp_host="127.0.0.1",
        smtp_port=mailbox.port,
        smtp_user="rpps-sync",
        smtp_password="invented-secret",
        smtp_from="rpps-sync@hopital.invalid",
        smtp_ca_file=mailbox.ca_file,
        alert_to=("astreinte@hopital.invalid", "dsi@hopital.invalid"),
        metrics_textfile=tmp_path / "rpps-sync.prom",
        language="en",
    )


def ran(settings: Settings, at: datetime, outcome: Outcome, message: str = "", **more: Any) -> RunSummary:
    """A run that ended so, in the ledger."""
    summary = RunSummary(f"run-{at:%d%H%M}", at, at, outcome, message=message, **more)
    with writing(settings.database) as connection:
        ledger.begin_run(connection, summary.run_id, at)
        ledger.finish_run(connection, summary)
    return summary


def look(settings: Settings, at: datetime) -> Look:
    """A look at an instant."""
    with clock.pinned(at):
        return check(settings)


def test_one_cause_is_one_incident_that_reminds_rarely_and_closes_by_itself(
    settings: Settings, mailbox: Mailbox, told: Receiver
) -> None:
    """Failing for five days: one opening, two reminders, one end with its duration, on each channel."""
    ran(settings, START - HOUR, Outcome.UNCHANGED)
    for hours in range(0, 5 * 24, 6):
        ran(settings, START + hours * HOUR, Outcome.FAILED, f"the disk is full, {hours} h", exit_code=1)
        look(settings, START + hours * HOUR)
    ran(settings, START + 5 * DAY, Outcome.UNCHANGED)
    assert look(settings, START + 5 * DAY).closed == ("run",)
    assert look(settings, START + 5 * DAY + HOUR) == Look()
    assert [post["event"] for post in told.posted] == ["opened", "reminder", "reminder", "closed"]
    assert told.posted[-1]["duration_seconds"] == 5 * 86_400
    subjects = [str(letter["Subject"]).strip() for letter in mailbox.letters]
    assert [subject.split(":")[0].removeprefix("[rpps-sync] ") for subject in subjects] == [
        "incident", "reminder", "reminder", "incident over",
    ]  # fmt: skip


def test_a_letter_says_what_since_when_what_is_served_and_what_to_do(settings: Settings, mailbox: Mailbox) -> None:
    """Sent over TLS after a login, to everybody, in one thread."""
    ran(settings, START, Outcome.FAILED, "the database cannot be written", exit_code=1)
    look(settings, START)
    ran(settings, START + DAY, Outcome.UNCHANGED)
    look(settings, START + DAY)
    first, last = mailbox.letters
    assert mailbox.logins[-1] == ("rpps-sync", True)
    assert first["To"] == "astreinte@hopital.invalid, dsi@hopital.invalid"
    text = first.get_content()
    for said in ("database cannot be written", "Since: 2026-11-20T06:00:00Z", "Still served: nothing",
                 "To do: run 'rpps-sync doctor'", "docs/runbook/run.md"):  # fmt: skip
        assert said in text
    assert last["References"] == first["Message-ID"]
    assert "(24 h 00 min)" in last.get_content()


def test_what_follows_from_a_refused_publication_is_one_incident_with_it(
    settings: Settings, told: Receiver
) -> None:
    """The directory grows old because the gate is shut: one message names both."""
    ran(settings, START - 4 * DAY, Outcome.UNCHANGED)
    refused = {"id": "2026-11-20-a1b2c3", "published_at": "2026-11-20T05:00:00Z", "files": []}
    with writing(settings.database) as connection:
        summary = RunSummary("r", START, START, Outcome.REFUSED, message="40 % fewer nurses")
        ledger.begin_run(connection, "r", START)
        ledger.finish_run(connection, summary)
        from sqlalchemy import update  # noqa: PLC0415 - only this test writes a ledger by hand

        from rpps_sync.directory.tables import RUNS  # noqa: PLC0415 - idem

        connection.execute(
            update(RUNS).where(RUNS.c.run_id == "r").values(summary=summary.to_json() | {"publication": refused})
        )
    assert look(settings, START).opened == ("run", "gate")  # no success for four days is another cause
    gate = next(post for post in told.posted if post["cause"] == "gate")
    assert gate["symptoms"] == ["40 % fewer nurses"]


def test_a_message_that_is_not_delivered_is_tried_again_later_and_fails_nothing(
    settings: Settings, mailbox: Mailbox, told: Receiver
) -> None:
    """Both channels down: the look ends well, the outbox keeps all; up again, each message arrives once."""
    told.answer, mailbox.refuse = 503, "451 come back later"
    ran(settings, START, Outcome.FAILED, "no room", exit_code=1)
    assert look(settings, START).waiting == 2
    assert look(settings, START + timedelta(minutes=1)).waiting == 2  # too early to try again
    with reading(settings.database) as connection:
        (incident,) = incidents.listed(connection, 10)
    failures = {item["channel"]: item["failure"] for item in incident["notifications"]}
    assert failures == {
        "webhook": "the webhook at 127.0.0.1 answered 503",
        "mail": f"the mail server 127.0.0.1:{mailbox.port} did not take it: it answered 451",
    }
    told.answer, mailbox.refuse = 200, ""
    assert look(settings, START + HOUR).delivered == 2
    assert look(settings, START + 2 * HOUR).delivered == 0
    assert (len(told.posted), len(mailbox.letters)) == (1, 1)


def test_what_cannot_be_delivered_for_days_is_given_up(settings: Settings, told: Receiver) -> None:
    """After three days the outbox lets go: nobody wants the news of last week."""
    told.answer = 500
    ran(settings, START, Outcome.FAILED, "no room", exit_code=1)
    look(settings, START)
    with reading(settings.database) as connection:
        assert incidents.waiting(connection) == 1
    look(settings, START + timedelta(hours=23))
    assert look(settings, START + timedelta(hours=23)).waiting == 1
    with clock.pinned(START + 4 * DAY), writing(settings.database) as connection:
        found = incidents.take_due(connection, "webhook", clock.now())
        assert found is not None
        incidents.not_delivered(connection, found, "500", clock.now())
        assert incidents.waiting(connection) == 0


def test_no_number_of_a_practitioner_and_no_secret_is_in_a_message(
    settings: Settings, mailbox: Mailbox, told: Receiver
) -> None:
    """An error that names somebody is told without the number, on both channels and in the outbox."""
    said = f"the row of {national_id(7)} ({rpps(7)}) is locked, Bearer abcdefgh12345678"
    ran(settings, START, Outcome.FAILED, said, exit_code=1)
    look(settings, START)
    everything = f"{told.posted} {[letter.get_content() for letter in mailbox.letters]}"
    assert "is locked" in everything
    for secret in (national_id(7), rpps(7), "abcdefgh12345678", "invented-secret"):
        assert secret not in everything


def test_the_heartbeat_beats_after_a_night_that_did_its_work_only(settings: Settings, told: Receiver) -> None:
    """A failed night is silent: that is what the dead man's switch listens for."""
    with clock.pinned(START):
        after_night(settings, ran(settings, START, Outcome.FAILED, "no", exit_code=1))
        assert told.asked == []
        after_night(settings, ran(settings, START + HOUR, Outcome.UNCHANGED))
    assert told.asked == ["/beat"]


def test_a_test_message_tells_which_channel_works(settings: Settings, mailbox: Mailbox, told: Receiver) -> None:
    """Each channel answers for itself; a mail server that is not who it says is not believed."""
    assert try_out(settings) == {"webhook": "", "mail": "", "heartbeat": ""}
    assert told.posted[-1]["event"] == "test"
    stranger = load(**(settings.model_dump() | {"smtp_ca_file": None}))
    answer = try_out(stranger)
    assert answer["webhook"] == ""
    assert "RPPS_SYNC_SMTP_CA_FILE" in answer["mail"]
    assert len(mailbox.letters) == 1
    wrong = load(**(settings.model_dump() | {"smtp_password": "wrong"}))
    assert try_out(wrong)["mail"].endswith("it answered 535")


def test_an_address_that_is_no_more_keeps_nobody_else_from_being_told_and_is_in_the_log(
    settings: Settings, mailbox: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """The letter counts as delivered; whoever reads the log learns how many did not get it, not who."""
    mailbox.unknown = settings.alert_to[1]
    logs.configure(quiet=True)
    assert try_out(settings)["mail"] == ""
    assert len(mailbox.letters) == 1
    said = capsys.readouterr().err
    assert '"count": 1' in said
    assert "hopital.invalid" not in said


@pytest.mark.parametrize(("shape", "key"), [("slack", "text"), ("teams", "attachments")])
def test_chats_get_the_shape_they_take(settings: Settings, told: Receiver, shape: str, key: str) -> None:
    """Slack takes a text, Teams an adaptive card."""
    try_out(load(**(settings.model_dump() | {"alert_webhook_format": shape, "smtp_host": ""})))
    assert "rpps-sync" in str(told.posted[-1][key])


def test_the_textfile_is_whole_and_readable_to_the_collector(settings: Settings) -> None:
    """What node_exporter reads: the last run, the open incident, and nothing left beside."""
    ran(settings, START, Outcome.FAILED, "no", exit_code=1)
    look(settings, START)
    path = settings.metrics_textfile
    assert path is not None
    text = path.read_text()
    assert 'rpps_sync_last_run_outcome{outcome="failed"} 1.0' in text
    assert 'rpps_sync_incident_open{cause="run"} 1.0' in text
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(path.parent.glob(".*")) == []


def test_a_killed_run_is_recognised_by_the_next_look(settings: Settings) -> None:
    """Nobody holds its lock: it is closed as failed, with the step it was killed in, and is an incident."""
    with writing(settings.database) as connection:
        ledger.begin_run(connection, "killed", START)
        ledger.beat(connection, "killed", "publish", START + HOUR)
    assert look(settings, START + 2 * HOUR).opened == ("run",)
    with reading(settings.database) as connection:
        (run,) = ledger.runs(connection)
    assert (run["outcome"], run["finished_at"], run["message"]) == (
        "failed", "2026-11-20T07:00:00Z", "killed in the step 'publish'",
    )  # fmt: skip
