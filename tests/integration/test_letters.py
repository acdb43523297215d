"""Reports by mail: a real mail server with TLS, a real outbox, and nobody named unless it was asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from databases import reading, writing
from mail_server import Mailbox, mail_server
from pipelines import alerting, letters
from rpps_sync import cli, clock
from rpps_sync.clock import parse_instant
from rpps_sync.directory import ledger
from rpps_sync.directory.tables import FINDINGS, LETTERS, RUNS
from rpps_sync.errors import EXIT_OK
from rpps_sync.run_summary import Outcome, RunSummary
from rpps_sync.settings import Settings, load

START = parse_instant("2026-11-23T06:00:00Z")
RPPS = "99900000003"


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    """A mail server."""
    with mail_server(tmp_path_factory.mktemp("mail")) as served:
        yield served


@pytest.fixture
def settings(tmp_path: Path, database_url: str, mailbox: Mailbox) -> Settings:
    """Who is sent what, in which language."""
    mailbox.letters.clear()
    mailbox.refuse = ""
    return load(
        home=tmp_path / "home",
        database_url=database_url,
        smtp_host="127.0.0.1",
        smtp_port=mailbox.port,
        smtp_user="rpps-sync",
        smtp_password="invented-secret",
        smtp_from="rpps-sync@hopital.invalid",
        smtp_ca_file=mailbox.ca_file,
        report_night_to="dsi@hopital.invalid",
        report_week_to="direction@hopital.invalid, dim@hopital.invalid, en:audit@hopital.invalid",
    )


@pytest.fixture
def run(settings: Settings) -> RunSummary:
    """A night in the ledger, which left somebody to be looked at."""
    summary = RunSummary("20261123T060000Z-abcdef", START, START + timedelta(minutes=2), Outcome.UNCHANGED)
    with writing(settings.database) as connection:
        ledger.begin_run(connection, summary.run_id, START)
        ledger.finish_run(connection, summary)
        connection.execute(FINDINGS.insert().values(**_finding()))
    return summary


def _finding() -> dict[str, object]:
    today = START.date()
    text = dict.fromkeys(
        ("element", "claim_value", "directory_value", "resolved_by", "registration_authority"), ""
    )
    return text | {
        "id": "f" * 16,
        "national_id": f"8{RPPS}",
        "source": "dpi-chu",
        "field": "practitioner",
        "verdict": "departed_practitioner",
        "stale_side": "token",
        "since": today,
        "first_seen": today,
        "last_seen": today,
        "occurrences": 1,
        "status": "open",
        "lag_days": None,
        "severity": "high",
        "confidence": "verified",
        "evidence": {},
    }


def test_week_goes_to_each_in_their_language(settings: Settings, run: RunSummary, mailbox: Mailbox) -> None:
    """One letter a language, with text and markup, over TLS; no number of a person in any part."""
    with clock.pinned(START + timedelta(hours=2)):
        assert letters.mail(settings, "week", "2026-11-23") == {"delivered": 2, "waiting": 0}
    french, english = mailbox.letters
    assert french["To"] == "direction@hopital.invalid, dim@hopital.invalid"
    assert english["To"] == "audit@hopital.invalid"
    assert french["Subject"] == "[rpps-sync] Semaine du 17 au 23 novembre 2026 : à voir"
    assert english["Subject"] == "[rpps-sync] Week of 17 to 23 November 2026: to look at"
    assert [part.get_content_type() for part in french.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert all(RPPS not in str(part.get_content()) for part in french.iter_parts())
    assert mailbox.logins[-1] == ("rpps-sync", True)
    assert french["Message-ID"] != english["Message-ID"]
    assert run.outcome is Outcome.UNCHANGED


def test_server_that_is_away_fails_no_run_and_is_tried_again(
    settings: Settings, run: RunSummary, mailbox: Mailbox
) -> None:
    """The letter waits in the outbox, without what it says; the next look of the scheduler sends it, once."""
    mailbox.refuse = "451 try later"
    with clock.pinned(START):
        letters.after_night(settings, run)
    assert mailbox.letters == []
    with reading(settings.database) as connection:
        row = connection.execute(LETTERS.select()).one()
    assert (row.reference, row.attempts) == (run.run_id, 1)
    assert "451" in row.failure
    mailbox.refuse = ""
    with clock.pinned(START + timedelta(minutes=6)):
        alerting.check(settings)
        alerting.check(settings)
    assert [letter["Subject"] for letter in mailbox.letters] == [
        "[rpps-sync] Nuit du 23 novembre 2026 : demande une intervention"
    ]


def test_server_that_stays_away_is_given_up_after_days(
    settings: Settings, run: RunSummary, mailbox: Mailbox
) -> None:
    """A report of last week is of no use: after three days nobody tries any more."""
    mailbox.refuse = "550 no"
    for days in range(5):
        with clock.pinned(START + timedelta(days=days)):
            if days == 0:
                letters.after_night(settings, run)
            else:
                alerting.check(settings)
    with reading(settings.database) as connection:
        row = connection.execute(LETTERS.select()).one()
    assert (row.next_at, row.delivered_at) == (None, None)


def test_numbers_are_told_only_to_operators_who_ask(settings: Settings, run: RunSummary, mailbox: Mailbox) -> None:
    """REPORT_IDENTIFIERS adds the gravest findings with their numbers; without it there is none."""
    with clock.pinned(START):
        letters.after_night(settings, run)
        asked = settings.model_copy(update={"report_identifiers": True})
        letters.after_night(asked, run)
    discreet, told = (letter.get_body(("plain",)) for letter in mailbox.letters)
    assert discreet is not None
    assert told is not None
    assert "s’authentifie encore" in discreet.get_content().replace("\n", " ").replace("  ", " ")
    assert RPPS not in discreet.get_content()
    assert RPPS in told.get_content()


def test_run_that_left_the_ledger_is_not_mailed_for_ever(
    settings: Settings, run: RunSummary, mailbox: Mailbox
) -> None:
    """What can never be written is given up at once, and does not hold back the letters behind it."""
    mailbox.refuse = "451 try later"
    with clock.pinned(START):
        letters.after_night(settings, run)
    mailbox.refuse = ""
    with writing(settings.database) as connection:
        connection.execute(RUNS.delete())
    with clock.pinned(START + timedelta(hours=2)):
        assert letters.mail(settings, "week", "2026-11-22") == {"delivered": 2, "waiting": 0}


def test_report_on_paper_is_attached_where_it_is_asked_for(
    settings: Settings, run: RunSummary, mailbox: Mailbox
) -> None:
    """The whole report as a PDF beside the letter; its page names nobody either."""
    with clock.pinned(START):
        letters.after_night(settings.model_copy(update={"report_pdf": True}), run)
    attached = list(mailbox.letters[0].iter_attachments())
    assert [part.get_filename() for part in attached] in ([f"{run.run_id}.pdf"], [])  # without Pango, none
    if attached:
        assert attached[0].get_content().startswith(b"%PDF-")


def test_nobody_to_write_to_is_no_error(settings: Settings, run: RunSummary, mailbox: Mailbox) -> None:
    """The job of the schedule runs on machines that mail nothing."""
    silent = settings.model_copy(update={"report_week_to": (), "report_night_to": ()})
    assert letters.mail(silent, "week", "2026-11-22") == {"delivered": 0, "waiting": 0}
    letters.after_night(silent, run)
    assert mailbox.letters == []


@pytest.fixture
def rpps_sync(
    settings: Settings,
    run: RunSummary,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., tuple[int, str, str]]:
    """The command, with the settings in its environment."""
    for name in ("database_url", "smtp_password"):
        monkeypatch.setenv(f"RPPS_SYNC_{name.upper()}", getattr(settings, name).get_secret_value())
    for name in ("home", "smtp_host", "smtp_port", "smtp_user", "smtp_from", "smtp_ca_file"):
        monkeypatch.setenv(f"RPPS_SYNC_{name.upper()}", str(getattr(settings, name)))
    monkeypatch.setenv("RPPS_SYNC_REPORT_WEEK_TO", "direction@hopital.invalid")
    monkeypatch.setenv("RPPS_SYNC_NOW", "2026-11-30T07:30:00Z")
    assert run.outcome is Outcome.UNCHANGED

    def command(*arguments: str) -> tuple[int, str, str]:
        code = cli._run(list(arguments))
        seen = capsys.readouterr()
        return code, seen.out, seen.err

    return command


def test_job_of_monday_writes_and_mails_the_week(
    rpps_sync: Callable[..., tuple[int, str, str]], settings: Settings, mailbox: Mailbox
) -> None:
    """What the schedule runs: three files, and one letter; the answer to machines says both."""
    code, out, _ = rpps_sync("report", "--edition", "week", "--format", "html,json,xlsx", "--send", "--json")
    answer = json.loads(out)
    assert code == EXIT_OK
    assert (answer["first"], answer["last"]) == ("2026-11-23", "2026-11-29")
    assert answer["mail"] == {"delivered": 1, "waiting": 0}
    assert {Path(name).name for name in answer["files"]} == {
        f"week-2026-11-29.{name}" for name in ("html", "json", "xlsx")
    }
    assert (settings.reports / "latest-week.html").exists()
    assert len(mailbox.letters) == 1


def test_edition_asked_for_wrongly_is_told_in_words(rpps_sync: Callable[..., tuple[int, str, str]]) -> None:
    """A day that has not come, a run of a week, a last day of a night: usage errors with a mend."""
    for arguments in (
        ("--edition", "week", "--ending", "2027-01-01"),
        ("--edition", "month", "--run", "x"),
        ("--ending", "2026-11-22"),
        ("--edition", "week", "--format", "docx"),
    ):
        code, out, err = rpps_sync("report", *arguments)
        assert (code, out) == (2, "")
        assert "Traceback" not in err
