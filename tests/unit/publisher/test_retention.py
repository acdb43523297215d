"""What stays in the archive, and whether it is still what it was."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rpps_sync import clock
from rpps_sync.errors import StorageError
from rpps_sync.publication import ExtractKind, Publication
from rpps_sync.publisher.archive import Archive
from rpps_sync.publisher.folder import FolderSource

PA, SF = ExtractKind.PERSONNE_ACTIVITE, ExtractKind.SAVOIRFAIRE
FIRST = datetime(2026, 11, 1, 8, tzinfo=UTC)
DAYS = 6
Extract = Callable[..., bytes]


@pytest.fixture
def archive(tmp_path: Path, extract: Extract) -> Archive:
    """Six days: another personne-activite each day, and a savoirfaire that never changes."""
    place = tmp_path / "deposit"
    place.mkdir()
    kept = Archive(tmp_path / "archive")
    for day in range(DAYS):
        stamp = (FIRST + timedelta(days=day)).timestamp()
        for kind, mark in ((PA, str(day)), (SF, "A")):
            path = place / f"ps-libreacces-{kind}.txt"
            path.write_bytes(extract(kind, mark=mark))
            os.utime(path, (stamp, stamp))
        assert kept.receive(FolderSource(place), (PA, SF)) is not None
    return kept


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.pinned(FIRST + timedelta(days=DAYS - 1, hours=1)):
        yield


def _days(archive: Archive) -> list[int]:
    return [publication.published_at.day for publication in archive.all()]


@pytest.mark.parametrize(
    ("count", "days", "left"),
    [
        (30, 400, [1, 2, 3, 4, 5, 6]),
        (2, 0, [5, 6]),
        (1, 3, [4, 5, 6]),
        (4, 1, [3, 4, 5, 6]),
        (0, 0, [6]),
    ],
)
def test_what_is_neither_among_the_newest_nor_young_goes(
    archive: Archive, count: int, days: int, left: list[int]
) -> None:
    """Count and age both keep; the newest one stays whatever they say."""
    before = archive.all()
    gone = archive.prune(count, days)
    assert _days(archive) == left
    assert gone == tuple(publication.id for publication in before if publication.published_at.day not in left)


def test_the_publication_being_served_is_never_removed(archive: Archive) -> None:
    """Days of refused publications do not push out the last good one."""
    served = archive.all()[0]
    archive.prune(1, 0, {served.id})
    assert _days(archive) == [1, 6]
    with archive.open(served, PA) as stream:
        assert stream.readline()


def test_a_shared_text_survives_the_day_it_came_with(archive: Archive, extract: Extract) -> None:
    """The savoirfaire of the first day is also that of the last one."""
    archive.prune(1, 0)
    newest = archive.newest()
    assert newest is not None
    with archive.open(newest, SF) as stream:
        assert stream.read() == extract(SF)
    assert archive.damages() == ()


def test_a_folder_that_cannot_be_removed_is_told(archive: Archive) -> None:
    """The disk's refusal is told, and the publication is still whole."""
    oldest = archive.all()[0]
    (oldest.folder.parent / f".draft-gone-{oldest.id}" / "in the way").mkdir(parents=True)
    with pytest.raises(StorageError, match="cannot be written"):
        archive.prune(1, 0)
    assert len(archive.all()) == DAYS
    assert archive.verify(oldest) == ()


def _packed(publication: Publication, kind: ExtractKind) -> Path:
    return publication.folder / f"{kind}.txt.zst"


def test_a_sound_archive_is_read_once_per_text(archive: Archive) -> None:
    """Six days share one savoirfaire: seven texts are read, not twelve."""
    read: list[int] = []
    assert archive.damages(progress=read.append) == ()
    sizes = [file.bytes for publication in archive.all() for file in publication.files if file.kind is PA]
    assert sum(read) == sum(sizes) + archive.all()[0].files[1].bytes


def test_every_damaged_or_lost_file_is_named(archive: Archive) -> None:
    """A flipped byte, a swapped text, a lost file, an unreadable manifest: one sentence each."""
    one, two, three, four, *_ = archive.all()
    path = _packed(one, PA)
    path.write_bytes(path.read_bytes()[:-3] + b"???")
    _packed(two, PA).write_bytes(_packed(archive.all()[-1], PA).read_bytes())
    _packed(three, PA).unlink()
    (four.folder / "manifest.json").write_text("{")
    told = archive.damages()
    assert len(told) == 4
    for sentence, publication in zip(told, (one, two, three, four), strict=True):
        assert publication.id in sentence
    assert archive.verify(two) == (told[1],)
