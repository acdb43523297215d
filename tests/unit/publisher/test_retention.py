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

LINES = 2000
PA, SF = ExtractKind.PERSONNE_ACTIVITE, ExtractKind.SAVOIRFAIRE
FIRST = datetime(2026, 11, 1, 8, tzinfo=UTC)
DAYS = 6
Extract = Callable[..., bytes]


def _text(extract: Extract, kind: ExtractKind, mark: str) -> bytes:
    """A text that shares most of its lines with that of another mark, in another order."""
    header, *lines = extract(kind, lines=LINES).splitlines(keepends=True)
    start = 100 * int(mark) if mark.isdecimal() else 0
    new = extract(kind, lines=5, mark=mark).splitlines(keepends=True)[1:]
    return b"".join([header, *lines[start:], *new, *lines[:start]])


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
            path.write_bytes(_text(extract, kind, mark))
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
        assert stream.read() == _text(extract, SF, "A")
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


def _forms(archive: Archive, kind: ExtractKind = PA) -> list[str]:
    """How each day is kept, oldest first."""
    return ["whole" if _packed(publication, kind).is_file() else "difference" for publication in archive.all()]


def _whole_again(archive: Archive, extract: Extract) -> None:
    assert archive.damages() == ()
    for publication in archive.all():
        with archive.open(publication, PA) as stream:
            assert stream.read() == _text(extract, PA, str(publication.published_at.day - 1))


def test_the_past_is_kept_as_differences_and_reads_as_before(archive: Archive, extract: Extract) -> None:
    """The first day is the base, the last one stays whole, and what nobody changed is still shared."""
    before = archive.all()
    assert archive.compact() == tuple(publication.id for publication in before[1:-1])
    assert _forms(archive) == ["whole", *["difference"] * 4, "whole"]
    assert set(_forms(archive, SF)) == {"whole"}
    assert archive.all() == before
    _whole_again(archive, extract)
    assert archive.compact() == ()


def test_a_difference_outlives_the_day_of_its_base(archive: Archive, extract: Extract) -> None:
    """Each folder names the base for itself: pruning the first days takes nothing from the others."""
    archive.compact()
    archive.prune(3, 0)
    assert _forms(archive) == ["difference", "difference", "whole"]
    _whole_again(archive, extract)


def test_days_after_a_pruned_base_still_use_it(archive: Archive, extract: Extract, tmp_path: Path) -> None:
    """The base lives on under the names that its successors gave it."""
    archive.compact()
    archive.prune(3, 0)
    path = tmp_path / "deposit" / f"ps-libreacces-{PA}.txt"
    path.write_bytes(_text(extract, PA, str(DAYS)))
    stamp = (FIRST + timedelta(days=DAYS)).timestamp()
    os.utime(path, (stamp, stamp))
    archive.receive(FolderSource(tmp_path / "deposit"), (PA, SF))
    assert len(archive.compact()) == 1
    assert _forms(archive) == ["difference", "difference", "difference", "whole"]
    _whole_again(archive, extract)


def test_a_difference_is_much_smaller_than_a_text(archive: Archive) -> None:
    """A day costs what changed."""
    whole = _packed(archive.all()[1], PA).stat().st_size
    archive.compact()
    assert (archive.all()[1].folder / f"{PA}.delta.zst").stat().st_size < whole / 10


def test_a_text_unlike_the_base_becomes_the_next_one(archive: Archive, extract: Extract, tmp_path: Path) -> None:
    """When the publisher rewrites every line, the day is kept whole and later days refer to it."""
    with clock.pinned(FIRST + timedelta(days=DAYS + 3)):
        for day in (DAYS, DAYS + 1, DAYS + 2):
            path = tmp_path / "deposit" / f"ps-libreacces-{PA}.txt"
            path.write_bytes(extract(PA, lines=LINES, mark="Z") + extract(PA, lines=day).split(b"\n", 1)[1])
            os.utime(path, ((FIRST + timedelta(days=day)).timestamp(),) * 2)
            archive.receive(FolderSource(tmp_path / "deposit"), (PA, SF))
    archive.compact(most=20)
    assert _forms(archive) == ["whole", *["difference"] * 5, "whole", "difference", "whole"]
    assert archive.damages() == ()


def test_a_damaged_text_is_left_for_the_check_to_name(archive: Archive) -> None:
    """Nothing is built upon what cannot be read."""
    damaged = archive.all()[2]
    _packed(damaged, PA).write_bytes(b"not zstandard")
    archive.compact()
    assert _forms(archive)[2] == "whole"
    (told,) = archive.damages()
    assert damaged.id in told


@pytest.mark.parametrize("part", ["delta", "base"])
@pytest.mark.parametrize("content", [b"", b"not zstandard", None], ids=["emptied", "spoilt", "lost"])
def test_a_damaged_difference_is_named(archive: Archive, part: str, content: bytes | None) -> None:
    """Neither a difference nor its base passes for a shorter text when it is damaged."""
    archive.compact()
    victim = archive.all()[2]
    path = victim.folder / f"{PA}.{part}.zst"
    path.unlink()  # the base is one file under several names: only this name is spoilt
    if content is not None:
        path.write_bytes(content)
    assert [victim.id in sentence for sentence in archive.damages()] == [True]


def test_a_crash_between_two_steps_leaves_the_text(archive: Archive, extract: Extract) -> None:
    """Base and difference are there and the text was not removed yet: the text is read, then replaced again."""
    victim = archive.all()[2]
    (victim.folder / f"{PA}.delta.zst").write_bytes(b"half")
    (victim.folder / f".{PA}.delta.zst").write_bytes(b"half")
    _whole_again(archive, extract)
    assert victim.id in archive.compact()
    _whole_again(archive, extract)
