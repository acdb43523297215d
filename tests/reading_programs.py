"""Programs that read over their own connections while a directory publishes, as processes of an API would."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from extract_builder import person
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory

PEOPLE = 150
# Reads one state after another until the last publication is served: who is served, how many, and the sum of the
# numbers in their names; and follows the feed.
READ = """
import json, sys
from sqlalchemy import text
from rpps_sync.directory import changes, ledger
from rpps_sync.directory.engine import open_engine, reading
engine = open_engine(sys.argv[1])
seen, cursors = set(), [0]
while True:
    announce = not seen
    with reading(engine) as connection:
        served = ledger.served(connection)
        sums = connection.execute(text(
            "SELECT count(*), sum(CAST(substr(family_name, 2) AS integer)) FROM practitioners"
        )).one()
        rows = connection.execute(text("SELECT count(*) FROM v_activity")).scalar_one()
        cursors += [row["cursor"] for row in changes.feed(connection, cursors[-1])]
    seen.add((served.seq, served.practitioners, *map(int, sums), rows))
    if announce:
        print("reading", file=sys.stderr, flush=True)
    if served.seq == int(sys.argv[2]):
        break
print(json.dumps([sorted(seen), cursors[1:]]))
"""


def lines(publication: int) -> dict[ExtractKind, list[dict[str, str]]]:
    """Everybody is named after the publication; it also has one person more than the former one."""
    people = range(PEOPLE + publication)
    return {ExtractKind.PERSONNE_ACTIVITE: [person(n, family_name=f"N{publication}") for n in people]}


@contextmanager
def readers(url: str, programs: int, publications: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Programs that read; they are at it when the block begins, and gone when it ends."""
    command = [sys.executable, "-c", READ, url, str(publications)]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(programs)
    ]
    try:
        for reader in started:
            assert reader.stderr is not None
            assert reader.stderr.readline() == "reading\n"
        yield started
    finally:
        for reader in started:
            reader.kill()
            reader.communicate()


def read_while_it_publishes(directory: SmallDirectory, url: str, programs: int, publications: int) -> int:
    """Publish while programs read, and check every state that any of them saw; how many were seen in all.

    Each must be that of one publication, and each program must read every change once, in order.
    """
    directory.publish(lines(1))
    with readers(url, programs, publications) as started:
        for publication in range(2, publications + 1):
            directory.publish(lines(publication))
        told = [json.loads(reader.communicate(timeout=300)[0]) for reader in started]
    whole = {
        (seq, PEOPLE + seq, PEOPLE + seq, seq * (PEOPLE + seq), PEOPLE + seq) for seq in range(1, publications + 1)
    }
    feeds = [cursors for _, cursors in told]
    for seen, cursors in told:
        assert {tuple(state) for state in seen} <= whole
        assert cursors == sorted(set(cursors)) == feeds[0]
    changed = sum(PEOPLE + seq for seq in range(1, publications))
    assert len(feeds[0]) == changed + PEOPLE + publications
    return sum(len(seen) for seen, _ in told)
