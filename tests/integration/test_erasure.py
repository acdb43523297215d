"""Erasure on request and by age, with its proof: rows, reports, and the bytes of the files."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from extract_builder import hospital, national_id, person
from invented_issuer import CLIENT, ISSUER, id_claims, signed, write_key_set
from pipelines.claims_intake import take_in, verifier_of
from pipelines.comparison import compare
from pipelines.retention import forget, purge
from rpps_sync import clock
from rpps_sync.directory import erasure
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.erasure import ABOUT_PEOPLE
from rpps_sync.errors import UsageError
from rpps_sync.publication import ExtractKind
from rpps_sync.settings import Settings, load
from small_directory import SmallDirectory

STRANGER = national_id(7)  # in no publication: nothing but tokens speaks of them
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def directory(tmp_path: Path, database_url: str) -> Iterator[SmallDirectory]:
    """One publication with nurse 1."""
    small = SmallDirectory(tmp_path, database_url)
    small.publish({ExtractKind.PERSONNE_ACTIVITE: [person(1, **hospital(1))]})
    yield small
    small.engine.dispose()


@pytest.fixture
def settings(directory: SmallDirectory, tmp_path: Path) -> Settings:
    """A home beside that database."""
    key_set = write_key_set(tmp_path)
    return load(
        home=tmp_path / "home",
        database_url=directory.url,
        psc_issuer=ISSUER,
        psc_client_id=CLIENT,
        psc_jwks_url=str(key_set),
    )


def seen(number: int, day: int, **changes: Any) -> bytes:
    """What an application saw of somebody on a day of November."""
    activity = {"codeModeExercice": "L", "identifiantTechniqueDeLaStructure": f"R1010000000000{number}"}
    exercise = {"codeProfession": "60", "nomDexercice": f"JETONSEUL {number}", "activities": [activity]}
    userinfo = {"sub": "s", "SubjectNameID": national_id(number), "SubjectRefPro": {"exercices": [exercise]}}
    item = {"observed_at": f"2026-11-{day:02}T08:12:00Z", "source": "dpi", "userinfo": userinfo | changes}
    return json.dumps(item).encode() + b"\n"


def observe(directory: SmallDirectory, settings: Settings, *lines: bytes) -> tuple[int, int]:
    """Take lines in; how many were new, how many known."""
    with clock.pinned(NOW):
        summary = take_in(directory.engine, io.BytesIO(b"".join(lines)), verifier_of(settings), grace=1)
    return summary.accepted, summary.duplicate


def rows(directory: SmallDirectory) -> dict[str, int]:
    """How many rows speak of people, by table."""
    with reading(directory.engine) as connection:
        count = select(func.count())
        return {table.name: connection.scalar(count.select_from(table)) or 0 for table in ABOUT_PEOPLE}


def test_person_who_is_forgotten_leaves_no_row_no_report_and_a_proof(
    directory: SmallDirectory, settings: Settings
) -> None:
    """Every table about people is counted; the ledger says what went and never about whom."""
    observe(directory, settings, seen(1, 3), seen(7, 3))
    before = rows(directory)
    settings.reports.mkdir(parents=True)
    (settings.reports / "latest.html").write_text(f"<td>{STRANGER}</td>")
    (settings.reports / "latest.pdf").write_bytes(b"%PDF- compressed: who is in it cannot be looked for")
    (settings.reports / "latest-week.pdf").write_bytes(b"%PDF- counts people, names none")
    (settings.reports / "other.html").write_text("<td>nobody</td>")
    with clock.pinned(NOW):
        erased = forget(directory.engine, settings, STRANGER[1:], by="dpo", because="request of 19 November")
    assert erased.entry.removed == {
        "observations": 1,
        "comparisons": 1,
        "finding_events": 1,
        "findings": 1,
        "reports": 2,
    }
    assert rows(directory) == {name: count - erased.entry.removed[name] for name, count in before.items()}
    assert {path.name for path in settings.reports.iterdir()} == {"latest-week.pdf", "other.html"}
    with reading(directory.engine) as connection:
        (entry,) = erasure.ledger(connection)
    assert entry == erased.entry.to_json()
    assert STRANGER[1:] not in json.dumps(entry)


def test_report_of_any_format_that_names_the_person_goes(directory: SmallDirectory, settings: Settings) -> None:
    """A workbook is searched part by part; what nobody can search goes, but for the figures of a week."""
    settings.reports.mkdir(parents=True)
    for name, whom in (("20261103T060000Z-abc123.xlsx", STRANGER), ("latest.xlsx", national_id(1))):
        with zipfile.ZipFile(settings.reports / name, "w", zipfile.ZIP_DEFLATED) as workbook:
            workbook.writestr("xl/sharedStrings.xml", f"<si><t>{whom}</t></si>" * 50)
    (settings.reports / "20261103T060000Z-abc123.pdf").write_bytes(b"%PDF-1.7")
    half = (settings.reports / "latest.xlsx").read_bytes().replace(b"PK\x03\x04", b"PK\x00\x00")
    (settings.reports / "20261104T060000Z-abc123.xlsx").write_bytes(half)
    (settings.reports / "week-2026-W45.pdf").write_bytes(b"%PDF-1.7")
    assert forget(directory.engine, settings, STRANGER).entry.removed["reports"] == 3
    assert sorted(path.name for path in settings.reports.iterdir()) == ["latest.xlsx", "week-2026-W45.pdf"]


def test_what_an_erasure_does_not_reach_is_said(directory: SmallDirectory, settings: Settings) -> None:
    """A file that waits would bring the person back the next night; copies and applications are elsewhere."""
    waiting = settings.inbox / "pui" / "today.jsonl"
    waiting.parent.mkdir(parents=True)
    waiting.write_bytes(seen(7, 3))
    told = forget(directory.engine, settings, STRANGER).not_reached
    assert str(waiting) in told[0]
    assert len(told) == 3
    waiting.unlink()
    assert len(forget(directory.engine, settings, STRANGER).not_reached) == 2


def test_reason_that_names_the_person_is_refused(directory: SmallDirectory, settings: Settings) -> None:
    """The ledger of erasures would remember for ever whom it forgot."""
    observe(directory, settings, seen(7, 3))
    with pytest.raises(UsageError, match="names the person"):
        forget(directory.engine, settings, STRANGER, because=f"request of {STRANGER[1:]}")
    assert rows(directory)["observations"] == 1


def test_identifier_is_not_in_the_bytes_of_the_files_any_more(
    directory: SmallDirectory, settings: Settings, tmp_path: Path
) -> None:
    """Neither the embedded database nor its write-ahead log holds the number or the name that a token gave."""
    observe(directory, settings, *(seen(number, 3) for number in (1, 7, 8)))
    observe(directory, settings, seen(7, 4, SubjectRole=["60^1.2.250.1.213.1.1.5.5"]))
    files = list(tmp_path.glob("*.sqlite*"))
    needles = (STRANGER[1:].encode(), b"JETONSEUL 7")
    if files:  # on a server the files are the server's; its VACUUM is all we can ask for
        assert any(needle in file.read_bytes() for file in files for needle in needles)
    assert forget(directory.engine, settings, STRANGER).scrubbed
    assert not [file.name for file in tmp_path.glob("*.sqlite*") if any(n in file.read_bytes() for n in needles)]
    with reading(directory.engine) as connection:
        assert STRANGER not in connection.execute(select(erasure.OBSERVATIONS.c.national_id)).scalars().all()


def test_forgotten_person_does_not_come_back_with_yesterdays_file_but_with_a_new_login(
    directory: SmallDirectory, settings: Settings
) -> None:
    """The digests of the lines stay, so the same file brings nobody back; a new login is a new fact."""
    observe(directory, settings, seen(7, 3))
    forget(directory.engine, settings, STRANGER)
    assert observe(directory, settings, seen(7, 3)) == (0, 1)
    with writing(directory.engine) as connection:
        assert compare(connection, grace=1).observed == 0
    assert rows(directory)["observations"] == 0
    assert observe(directory, settings, seen(7, 9)) == (1, 0)
    assert rows(directory)["observations"] == 1


def test_forgetting_nobody_is_done_and_counted_as_nothing(directory: SmallDirectory, settings: Settings) -> None:
    """Asking twice does no harm, and the request itself is on the ledger."""
    erased = forget(directory.engine, settings, STRANGER)
    assert erased.entry.nothing
    with reading(directory.engine) as connection:
        assert len(erasure.ledger(connection)) == 1


def test_what_was_last_seen_before_the_retention_goes_and_the_rest_stays(
    directory: SmallDirectory, settings: Settings
) -> None:
    """The day of the limit is kept, the day before is not; old reports go; nothing to do leaves no entry."""
    observe(directory, settings, seen(1, 3), seen(7, 1), seen(8, 2))
    settings.reports.mkdir(parents=True)
    for name in ("20261101T060000Z-abc123.html", "20261101T060000Z-abc123.pdf", "latest.html"):
        (settings.reports / name).touch()
    (settings.reports / "20261102T060000Z-abc123.json").touch()
    limit = datetime(2026, 11, 2, tzinfo=UTC) + timedelta(days=settings.retention_days)
    with clock.pinned(limit):
        erased = purge(directory.engine, settings)
        again = purge(directory.engine, settings)
    assert erased.entry.to_json()["before"] == "2026-11-02"
    assert erased.oldest_left == date(2026, 11, 2)
    gone = {"observations": 1, "comparisons": 1, "findings": 1, "finding_events": 1, "intake": 1, "reports": 2}
    assert erased.entry.removed == gone
    assert again.entry.nothing
    with reading(directory.engine) as connection:
        assert [entry["removed"] for entry in erasure.ledger(connection)] == [gone]
        kept = set(connection.execute(select(erasure.OBSERVATIONS.c.national_id)).scalars())
    assert kept == {national_id(1), national_id(8)}


def test_former_claims_of_somebody_still_seen_go_by_their_own_day(
    directory: SmallDirectory, settings: Settings
) -> None:
    """Whoever signs in every day is not remembered for ever: each version goes by its last day."""
    old = seen(1, 1).replace(b"JETONSEUL 1", b"JETONSEUL ANCIEN")
    observe(directory, settings, old, seen(1, 9))
    with clock.pinned(datetime(2026, 11, 5, tzinfo=UTC) + timedelta(days=settings.retention_days)):
        removed = purge(directory.engine, settings).entry.removed
    assert (removed["observations"], removed["comparisons"], rows(directory)["observations"]) == (1, 0, 1)


def test_token_names_and_birth_data_reach_no_file_and_no_number_reaches_a_log(
    directory: SmallDirectory, settings: Settings, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Everything written after a full intake and comparison: no token, no civil name, no birth data, no sub."""
    token = signed(id_claims(sub="subject-secret", preferred_username=STRANGER))
    civil = {"sub": "subject-secret", "family_name": "NOMCIVILSECRET", "birthdate": "1971-02-03"}
    line = json.loads(seen(7, 20, **civil)) | {"id_token": token}
    assert observe(directory, settings, json.dumps(line).encode() + b"\n") == (1, 0)
    with writing(directory.engine) as connection:
        compare(connection, grace=1)
    said = "".join(capfd.readouterr())
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    with reading(directory.engine) as connection:
        for table in (*ABOUT_PEOPLE, erasure.INTAKE):
            written += repr(connection.execute(select(table)).all()).encode()
    for secret in (*token.split("."), "subject-secret", "NOMCIVILSECRET", "1971-02-03"):
        assert secret.encode() not in written
        assert secret not in said
    assert STRANGER[1:] not in said
