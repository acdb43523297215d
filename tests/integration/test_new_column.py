"""The publisher adds a column overnight: it is kept as it came, told, and changes nobody."""

import json
from pathlib import Path

import pytest

from extract_builder import world, write
from pipelines.nightly import run_night
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.archive import Archive
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.publisher.layouts import layout
from rpps_sync.run_summary import CheckStatus, Outcome
from rpps_sync.settings import Settings

from .conftest import RunDay

PA = ExtractKind.PERSONNE_ACTIVITE
COLUMN = "Indicateur téléconsultation"


def widened(folder: Path) -> Path:
    """Put one more column, filled differently on each line, in the middle of the activity file."""
    (path,) = folder.glob(f"{layout(PA).title}*")
    header, *rows = (line.split("|") for line in path.read_text(encoding="utf-8").splitlines())
    lines = [[*header[:5], COLUMN, *header[5:]]]
    lines += [[*row[:5], f"valeur {number}", *row[5:]] for number, row in enumerate(rows)]
    path.write_text("".join("|".join(line) + "\n" for line in lines), encoding="utf-8")
    return folder


def test_a_column_nobody_knows_is_kept_told_and_changes_nobody(
    run_day: RunDay, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No line has moved and no document; the check names the column, and so does the report."""
    run_day(18, world(300))
    monkeypatch.setenv("RPPS_SYNC_NOW", "2026-11-19T06:00:00Z")
    night = run_night(settings, FolderSource(widened(write(tmp_path / "wide", "202611190515", world(300)))))
    assert (night.outcome, night.exit_code) == (Outcome.PUBLISHED, 0)
    assert (night.delta.lines_added, night.delta.lines_removed) == (0, 0)
    people = night.delta.practitioners
    assert (people.added, people.changed, people.departed, people.total) == (0, 0, 0, 300)
    (told,) = [check for check in night.checks if check.name == "columns.unknown" and check.file == PA]
    assert (told.status, told.samples) == (CheckStatus.WARNED, (COLUMN,))
    assert COLUMN in json.dumps(night.to_json(), ensure_ascii=False)
    assert night.report is not None
    assert COLUMN in night.report.read_text(encoding="utf-8")
    archive = Archive(settings.archive)
    newest = archive.newest()
    assert newest is not None
    with archive.open(newest, PA) as stream:
        assert b"|valeur 299|" in stream.read()
    following = run_night(settings, FolderSource(widened(write(tmp_path / "next", "202611200515", world(299)))))
    assert (following.delta.lines_removed, following.delta.practitioners.departed) == (2, 1)
