"""The archive within the room that was granted."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.archive import Archive
from rpps_sync.publisher.folder import FolderSource

LINES = 400
PA, SF = ExtractKind.PERSONNE_ACTIVITE, ExtractKind.SAVOIRFAIRE
FIRST = datetime(2026, 11, 1, 8, tzinfo=UTC)
DAYS = 5
Extract = Callable[..., bytes]


@pytest.fixture
def archive(tmp_path: Path, extract: Extract) -> Archive:
    """Five days: another personne-activite each day, and a savoirfaire that never changes."""
    place = tmp_path / "deposit"
    place.mkdir()
    kept = Archive(tmp_path / "archive")
    for day in range(DAYS):
        stamp = (FIRST + timedelta(days=day)).timestamp()
        for kind, mark in ((PA, str(day)), (SF, "A")):
            path = place / f"ps-libreacces-{kind}.txt"
            path.write_bytes(extract(kind, lines=LINES, mark=mark))
            os.utime(path, (stamp, stamp))
        assert kept.receive(FolderSource(place), (PA, SF)) is not None
    return kept


def _days(archive: Archive) -> list[int]:
    return [publication.published_at.day for publication in archive.all()]


def _own(archive: Archive, day: int) -> int:
    """Bytes that go with one day: all but the savoirfaire, which others share."""
    folder = archive.all()[day].folder
    return sum(path.stat().st_size for path in folder.iterdir() if path.stat().st_nlink == 1)


def test_archive_takes_on_disk_what_it_says_it_takes(archive: Archive, tmp_path: Path) -> None:
    """A text that five days share is counted once."""
    files = [path for path in (tmp_path / "archive").rglob("*") if path.is_file()]
    once = {path.stat().st_ino: path.stat().st_size for path in files}
    assert archive.bytes() == sum(once.values()) < sum(path.stat().st_size for path in files)


def test_archive_one_byte_too_large_lets_the_oldest_day_go(archive: Archive) -> None:
    """No more goes than must, oldest first, and what is left can be read."""
    assert archive.shrink(archive.bytes()) == ()
    oldest = archive.all()[0]
    expected = archive.bytes() - _own(archive, 0)
    assert archive.shrink(archive.bytes() - 1) == (oldest.id,)
    assert archive.bytes() == expected
    assert archive.damages() == ()


def test_without_any_room_the_needed_days_and_the_newest_stay(archive: Archive) -> None:
    """The archive is then larger than allowed, and whole."""
    needed = archive.all()[1]
    assert len(archive.shrink(1, {needed.id})) == DAYS - 2
    assert _days(archive) == [2, DAYS]
    assert archive.bytes() > 1
    assert archive.damages() == ()


def test_days_told_as_differences_give_back_their_base_with_the_last_of_them(archive: Archive) -> None:
    """The base is counted once however many days name it, and the archive that is left reads as before."""
    archive.compact()
    most = archive.bytes() - 1
    archive.shrink(most)
    assert archive.bytes() <= most
    assert _days(archive)[-1] == DAYS
    assert archive.damages() == ()
