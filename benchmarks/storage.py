"""What a directory takes on disk, on each database: after the first load, by table, and for each night more.

    python benchmarks/storage.py [--practitioners 100000] [--days 8] [--seed 1]

Printed, in bytes: the text of a day, both databases after the first load and after the last night, what a night
adds to each and to the archive, and the largest tables and indexes of the PostgreSQL server (a private one).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from pipelines.nightly import run_night
from rpps_sync import clock, logs
from rpps_sync.directory import server
from rpps_sync.directory.engine import open_engine
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.settings import Settings, load
from rpps_sync.simulator.publish import publish

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from postgres_server import serving

FIRST_DAY = date(2026, 11, 1)
_RELATIONS = """
    SELECT c.relname, pg_relation_size(c.oid) AS size FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'i') ORDER BY 2 DESC LIMIT 20
"""


def main() -> None:
    """Simulate, live through the nights on both databases, and print the figures."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--practitioners", type=int, default=100_000)
    asked.add_argument("--days", type=int, default=8)
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    logs.configure(quiet=True, verbose=False)
    with tempfile.TemporaryDirectory() as folder, serving() as postgres:
        world = Path(folder) / "world"
        publish(
            world, practitioners=options.practitioners, first_day=FIRST_DAY, days=options.days, seed=options.seed
        )
        for url in (f"sqlite:///{folder}/directory.sqlite", postgres.empty()):
            home = Path(folder) / url.partition(":")[0]
            print(json.dumps(_lived(load(home=home, database_url=url), world, options.days), indent=2), flush=True)


def _lived(settings: Settings, world: Path, days: int) -> dict[str, Any]:
    """The figures of one database through all nights."""
    sizes, archived, changed = [], [], []
    engine = open_engine(settings.database)
    for day in range(1, days + 1):
        with clock.pinned(datetime(FIRST_DAY.year, FIRST_DAY.month, day, 21, tzinfo=UTC)):
            done = run_night(settings, FolderSource(world / f"day-{day}"))
        assert done.delta is not None, done.message
        changed.append(done.delta.practitioners.added + done.delta.practitioners.changed)
        sizes.append(_size(engine))
        archived.append(_disk(settings.archive))
    told = {
        "database": engine.dialect.name,
        "text_of_a_day": sum(file.stat().st_size for file in (world / "day-1").glob("*.txt")),
        "after_first_load": sizes[0],
        "after_last_night": sizes[-1],
        "practitioners_moved_a_night": changed[1:],
        "database_growth_a_night": [after - before for before, after in pairwise(sizes)],
        "archive_of_first_day": archived[0],
        "archive_growth_a_night": [after - before for before, after in pairwise(archived)],
        "largest": _largest(engine),
    }
    engine.dispose()
    return told


def _size(engine: Engine) -> int:
    """Bytes of the database, dead rows and free pages given back first: what its content takes."""
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        if server.is_server(engine):
            connection.execute(text("VACUUM"))
            return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        free = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
        return int((pages - free) * connection.exec_driver_sql("PRAGMA page_size").scalar_one())


def _largest(engine: Engine) -> dict[str, int]:
    if not server.is_server(engine):
        return {}
    with engine.connect() as connection:
        return {row.relname: row.size for row in connection.execute(text(_RELATIONS))}


def _disk(folder: Path) -> int:
    """Bytes of a folder, files with several names counted once."""
    found = {(status := path.stat()).st_ino: status.st_size for path in folder.rglob("*") if path.is_file()}
    return sum(found.values())


if __name__ == "__main__":
    main()
