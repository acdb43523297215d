"""Upgrading a directory with data in it, whatever interrupts the upgrade."""

import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, event

from content import Content, content
from extract_builder import hospital, person, world
from rpps_sync.directory import changes, migrations, upkeep
from rpps_sync.directory.engine import open_engine, reading, writing
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory


def upgrade_and_die(url: str, statements: int) -> None:
    """Upgrade, and be killed with SIGKILL before the n-th statement; 0: after the last."""
    engine = open_engine(url)
    left = [statements]

    def count(*_: object) -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", count)
    migrations.upgrade(engine)
    os.kill(os.getpid(), signal.SIGKILL)


def set_back(engine: Engine, revision: str = "-1") -> None:
    """Bring the schema back, by one revision unless one is named, with its data."""
    config = migrations._config()
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


@pytest.mark.parametrize("statements", [3, 6, 9, 0])
def test_upgrade_killed_midway_is_done_or_never_began(database_url: str, tmp_path: Path, statements: int) -> None:
    """SIGKILL leaves the former revision or the newest, with its people; the next upgrade ends the work."""
    directory = SmallDirectory(tmp_path, database_url)
    directory.publish({ExtractKind.PERSONNE_ACTIVITE: [person(1, **hospital(1)), person(2)]})
    before = content(directory.engine)
    set_back(directory.engine)
    former = migrations.current(directory.engine)
    directory.engine.dispose()
    process = multiprocessing.get_context("spawn").Process(target=upgrade_and_die, args=(database_url, statements))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    process.close()
    assert migrations.current(directory.engine) == (former if statements else migrations.head())
    migrations.upgrade(directory.engine)
    assert migrations.current(directory.engine) == migrations.head()
    assert content(directory.engine) == before
    assert upkeep.damages(directory.engine) == []
    directory.engine.dispose()


def test_upgrade_from_the_first_revision_keeps_people_history_and_feed(database_url: str, tmp_path: Path) -> None:
    """Years of upgrades in one go: what the directory says is the same, and the next publication works."""
    directory = SmallDirectory(tmp_path, database_url)
    lines = world(100)
    directory.publish(lines)
    lines[ExtractKind.PERSONNE_ACTIVITE] = [person(1, **hospital(3)), *lines[ExtractKind.PERSONNE_ACTIVITE][2:]]
    directory.publish(lines)
    before = _said(directory.engine)
    set_back(directory.engine, "0001")
    assert migrations.current(directory.engine) == "0001"
    migrations.upgrade(directory.engine)
    assert _said(directory.engine) == before
    assert upkeep.damages(directory.engine) == []
    assert directory.publish(world(100)).total == 100
    directory.engine.dispose()


def _said(engine: Engine) -> tuple[Content, list[dict[str, Any]]]:
    """The directory and its feed, however the rows of the feed are stored: revision 0004 stores them in fewer."""
    with reading(engine) as connection:
        feed = list(changes.feed(connection))
    return {name: held for name, held in content(engine).items() if name != "changes"}, feed
