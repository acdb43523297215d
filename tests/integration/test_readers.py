"""Readers at work while publication after publication is written: each look is of one of them, never of two."""

import threading
from pathlib import Path

from sqlalchemy import Engine, func, select

from extract_builder import hospital, person, world
from rpps_sync.directory import ledger
from rpps_sync.directory.engine import open_engine, reading
from rpps_sync.directory.tables import ACTIVITIES, PRACTITIONERS
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory

PA = ExtractKind.PERSONNE_ACTIVITE
READERS, PUBLICATIONS, PEOPLE = 3, 8, 200
Look = tuple[int, int, int, int]  # the publication, people, their checksum, the checksum of where they work


def look(engine: Engine) -> Look:
    """Count and checksum, as several statements on one consistent state."""
    with reading(engine) as connection:
        served = ledger.served(connection)
        people = connection.execute(select(PRACTITIONERS.c.fingerprint)).scalars().all()
        counted = connection.scalar(select(func.count()).select_from(PRACTITIONERS))
        places = connection.execute(select(ACTIVITIES.c.structure_id)).scalars().all()
    assert served is not None
    assert counted == len(people)
    return served.seq, counted, sum(people), sum(places)


def test_readers_never_see_a_mixture(database_url: str, tmp_path: Path) -> None:
    """Everybody moves and some leave at each publication; every look equals what was published."""
    directory = SmallDirectory(tmp_path, database_url)
    lines = world(PEOPLE)
    directory.publish(lines)
    truth, seen, over = {look(directory.engine)}, set[Look](), threading.Event()

    def read() -> None:
        engine = open_engine(database_url)
        while not over.wait(0.01):  # leaves the writer its turn on a busy machine
            seen.add(look(engine))
        engine.dispose()

    readers = [threading.Thread(target=read) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    for day in range(1, PUBLICATIONS):
        moved = [person(number, **hospital((number + day) % 10)) for number in range(PEOPLE - day)]
        directory.publish({**lines, PA: moved})
        truth.add(look(directory.engine))
    over.set()
    for reader in readers:
        reader.join()
    directory.engine.dispose()
    assert len(seen) > 1
    assert seen <= truth
