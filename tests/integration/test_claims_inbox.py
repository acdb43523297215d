"""The watched folder, from the applications that write into it to the night that empties it."""

import io
import json
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import make_url
from typer.testing import CliRunner

from databases import reading
from extract_builder import national_id, world
from forged_tokens import FORGED, SECRET
from invented_issuer import CLIENT, ISSUER, id_claims, signed, userinfo, write_key_set
from pipelines.claims_inbox import take_in_inbox
from pipelines.claims_intake import take_in, verifier_of
from rpps_sync import client, clock
from rpps_sync.cli import app
from rpps_sync.directory import migrations
from rpps_sync.directory.engine import open_engine
from rpps_sync.directory.intake_counts import statistics
from rpps_sync.directory.observations import claim_histories
from rpps_sync.errors import DirectoryError, PublisherUnreachable
from rpps_sync.limits import LIMITS
from rpps_sync.run_summary import InboxSummary
from rpps_sync.settings import Settings, load

from .conftest import RunDay

MORNING = datetime(2026, 11, 20, 8, 12, tzinfo=UTC)
Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Iterator[Settings]:
    """An installation whose database is ready, on the morning of a day."""
    with clock.pinned(MORNING):
        yield load(
            home=tmp_path,
            database_url=database_url,
            psc_issuer=ISSUER,
            psc_client_id=CLIENT,
            psc_jwks_url=str(write_key_set(tmp_path)),
        )


@pytest.fixture
def run(home: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run one command on that installation, and hand back its result."""
    monkeypatch.setenv("RPPS_SYNC_HOME", str(home.home))
    monkeypatch.setenv("RPPS_SYNC_DATABASE_URL", home.database)
    monkeypatch.setenv("RPPS_SYNC_PSC_ISSUER", ISSUER)
    monkeypatch.setenv("RPPS_SYNC_PSC_CLIENT_ID", CLIENT)
    monkeypatch.setenv("RPPS_SYNC_PSC_JWKS_URL", home.psc_jwks_url)
    monkeypatch.setenv("RPPS_SYNC_NOW", "2026-11-20T08:12:00Z")
    return lambda *arguments, given=b"": CliRunner().invoke(app, list(arguments), input=given)


def seen(number: int = 1, **changes: Any) -> bytes:
    """One line of an application."""
    told = userinfo(SubjectNameID=national_id(number), preferred_username=national_id(number))
    item = {"observed_at": "2026-11-20T08:12:00Z", "source": "dpi", "userinfo": told, **changes}
    return json.dumps(item).encode() + b"\n"


def left(settings: Settings, name: str, *lines: bytes) -> Path:
    """A file in the watched folder."""
    file = settings.inbox / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"".join(lines))
    return file


def take(settings: Settings) -> InboxSummary:
    """Take in what is there."""
    engine = open_engine(settings.database)
    try:
        return take_in_inbox(engine, settings)
    finally:
        engine.dispose()


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(path.name for path in folder.iterdir())


def occurrences(settings: Settings) -> dict[tuple[str, str], int]:
    """How often each person was seen by each application."""
    with reading(settings.database) as connection:
        return {
            (history.national_id, history.source): sum(version.occurrences for version in history.versions)
            for history in claim_histories(connection)
        }


def test_file_taken_in_whole_leaves_a_receipt_and_no_claims(home: Settings) -> None:
    """Nothing of what applications saw stays on the disk longer than it is needed."""
    left(home, "dpi-1.jsonl", seen(1), seen(2))
    summary = take(home)
    assert (summary.files, summary.accepted, summary.refused, summary.waiting) == (1, 2, {}, ())
    assert names(home.inbox) == ["done", "refused"]
    (receipt,) = (home.inbox / "done").iterdir()
    assert receipt.name == "dpi-1.20261120T081200.json"
    told = json.loads(receipt.read_text())
    assert (told["file"], told["accepted"], told["practitioners"]) == ("dpi-1.jsonl", 2, 2)
    assert national_id(1)[1:] not in receipt.read_text()


def test_file_still_being_written_is_left_alone(home: Settings) -> None:
    """Only what bears its final name is read; links and hidden files are none of ours."""
    half = [left(home, name, seen(1)) for name in ("a.part", "b.jsonl.part", "c.json", ".d.jsonl", "e.jsonl.tmp")]
    outside = left(home, "../elsewhere.jsonl", seen(1))
    (home.inbox / "f.jsonl").symlink_to(outside)
    assert take(home).files == 0
    assert all(file.exists() for file in half)
    assert outside.exists()


def test_file_with_refused_lines_leaves_their_numbers_and_may_be_written_again(home: Settings) -> None:
    """No token stays on the disk for days; the same file comes again, and what was kept before counts once."""
    lines = seen(1), seen(2, id_token="not a token"), b"half a li"
    left(home, "dpi-1.jsonl", *lines)
    assert take(home).refused == {"malformed": 1, "not-json": 1}
    (receipt,) = (home.inbox / "refused").iterdir()
    assert "not a token" not in receipt.read_text()
    assert json.loads(receipt.read_text())["refused_lines"] == [
        {"line": 2, "reason": "malformed"},
        {"line": 3, "reason": "not-json"},
    ]
    left(home, "again.jsonl", *lines)
    assert (take(home).duplicate, occurrences(home)) == (1, {(national_id(1), "dpi"): 1})
    for file in (home.inbox / "refused").iterdir():
        old = file.stat().st_mtime - LIMITS.receipt_days * 86_400 - 60
        os.utime(file, (old, old))
    take(home)
    assert names(home.inbox / "refused") == []


def test_power_cut_between_keeping_and_filing_away_counts_nothing_twice(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is still there, is taken in again, and then filed away."""
    left(home, "dpi-1.jsonl", seen(1), seen(2))

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("pipelines.claims_inbox._file_away", cut)
        with pytest.raises(KeyboardInterrupt):
            take(home)
    summary = take(home)
    assert (summary.files, summary.accepted, summary.duplicate) == (1, 0, 2)
    assert set(occurrences(home).values()) == {1}
    assert names(home.inbox) == ["done", "refused"]


def test_folder_of_an_application_says_whose_its_files_are(home: Settings) -> None:
    """An application that may write into its own folder only cannot speak for another."""
    left(home, "pui/1.jsonl", seen(1, source="dpi"))
    left(home, "1.jsonl", seen(1))
    assert take(home).files == 2
    assert set(occurrences(home)) == {(national_id(1), "pui"), (national_id(1), "dpi")}
    assert [name.split(".")[0] for name in names(home.inbox / "done")] == ["1", "pui-1"]


@pytest.mark.parametrize("broken", [{"psc_jwks_url": "http://127.0.0.1:9/certs"}, {"psc_client_id": ""}])
def test_file_waits_when_its_tokens_cannot_be_judged(home: Settings, broken: dict[str, str]) -> None:
    """An issuer that is down, or a missing setting, refuses nothing for good; other files are taken in."""
    proof = seen(1, id_token=signed(id_claims(preferred_username=national_id(1))))
    left(home, "a.jsonl", proof)
    left(home, "b.jsonl", seen(2))
    summary = take(home.model_copy(update=broken))
    assert (summary.files, summary.accepted, len(summary.waiting)) == (1, 1, 1)
    assert summary.waiting[0].startswith("a.jsonl: ")
    assert (take(home).accepted, names(home.inbox)) == (1, ["done", "refused"])


def test_inbox_command_tells_what_was_taken_in_and_what_waits(run: Run, home: Settings) -> None:
    """Between two nights, by hand or from a timer; 75 says that something waits."""
    left(home, "a.jsonl", seen(1), b"{}\n")
    told = run("claims", "inbox", "--json")
    assert (told.exit_code, json.loads(told.stdout)["refused"]) == (0, {"bad-observed-at": 1})
    assert run("claims", "inbox").stdout == ("0 files: 0 accepted, 0 already known, 0 refused; 0 files waiting\n")


def test_statistics_tell_each_application_apart(run: Run, home: Settings) -> None:
    """Who sends what, how much of it can be believed, why the rest was refused, and when it was last heard of."""
    proof = seen(1, id_token=signed(id_claims(preferred_username=national_id(1))))
    forged = seen(3, id_token=signed(id_claims(aud="other", preferred_username=national_id(3))))
    left(home, "a.jsonl", proof, seen(2), seen(2), forged, seen(4, source="pui"), b"nobody's\n")
    take(home)
    nobody, dpi, pui = json.loads(run("claims", "stats", "--json").stdout)
    assert nobody["refused_by_reason"] == {"not-json": 1}
    assert dpi == {
        "source": "dpi",
        "accepted": 2,
        "attested": 1,
        "verified": 1,
        "duplicate": 1,
        "refused": 1,
        "refused_by_reason": {"wrong-audience": 1},
        "practitioners": 2,
        "first_taken": "2026-11-20",
        "last_taken": "2026-11-20",
        "last_seen": "2026-11-20",
    }
    assert (pui["accepted"], pui["practitioners"]) == (1, 1)
    shown = run("claims", "stats")
    assert "pui" in shown.stdout
    assert "dpi: 1 refused, wrong-audience" in shown.stderr
    assert json.loads(run("claims", "stats", "--since", "2026-11-21", "--json").stdout) == []


def test_keycloak_export_is_taken_in_as_one_application(run: Run, home: Settings) -> None:
    """The hospital's portal, with the day of the export; another export of a later day counts again."""
    users = [
        {"username": "a", "attributes": {"SubjectNameID": [national_id(1)], "codeProfession": ["10"]}},
        {"username": "admin"},
        {"username": "b", "attributes": {"SubjectNameID": [national_id(2)], "SubjectRefPro": ["not JSON"]}},
    ]
    file = home.home / "realm.json"
    file.write_text(json.dumps({"realm": "chu", "users": users}), encoding="utf-8")
    command = ["claims", "ingest", str(file), "--format", "keycloak", "--source", "portail", "--json"]
    first = run(*command, "--observed-at", "2026-11-19")
    assert first.exit_code == 0
    told = json.loads(first.stdout)
    assert (told["accepted"], told["passed_over"], told["refused_lines"]) == (
        1,
        1,
        [{"line": 3, "reason": "malformed"}],
    )
    assert json.loads(run(*command, "--observed-at", "2026-11-19").stdout)["duplicate"] == 1
    assert json.loads(run(*command, "--observed-at", "2026-11-20").stdout)["accepted"] == 1
    assert occurrences(home) == {(national_id(1), "portail"): 2}
    for wrong in (["--live"], []):
        assert run(*command[:5], *wrong, *(["--source", "p"] if wrong else [])).exception is not None


def test_sign_in_told_by_an_application_is_compared_the_same_night(
    run_day: RunDay, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the hook of the application to the findings of the morning, with nothing in between to operate."""
    monkeypatch.setattr("rpps_sync.client.observing._observer", None)
    settings.inbox.mkdir(parents=True)
    client.configure("dpi", inbox=settings.inbox)
    client.observe(userinfo(SubjectNameID=national_id(1), preferred_username=national_id(1)))
    assert client.flush(10)
    (file,) = settings.inbox.glob("*.jsonl")
    line = json.loads(file.read_text())
    file.write_text(json.dumps(line | {"observed_at": "2026-11-18T05:00:00Z"}), encoding="utf-8")
    summary = run_day(18, world(300))
    assert (summary.inbox.files, summary.inbox.accepted, summary.comparison.observed) == (1, 1, 1)
    assert summary.to_json()["inbox"]["accepted"] == 1
    assert "inbox" in summary.timings


def test_issuer_that_is_down_does_not_fail_the_night(run_day: RunDay, settings: Settings) -> None:
    """The directory is published; the summary says which file waits, and why."""
    left(settings, "a.jsonl", seen(1, observed_at="2026-11-18T05:00:00Z", id_token=signed(id_claims())))
    summary = run_day(18, world(300))
    assert (summary.outcome, len(summary.inbox.waiting)) == ("published", 1)
    assert "CLIENT_ID" in summary.inbox.waiting[0] or "not configured" in summary.inbox.waiting[0]


def test_nothing_of_a_forged_token_is_found_in_anything_written(
    run: Run, home: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """A hundred forgeries through the whole intake, each refused for its reason: outputs, logs, receipts, rows."""
    caplog.set_level(logging.DEBUG)
    tokens = [forge() for _, forge in FORGED.values()]
    lines = [seen(number, id_token=token) for number, token in enumerate(tokens)]
    lines += [seen(number, userinfo=token) for number, token in enumerate(tokens) if token]
    outputs = [run("--verbose", "claims", "ingest", "-", "--json", given=b"".join(lines))]
    outputs += [run("--verbose", "claims", "verify", given=token.encode()) for token in tokens[::8]]
    told = json.loads(outputs[0].stdout)
    assert told["accepted"] == 0
    assert [one["reason"] for one in told["refused_lines"][: len(tokens)]] == [why for why, _ in FORGED.values()]
    left(home, "forged.jsonl", *lines)
    outputs += [run("--verbose", "claims", "inbox"), run("claims", "stats", "--json")]
    everything = caplog.text + "".join(output.stdout + output.stderr for output in outputs)
    everything += "".join(path.read_text(errors="replace") for path in home.inbox.rglob("*") if path.is_file())
    everything += database_text(home)
    parts = {part for token in tokens for part in token.split(".") if len(part) > 12}
    assert not [part for part in parts if part in everything]
    assert SECRET not in everything
    assert "CIVILNAME" not in everything


def database_text(settings: Settings) -> str:
    """Every value of every table."""
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite":
        connection = sqlite3.connect(str(url.database))
        try:
            return "\n".join(connection.iterdump())
        finally:
            connection.close()
    engine = open_engine(settings.database)
    with engine.connect() as connection_:
        tables = connection_.exec_driver_sql(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        ).scalars()
        text = "\n".join(
            str(connection_.exec_driver_sql(f'SELECT * FROM "{name}"').all()) for name in list(tables)
        )
    engine.dispose()
    return text


def test_what_was_kept_before_the_keys_went_is_counted_once(home: Settings) -> None:
    """A stream that stops in the middle leaves whole transactions behind, and comes again whole."""
    engine = open_engine(home.database)
    migrations.ensure_current(engine)
    down = verifier_of(home.model_copy(update={"psc_jwks_url": "http://127.0.0.1:9/certs"}))
    lines = b"".join(seen(number) for number in range(2_100)) + seen(1, id_token=signed(id_claims()))
    with pytest.raises(PublisherUnreachable):
        take_in(engine, io.BytesIO(lines), down, grace=3)
    again = take_in(engine, io.BytesIO(lines), verifier_of(home), grace=3)
    engine.dispose()
    assert (again.accepted, again.duplicate, dict(again.refused)) == (101, 2_000, {})
    with reading(home.database) as connection:
        (dpi,) = statistics(connection)
    assert (dpi.attested, dpi.verified, dpi.duplicate) == (2_100, 1, 2_000)


def test_database_that_cannot_be_written_leaves_the_files_where_they_are(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not in the database is not filed away."""
    file = left(home, "a.jsonl", seen(1))

    def full(*_: object, **__: object) -> None:
        raise DirectoryError("the disk is full")

    monkeypatch.setattr("pipelines.claims_intake.intake_counts.add", full)
    with pytest.raises(DirectoryError):
        take(home)
    assert file.exists()
    assert occurrences(home) == {}
