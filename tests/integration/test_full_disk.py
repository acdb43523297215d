"""A disk that is full, or closed, at any moment: a sentence, the former publication, a next night that works."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from extract_builder import hospital, national_id, person, world, write
from pipelines.nightly import run_night
from rpps_sync.directory import ledger
from rpps_sync.directory.documents import load as documents
from rpps_sync.directory.engine import open_engine, reading
from rpps_sync.errors import StorageError
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.archive import Archive
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.settings import load

PEOPLE = 3000
KILOBYTE = 1024
OLD, NEW = (1, "HOPITAL INVENTE 1", "ok"), (2, "HOPITAL INVENTE 2", "ok")
Run = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Site:
    """A home whose first night is over, and the extracts of the second day, on which one in four has moved."""

    home: Path
    tonight: Path

    def rpps_sync(self, *arguments: str, largest: int | None = None) -> Run:
        """Run a command on the second day, where no file may grow beyond so many bytes (EFBIG)."""
        return command(self.home, 19, *arguments, largest=largest)

    def run(self, *, largest: int | None = None) -> Run:
        """The second night."""
        return self.rpps_sync("run", "--from", str(self.tonight), largest=largest)

    def archived(self) -> str:
        """Take tonight's files into the archive, and give the id of the publication."""
        settings = load(home=self.home)
        received = Archive(settings.archive).receive(FolderSource(self.tonight), settings.extracts)
        assert received is not None
        return received.id


def command(home: Path, day: int, *arguments: str, largest: int | None = None) -> Run:
    """Run a command on the n-th of November 2026."""

    def limit() -> None:
        if largest is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    return subprocess.run(
        [sys.executable, "-m", "rpps_sync", *arguments],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,  # no other thread runs in this process
        env={**os.environ, "RPPS_SYNC_HOME": str(home), "RPPS_SYNC_NOW": f"2026-11-{day:02}T06:00:00Z"},
    )


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The home after the first night, made once."""
    root = tmp_path_factory.mktemp("site")
    lines = world(PEOPLE)
    write(root / "18", "202611180515", lines)
    for n in range(1, PEOPLE, 4):  # more would be refused as a file that was rewritten
        lines[ExtractKind.PERSONNE_ACTIVITE][n] = person(n, **hospital(n % 10 + 1))
    made = command(root / "home", 18, "run", "--from", str(root / "18"))
    assert made.returncode == 0, made.stderr
    return Site(root / "home", write(root / "19", "202611190515", lines))


@pytest.fixture
def site(first_night: Site, tmp_path: Path) -> Site:
    """A copy of that home."""
    return Site(shutil.copytree(first_night.home, tmp_path / "home"), first_night.tonight)


@pytest.fixture
def small_disk(first_night: Site, tmp_path: Path) -> Iterator[Site]:
    """A copy of that home on a disk of its own."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    tried = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(mounted)], capture_output=True, check=False
    )
    if tried.returncode:
        pytest.skip("only an administrator can make a small disk")
    yield Site(shutil.copytree(first_night.home, mounted / "home"), first_night.tonight)
    subprocess.run(["/bin/umount", str(mounted)], check=True)


def served(home: Path) -> tuple[int, str, str]:
    """What readers see: the publication, where somebody works, and SQLite's own opinion."""
    engine = open_engine(f"sqlite:///{home / 'rpps-sync.sqlite'}")
    with reading(engine) as connection:
        integrity = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
        row = ledger.served(connection)
        (document,) = documents(connection, [national_id(1)]).values()
    engine.dispose()
    assert row is not None
    return row.seq, document.exercises[0].activities[0].structure.name, integrity


def tells_of_the_disk(run: Run, home: Path) -> None:
    """Exit code 1, a path in the home, a mend, no crash, and no temporary file left."""
    told = run.stdout + run.stderr
    assert run.returncode == 1, told
    assert str(home) in told
    assert "mend:" in told
    assert "should not have happened" not in told
    names = [str(path.relative_to(home)) for path in home.rglob("*")]
    assert [
        name for name in names if "draft" in name or ".part" in name or name.startswith(("work", "cras"))
    ] == []


@pytest.mark.parametrize("largest", [20, 100])
def test_a_night_without_room_leaves_the_former_publication(site: Site, largest: int) -> None:
    """When the ledger, or the files that come, cannot be written: told, cleaned up, mended by the next night."""
    tells_of_the_disk(site.run(largest=largest * KILOBYTE), site.home)
    assert served(site.home) == OLD
    assert site.run().returncode == 0
    assert served(site.home) == NEW


@pytest.mark.parametrize(("largest", "named"), [(40, ".txt"), (1000, "rpps-sync.sqlite")])
def test_a_disk_that_fills_after_the_download_leaves_the_former_publication(
    site: Site, largest: int, named: str
) -> None:
    """When the working files, or the new publication, cannot be written: the same."""
    accepted = site.rpps_sync("accept", site.archived(), "--because", "test", largest=largest * KILOBYTE)
    tells_of_the_disk(accepted, site.home)
    assert named in accepted.stdout
    assert served(site.home) == OLD
    assert site.run().returncode == 0
    assert served(site.home) == NEW


def test_a_disk_full_to_the_last_byte_is_told_and_freed(small_disk: Site) -> None:
    """On a disk that really is full nothing is published; with room again, the next night works."""
    publication = small_disk.archived()
    filler = small_disk.home.parent / "filler"
    for free in (10, 45, 400):
        filler.unlink(missing_ok=True)
        room = shutil.disk_usage(filler.parent).free
        filler.write_bytes(bytes(room - free * KILOBYTE))
        tells_of_the_disk(small_disk.rpps_sync("accept", publication, "--because", "test"), small_disk.home)
    tells_of_the_disk(small_disk.run(), small_disk.home)
    filler.unlink()
    assert served(small_disk.home) == OLD
    assert small_disk.run().returncode == 0
    assert served(small_disk.home) == NEW


def test_a_home_that_became_read_only_is_told(small_disk: Site) -> None:
    """A disk mounted read-only stops the night before anything is tried."""
    subprocess.run(["/bin/mount", "-o", "remount,ro", str(small_disk.home.parent)], check=True)
    refused = small_disk.run()
    assert refused.returncode == 1
    assert f"{small_disk.home}/run.lock cannot be written: Read-only file system" in refused.stderr


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A home inside what is no folder is named, with a mend."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written") as told:
        run_night(load(home=tmp_path / "file" / "home"), FolderSource(tmp_path))
    assert told.value.mend


def test_what_a_killed_night_left_behind_is_cleared_by_the_next(site: Site) -> None:
    """Working files, half-written indexes and drafts of the archive do not pile up."""
    left = [site.home / name for name in ("work/old/0/x.arrow", "lines/a.1.draft", "archive/.draft-x/x.txt")]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    assert site.run().returncode == 0
    assert not any(path.exists() for path in left)


def test_without_the_archive_of_the_served_day_its_line_index_is_enough(site: Site) -> None:
    """When retention removed the day being served, the next night still compares lines with it."""
    (folder,) = (site.home / "archive").glob("2026-11-18-*")
    shutil.rmtree(folder)
    night = site.run()
    assert night.returncode == 0
    assert "lines: +750 -750" in night.stdout
