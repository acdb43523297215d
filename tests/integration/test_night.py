import shutil
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import func, select

from databases import reading, writing
from extract_builder import hospital, national_id, person, world, write
from pipelines.nightly import accept, run_night
from rpps_sync.directory import ledger
from rpps_sync.directory.lookup import lookup
from rpps_sync.directory.tables import CHANGES
from rpps_sync.errors import DirectoryError, LockHeld
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.run_summary import Outcome
from rpps_sync.settings import Settings

from .conftest import RunDay

PA = ExtractKind.PERSONNE_ACTIVITE


def count_changes(settings: Settings) -> int:
    """How many changes the feed holds."""
    with reading(settings.database) as connection:
        return connection.execute(select(func.count()).select_from(CHANGES)).scalar_one()


def test_a_first_night_publishes_everybody(run_day: RunDay) -> None:
    """An empty installation ends its first night with everybody published, and no check failed."""
    summary = run_day(18, world(300))
    assert (summary.outcome, summary.exit_code) == (Outcome.PUBLISHED, 0)
    assert summary.delta.practitioners.total == 300
    assert summary.report is not None
    assert summary.report.is_file()


def test_running_twice_changes_nothing(run_day: RunDay, settings: Settings) -> None:
    """The same files again are no publication, no change, and no failure."""
    run_day(18, world(300))
    before = count_changes(settings)
    summary = run_day(18, world(300))
    assert (summary.outcome, summary.exit_code) == (Outcome.UNCHANGED, 0)
    assert count_changes(settings) == before


def test_a_shuffled_file_publishes_no_change(run_day: RunDay) -> None:
    """The order of lines means nothing, from one night to the next."""
    lines = world(300)
    run_day(18, lines)
    summary = run_day(19, {kind: rows[::-1] for kind, rows in lines.items()})
    assert summary.outcome is Outcome.PUBLISHED
    assert (summary.delta.lines_added, summary.delta.practitioners.changed) == (0, 0)


def test_a_renamed_column_refuses_the_night_and_names_it(
    run_day: RunDay, settings: Settings, tmp_path: Path
) -> None:
    """A renamed column is refused by name; the former publication is still served."""
    first = run_day(18, world(300))
    shutil.copytree(tmp_path / "day-18", tmp_path / "renamed")
    for path in (tmp_path / "renamed").iterdir():
        content = path.read_text(encoding="utf-8").replace("Code profession|", "Code métier|", 1)
        path.rename(path.with_name(path.name.replace("20261118", "20261119"))).write_text(
            content, encoding="utf-8"
        )
    summary = run_night(settings, FolderSource(tmp_path / "renamed"))
    assert (summary.outcome, summary.exit_code) == (Outcome.REFUSED, 3)
    assert "Code profession" in summary.message
    assert first.publication is not None
    assert summary.served == first.publication.id


@pytest.mark.parametrize("content", [b"", b"<!DOCTYPE html><html><body>Maintenance</body></html>\n"])
def test_what_is_no_extract_is_refused_before_anything_is_touched(
    run_day: RunDay, settings: Settings, tmp_path: Path, content: bytes
) -> None:
    """An empty file or a web page in place of an extract leaves the archive and the directory as they were."""
    first = run_day(18, world(300))
    shutil.copytree(tmp_path / "day-18", tmp_path / "bad")
    for path in (tmp_path / "bad").glob("*Personne*"):
        path.rename(path.with_name(path.name.replace("20261118", "20261119"))).write_bytes(content)
    archived = sorted(settings.archive.rglob("*"))
    summary = run_night(settings, FolderSource(tmp_path / "bad"))
    assert (summary.outcome, summary.exit_code) == (Outcome.REFUSED, 3)
    assert first.publication is not None
    assert summary.served == first.publication.id
    assert sorted(settings.archive.rglob("*")) == archived


def test_a_broken_line_is_set_aside_and_its_owner_keeps_the_last_good_version(
    run_day: RunDay, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One unreadable line costs one practitioner one night of freshness, nothing else; the next night mends it."""
    run_day(18, world(300))
    lines = world(300)
    lines[PA][7] = person(7, **hospital(3))
    lines[PA][8] = person(8, **hospital(3))
    folder = _broken(tmp_path, lines)
    monkeypatch.setenv("RPPS_SYNC_NOW", "2026-11-19T06:00:00Z")
    summary = run_night(settings, FolderSource(folder))
    assert summary.outcome is Outcome.PUBLISHED
    assert [(line.line_number, line.reason) for line in summary.quarantine] == [(9, "field-count")]
    assert _hospital_of(settings, 7) == ("HOPITAL INVENTE 7", "2026-11-19")
    assert _hospital_of(settings, 8) == ("HOPITAL INVENTE 3", None)
    run_day(20, lines)
    assert _hospital_of(settings, 7) == ("HOPITAL INVENTE 3", None)


def _broken(tmp_path: Path, lines: dict[ExtractKind, list[dict[str, str]]]) -> Path:
    folder = write(tmp_path / "broken", "202611190515", lines)
    (path,) = folder.glob("*Personne*")
    rows = path.read_text(encoding="utf-8").split("\n")
    rows[8] = rows[8].rsplit("|", 1)[0]
    path.write_text("\n".join(rows), encoding="utf-8")
    return folder


def _hospital_of(settings: Settings, number: int) -> tuple[str, str | None]:
    with reading(settings.database) as connection:
        document = lookup(connection, national_id(number))
    (activity,) = document["exercises"][0]["activities"]
    return activity["structure"]["name"], document["held_since"]


def test_a_directory_that_loses_a_third_is_refused_until_somebody_accepts_it(
    run_day: RunDay, settings: Settings
) -> None:
    """The gate keeps a massive loss out; an operator may let it in by name, and the ledger says who and why."""
    run_day(18, world(600))
    refused = run_day(19, world(400))
    assert (refused.outcome, refused.exit_code) == (Outcome.REFUSED, 3)
    assert any(check.blocks for check in refused.checks)
    again = run_day(19, world(400))
    assert (again.outcome, again.exit_code) == (Outcome.REFUSED, 3)
    assert refused.publication is not None
    accepted = accept(settings, refused.publication.id, by="C. EXEMPLE", because="reform of the register")
    assert accepted.outcome is Outcome.PUBLISHED
    assert accepted.delta.practitioners.departed == 200
    with reading(settings.database) as connection:
        entry = ledger.publications(connection)[0]
    assert (entry["accepted_by"], entry["accepted_because"]) == ("C. EXEMPLE", "reform of the register")


def test_two_runs_do_not_overlap(run_day: RunDay, settings: Settings, tmp_path: Path) -> None:
    """While a run is at work, another one ends at once and says so."""
    run_day(18, world(50))
    with FileLock(settings.home / "run.lock"), pytest.raises(LockHeld) as told:
        run_night(settings, FolderSource(tmp_path / "day-18"))
    assert told.value.exit_code == 75


def test_a_database_newer_than_the_program_is_left_alone(
    run_day: RunDay, settings: Settings, tmp_path: Path
) -> None:
    """A schema this program does not know is refused, with the mend, before anything is done."""
    run_day(18, world(50))
    with writing(settings.database) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DirectoryError, match="newer") as told:
        run_night(settings, FolderSource(tmp_path / "day-18"))
    assert "install" in told.value.mend


def test_a_lost_archive_costs_time_not_truth(run_day: RunDay, settings: Settings) -> None:
    """Without yesterday's lines everybody is looked at again, and only what moved is a change."""
    lines = world(300)
    run_day(18, lines)
    shutil.rmtree(settings.archive)
    shutil.rmtree(settings.home / "lines")
    changed = {**lines, PA: [*lines[PA][:-2], person(298, **hospital(4))]}
    summary = run_day(19, changed)
    assert summary.outcome is Outcome.PUBLISHED
    people = summary.delta.practitioners
    assert (people.added, people.changed, people.departed) == (0, 1, 1)


def test_an_extract_switched_off_takes_its_part_of_the_documents(
    run_day: RunDay, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A publication without one of its extracts is refused; accepted, it forgets what only that one said."""
    run_day(18, world(300))
    lines = world(300)
    fewer = settings.model_copy(update={"extracts": (PA, ExtractKind.SAVOIRFAIRE)})
    monkeypatch.setenv("RPPS_SYNC_NOW", "2026-11-19T06:00:00Z")
    refused = run_night(fewer, FolderSource(write(tmp_path / "fewer", "202611190515", lines)))
    assert [check.name for check in refused.checks if check.blocks] == ["publication.files"]
    assert refused.publication is not None
    accepted = accept(fewer, refused.publication.id, by="C. EXEMPLE", because="no need of diplomas")
    assert accepted.delta.practitioners.changed == 300
