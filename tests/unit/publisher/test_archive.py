from __future__ import annotations

import json
import os
import resource
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rpps_sync.errors import DirectoryError, ExtractRefused, NotFound, StorageError
from rpps_sync.publication import ExtractKind, PublishedFile
from rpps_sync.publisher.archive import Archive
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.publisher.layouts import layout
from rpps_sync.publisher.sources import Deposit, Fetched, Progress

PA = ExtractKind.PERSONNE_ACTIVITE
KINDS = tuple(ExtractKind)
Extract = Callable[..., bytes]


def _put(folder: Path, kind: ExtractKind, text: bytes, day: int = 20) -> None:
    path = folder / layout(kind).file_name
    path.write_bytes(text)
    stamp = datetime(2026, 11, day, 8, tzinfo=UTC).timestamp()
    os.utime(path, (stamp, stamp))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive that nothing was received into yet."""
    return Archive(tmp_path / "archive")


@pytest.fixture
def dated(folder: Path, extract: Extract) -> Path:
    """The folder of extracts, all deposited on 20 November 2026."""
    for kind in KINDS:
        _put(folder, kind, extract(kind))
    return folder


def _names(archive: Archive) -> list[str]:
    return sorted(path.name for path in archive._root.iterdir())


def test_what_was_received_is_what_is_loaded(archive: Archive, dated: Path, extract: Extract) -> None:
    """A publication comes back from its manifest as it was sealed, and its text byte for byte."""
    received = archive.receive(FolderSource(dated), KINDS)
    assert received is not None
    assert archive.newest() == archive.load(received.id) == received
    assert [file.lines for file in received.files] == [3] * len(KINDS)
    with archive.open(received, PA) as stream:
        assert stream.read() == extract(PA)
    assert _names(archive) == [received.id]


def test_a_publication_is_named_after_its_day_and_content(archive: Archive, dated: Path) -> None:
    """The same files in another archive have the same name."""
    received = archive.receive(FolderSource(dated), KINDS)
    again = Archive(archive._root.parent / "other").receive(FolderSource(dated), KINDS)
    assert received is not None
    assert again is not None
    assert received.id == again.id
    assert received.id.startswith("2026-11-20-")


def test_the_same_files_the_next_night_are_nothing_new(archive: Archive, dated: Path) -> None:
    """A second reception archives nothing and leaves no draft."""
    first = archive.receive(FolderSource(dated), KINDS)
    assert archive.receive(FolderSource(dated), KINDS) is None
    assert archive.all() == (first,)
    assert len(_names(archive)) == 1


def test_an_unchanged_extract_is_shared_with_the_former_publication(
    archive: Archive, dated: Path, extract: Extract
) -> None:
    """When only one extract is new, the disk holds the others once."""
    first = archive.receive(FolderSource(dated), KINDS)
    _put(dated, PA, extract(PA, lines=4), day=21)
    second = archive.receive(FolderSource(dated), KINDS)
    assert first is not None
    assert second is not None
    shared = [(first.folder / f"{kind}.txt.zst").samefile(second.folder / f"{kind}.txt.zst") for kind in KINDS]
    assert shared == [False] + [True] * (len(KINDS) - 1)
    assert [publication.id for publication in archive.all()] == [first.id, second.id]


def test_the_next_day_a_new_publication_follows_and_the_former_stays(
    archive: Archive, dated: Path, extract: Extract
) -> None:
    """A sealed publication is never changed."""
    first = archive.receive(FolderSource(dated), KINDS)
    assert first is not None
    before = {path: path.read_bytes() for path in first.folder.iterdir()}
    for kind in KINDS:
        _put(dated, kind, extract(kind, mark="B"), day=21)
    second = archive.receive(FolderSource(dated), KINDS)
    assert archive.newest() == second
    assert {path: path.read_bytes() for path in first.folder.iterdir()} == before


def test_an_older_deposit_does_not_roll_the_directory_back(
    archive: Archive, dated: Path, extract: Extract
) -> None:
    """Yesterday's files served again are refused, and the archive keeps today's as the newest."""
    today = archive.receive(FolderSource(dated), KINDS)
    _put(dated, PA, extract(PA, mark="B"), day=19)
    with pytest.raises(ExtractRefused, match="older") as refusal:
        archive.receive(FolderSource(dated), KINDS)
    assert refusal.value.reason == "rollback"
    assert archive.all() == (today,)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "empty"),
        (b"<!doctype html><html><body>Maintenance</body></html>", "html-page"),
        ((layout(PA).header + "\n").encode(), "no-lines"),
        (layout(PA).header.encode(), "no-lines"),
        (b"Nom|Age\nA|3\n", "column-missing"),
        (b"Civilit\xe9|Nom\nA|3\n", "header-not-utf8"),
        (b"\x00" * 100_000, "column-missing"),
    ],
    ids=["empty", "page", "header only", "header without line end", "other table", "latin-1", "zeros"],
)
def test_what_is_not_an_extract_leaves_no_trace(archive: Archive, dated: Path, text: bytes, reason: str) -> None:
    """It is refused before the seal: the archive is as if nothing had come."""
    kept = archive.receive(FolderSource(dated), KINDS)
    _put(dated, PA, text, day=21)
    with pytest.raises(ExtractRefused) as refusal:
        archive.receive(FolderSource(dated), KINDS)
    assert refusal.value.reason == reason
    assert archive.all() == (kept,)
    assert len(_names(archive)) == 1


def test_an_unknown_column_is_kept(archive: Archive, dated: Path, extract: Extract) -> None:
    """A column that the ANS adds is a signal for the checks, not a reason to lose the file."""
    header, rest = extract(PA).split(b"\n", 1)
    wider = rest.replace(b"\n", b"|\n")
    _put(dated, PA, header + b"|Colonne nouvelle\n" + wider)
    received = archive.receive(FolderSource(dated), KINDS)
    assert received is not None


@pytest.mark.parametrize(("ending", "lines"), [(b"", 3), (b"\n", 3), (b"\r\n", 3)])
def test_the_last_line_counts_with_or_without_its_end(
    archive: Archive, dated: Path, extract: Extract, ending: bytes, lines: int
) -> None:
    """A file that ends without a line end loses no line in the count."""
    _put(dated, PA, extract(PA).rstrip(b"\n") + ending)
    received = archive.receive(FolderSource(dated), [PA])
    assert received is not None
    assert received.files[0].lines == lines


def test_a_draft_left_by_a_crash_is_swept(archive: Archive, dated: Path) -> None:
    """A killed reception costs nothing but the time to start again."""
    left_over = archive._root / ".draft-killed"
    left_over.mkdir(parents=True)
    (left_over / "personne-activite.txt").write_bytes(b"half")
    assert archive.all() == ()
    received = archive.receive(FolderSource(dated), KINDS)
    assert received is not None
    assert _names(archive) == [received.id]


def test_a_lost_file_of_the_newest_publication_does_not_stop_the_next(
    archive: Archive, dated: Path, extract: Extract
) -> None:
    """What cannot be shared any more is received again."""
    first = archive.receive(FolderSource(dated), KINDS)
    assert first is not None
    (first.folder / "savoirfaire.txt.zst").unlink()
    _put(dated, PA, extract(PA, mark="B"), day=21)
    second = archive.receive(FolderSource(dated), KINDS)
    assert second is not None
    with archive.open(second, ExtractKind.SAVOIRFAIRE) as stream:
        assert stream.read() == extract(ExtractKind.SAVOIRFAIRE)


@pytest.mark.parametrize("name", ["2026-11-20-aaaaaa", "..", "../archive", ".draft-x", ""])
def test_a_publication_that_is_not_there_is_not_found(archive: Archive, dated: Path, name: str) -> None:
    """An id is a name, never a path."""
    archive.receive(FolderSource(dated), KINDS)
    with pytest.raises(NotFound, match="holds no publication"):
        archive.load(name)


def test_an_extract_that_was_not_taken_is_not_found(archive: Archive, dated: Path) -> None:
    """A publication of one extract says that it has no other."""
    received = archive.receive(FolderSource(dated), [PA])
    assert received is not None
    with pytest.raises(NotFound, match="has no savoirfaire"):
        archive.open(received, ExtractKind.SAVOIRFAIRE)


def _flip(raw: bytes) -> bytes:
    middle = len(raw) // 2
    return raw[:middle] + bytes([raw[middle] ^ 0xFF]) + raw[middle + 1 :]


@pytest.mark.parametrize("damage", [_flip, lambda raw: raw[:-30], lambda _: b""], ids=["bit", "cut", "emptied"])
def test_a_damaged_archive_is_told_while_it_is_read(
    archive: Archive, dated: Path, extract: Extract, damage: Callable[[bytes], bytes]
) -> None:
    """A flipped bit or a cut file never passes for a shorter extract."""
    _put(dated, PA, extract(PA, lines=20_000))
    received = archive.receive(FolderSource(dated), [PA])
    assert received is not None
    path = received.folder / "personne-activite.txt.zst"
    path.write_bytes(damage(path.read_bytes()))
    with archive.open(received, PA) as stream, pytest.raises(DirectoryError, match="damaged") as error:
        stream.read()
    assert error.value.mend


def test_a_lost_file_is_told_when_it_is_opened(archive: Archive, dated: Path) -> None:
    """A missing archived file names itself."""
    received = archive.receive(FolderSource(dated), [PA])
    assert received is not None
    (received.folder / "personne-activite.txt.zst").unlink()
    with pytest.raises(DirectoryError, match=r"personne-activite\.txt\.zst"):
        archive.open(received, PA)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda _: "{", "manifest-damaged"),
        (lambda _: "[]", "manifest-damaged"),
        (lambda text: text.replace("personne-activite", "inconnu"), "manifest-damaged"),
        (lambda text: text.replace('"schema": 1', '"schema": 2'), "manifest-newer"),
    ],
)
def test_a_damaged_manifest_is_told(
    archive: Archive, dated: Path, change: Callable[[str], str], reason: str
) -> None:
    """A manifest that cannot be read names itself, and one of the future asks for an upgrade."""
    received = archive.receive(FolderSource(dated), [PA])
    assert received is not None
    path = received.folder / "manifest.json"
    path.write_text(change(path.read_text()))
    with pytest.raises(DirectoryError) as error:
        archive.newest()
    assert error.value.reason == reason


def test_a_corrected_deposit_of_the_same_instant_is_the_newest(
    archive: Archive, dated: Path, extract: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Order is that of reception when dates do not tell, even under a clock that stands still."""
    monkeypatch.setenv("RPPS_SYNC_NOW", "2026-11-20T09:00:00Z")
    received = []
    for mark in "ABCDE":
        _put(dated, PA, extract(PA, mark=mark))
        received.append(archive.receive(FolderSource(dated), KINDS))
    assert archive.all() == tuple(received)


def test_the_manifest_says_where_when_and_what(archive: Archive, dated: Path) -> None:
    """Another program can read the archive without this one."""
    received = archive.receive(FolderSource(dated), [PA])
    assert received is not None
    document = json.loads((received.folder / "manifest.json").read_text())
    assert document["schema"] == 1
    assert set(document["files"][0]) == {
        *("kind", "url", "published_at", "fetched_at", "bytes", "sha256", "lines"),
        *("etag", "last_modified", "channel", "notes"),
    }


class _Promising:
    """A source that announces more than any disk holds."""

    def discover(self, kinds: Sequence[ExtractKind]) -> tuple[Deposit, ...]:
        return tuple(Deposit(kind, "promise", datetime.now(UTC), 10**15, "") for kind in kinds)

    def fetch(
        self, deposit: Deposit, into: Path, previous: PublishedFile | None, progress: Progress
    ) -> Fetched | None:
        raise AssertionError(f"nothing must be fetched: {deposit}, {into}, {previous}, {progress}")


def test_a_disk_too_small_is_told_before_anything_comes(archive: Archive) -> None:
    """The bytes that must be free are in the message."""
    with pytest.raises(StorageError, match="4,000,000,000,000,000 bytes must be free") as error:
        archive.receive(_Promising(), [PA])
    assert error.value.reason == "disk-full"


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file of this process may exceed 64 KiB: the system refuses the write as a full disk does."""
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, former[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, former)


@pytest.mark.usefixtures("small_files")
def test_a_disk_that_fills_up_leaves_no_temporary_file(archive: Archive, folder: Path, extract: Extract) -> None:
    """The message names the file and the bytes needed, and the space is given back."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit[1], limit[1]))
    (folder / "ps-libreacces-personne-activite.txt").write_bytes(extract(PA, lines=20_000))
    resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    with pytest.raises(StorageError, match=r"disk is full: .*personne-activite.* bytes needed") as error:
        archive.receive(FolderSource(folder), [PA])
    assert error.value.reason == "disk-full"
    assert _names(archive) == []


def test_an_archive_that_cannot_be_created_is_told(dated: Path, tmp_path: Path) -> None:
    """A file where the archive should be is named."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        Archive(tmp_path / "file" / "archive").receive(FolderSource(dated), KINDS)


def test_progress_adds_up_to_the_bytes_received(archive: Archive, dated: Path) -> None:
    """A progress bar over the announced sizes ends full."""
    seen: list[int] = []
    archive.receive(FolderSource(dated), KINDS, progress=seen.append)
    assert sum(seen) == sum(path.stat().st_size for path in dated.iterdir())


def test_a_copied_archive_still_opens(archive: Archive, dated: Path, tmp_path: Path) -> None:
    """The archive holds no absolute path: it may be moved."""
    received = archive.receive(FolderSource(dated), [PA])
    assert received is not None
    moved = Archive(Path(shutil.copytree(archive._root, tmp_path / "moved")))
    newest = moved.newest()
    assert newest is not None
    with moved.open(newest, PA) as stream:
        assert len(stream.readline()) > 1000
