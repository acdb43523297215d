"""Nights on a disk that grants the archive too little room."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ByteSize

from extract_builder import national_id, world, write
from pipelines.nightly import run_night
from pipelines.replay import replay
from rpps_sync import clock
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.archive import Archive
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.run_summary import Outcome, RunSummary
from rpps_sync.settings import load

PEOPLE = 200


def test_archive_without_room_gives_up_old_nights_says_so_and_can_still_rebuild_what_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day that last said something readable of somebody stays; the next one goes, before its time, by name."""
    settings = load(home=tmp_path / "home", archive_max=ByteSize(1))

    def night(day: int) -> RunSummary:
        monkeypatch.setenv(clock.CLOCK_VARIABLE, f"2026-11-{day:02}T06:00:00Z")
        folder = write(tmp_path / f"day-{day}", f"202611{day:02}0515", world(PEOPLE + day))
        if day > 1:
            (path,) = folder.glob("PS_LibreAcces_Personne_activite*")
            lines = path.read_bytes().split(b"\n")
            lines[3] = f"8|{national_id(2)[1:]}|{national_id(2)}|unreadable".encode()
            path.write_bytes(b"\n".join(lines))
        return run_night(settings, FolderSource(folder))

    first, second, third = (night(day) for day in (1, 2, 3))
    assert [run.outcome for run in (first, second, third)] == [Outcome.PUBLISHED] * 3
    ids = [run.publication.id for run in (first, second, third) if run.publication]
    assert [item.id for item in Archive(settings.archive).all()] == [ids[0], ids[2]]
    assert f"1 archived publications went before their time ({ids[1]})" in third.message
    assert "RPPS_SYNC_ARCHIVE_MAX is 1B" in third.message
    rebuilt = replay(settings, ids[2], f"sqlite:///{tmp_path / 'rebuilt.sqlite'}")
    assert (rebuilt.practitioners, rebuilt.held) == (third.delta.practitioners.total, 1)
    assert ExtractKind.PERSONNE_ACTIVITE in {file.kind for file in Archive(settings.archive).all()[0].files}
