"""A copy of the directory: taken while it serves, put back anywhere, whole or not at all."""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from content import content
from databases import DATABASES, reading
from extract_builder import hospital, national_id, person, world
from postgres_server import Server
from rpps_sync.directory import documents
from rpps_sync.directory.backup import backup, restore
from rpps_sync.directory.engine import open_engine, writing
from rpps_sync.directory.lookup import lookup
from rpps_sync.directory.tables import LABELS
from rpps_sync.errors import DirectoryError, StorageError, UsageError
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory

PA = ExtractKind.PERSONNE_ACTIVITE
PEOPLE = 1500


@pytest.fixture
def directory(database_url: str, tmp_path: Path) -> Iterator[SmallDirectory]:
    """Two publications: between them somebody left, and somebody moved."""
    made = SmallDirectory(tmp_path, database_url)
    lines = world(PEOPLE)
    made.publish(lines)
    lines[PA] = [person(1, **hospital(3)), *lines[PA][2:]]
    made.publish(lines)
    yield made
    made.engine.dispose()


@pytest.fixture(params=DATABASES)
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables, of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'elsewhere.sqlite'}"
        return
    server: Server = request.getfixturevalue("postgres")
    url = server.empty()
    yield url
    server.drop(url)


def test_copy_put_back_elsewhere_answers_the_same(
    directory: SmallDirectory, elsewhere: str, tmp_path: Path
) -> None:
    """From either kind of database into either: 1,000 identifiers, the history, and what is published next."""
    assert backup(directory.engine, tmp_path / "copy") == (tmp_path / "copy").stat().st_size
    engine = open_engine(elsewhere)
    done = restore(engine, tmp_path / "copy")
    assert (done.publication, done.practitioners) == ("publication-2", PEOPLE - 1)
    names = random.Random(4).sample([national_id(number) for number in range(1, PEOPLE)], 1000)
    with reading(str(directory.engine.url)) as old, reading(elsewhere) as new:
        assert documents.load(old, names) == documents.load(new, names)
        for name in names[:10]:
            here, there = lookup(old, name), lookup(new, name)
            assert here | {"age_seconds": 0} == there | {"age_seconds": 0}
    assert content(engine) == content(directory.engine)
    there = SmallDirectory(tmp_path / "there", elsewhere, indexes=directory.indexes, seq=2)
    there.publish(world(PEOPLE))
    directory.publish(world(PEOPLE))
    assert content(engine) == content(directory.engine)
    there.engine.dispose()
    engine.dispose()


def test_copy_taken_while_a_publication_is_written_is_the_former_one(
    directory: SmallDirectory, tmp_path: Path
) -> None:
    """The writer is not waited for, and nothing of what it has written so far is in the copy."""
    before = content(directory.engine)
    with writing(directory.engine) as connection:
        connection.execute(LABELS.delete())
        backup(directory.engine, tmp_path / "copy")
    engine = open_engine(f"sqlite:///{tmp_path / 'copy'}")
    assert content(engine) == before
    engine.dispose()


def test_restore_replaces_a_directory_only_when_told(directory: SmallDirectory, tmp_path: Path) -> None:
    """What is there is left as it is, unless --overwrite says otherwise."""
    backup(directory.engine, tmp_path / "copy")
    kept = content(directory.engine)
    directory.publish(world(10))
    newer = content(directory.engine)
    with pytest.raises(UsageError, match="is not empty; it was left as it is"):
        restore(directory.engine, tmp_path / "copy")
    assert content(directory.engine) == newer != kept
    restore(directory.engine, tmp_path / "copy", overwrite=True)
    assert content(directory.engine) == kept


def test_damaged_newer_or_foreign_copies_are_refused(directory: SmallDirectory, tmp_path: Path) -> None:
    """A copy is looked at before anything is touched."""
    backup(directory.engine, tmp_path / "sound")
    before = content(directory.engine)
    pages = bytearray((tmp_path / "sound").read_bytes())
    pages[8 * 4096 : 40 * 4096] = b"\xff" * (32 * 4096)
    (tmp_path / "damaged").write_bytes(pages)
    (tmp_path / "text").write_text("not a database at all " * 100)
    sqlite3.connect(tmp_path / "foreign").execute("CREATE TABLE x (y)").connection.close()
    newer = tmp_path / "newer"
    newer.write_bytes((tmp_path / "sound").read_bytes())
    with sqlite3.connect(newer) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    for name, told in (
        ("damaged", "damage"),
        ("text", "not a database"),
        ("foreign", "no copy"),
        ("newer", "newer"),
    ):
        with pytest.raises(DirectoryError, match=told):
            restore(directory.engine, tmp_path / name, overwrite=True)
    with pytest.raises(UsageError, match="there is no file"):
        restore(directory.engine, tmp_path / "absent", overwrite=True)
    assert content(directory.engine) == before


def test_copy_that_cannot_be_written_is_told_by_its_own_path(directory: SmallDirectory, tmp_path: Path) -> None:
    """The path of the copy, the free space, and no draft left."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"file/.*cannot be written"):
        backup(directory.engine, tmp_path / "file" / "copy")
