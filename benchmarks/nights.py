"""Thirty nights lived through, and the directory as of each of them against a fresh load of its files, by hash.

    python benchmarks/nights.py [--practitioners 85500] [--nights 30] [--seed 7]

The hash is of content: every value of every document, structures in full, added up over the people, so that
neither order nor numbering counts. As of a night it is made from the current rows and the former versions of the
directory that lived, once; of a fresh load, from its rows. 85,500 practitioners have
about 100,000 lines of activities.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import polars_hash as plh
from sqlalchemy import Connection, select

from pipelines.nightly import run_night
from rpps_sync import clock, logs
from rpps_sync.directory import documents, tables
from rpps_sync.directory.engine import open_engine, reading
from rpps_sync.directory.tables import FORMER_VERSIONS, PRACTITIONERS, STRUCTURE_FIELDS, STRUCTURES
from rpps_sync.practitioner import Practitioner
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.settings import Settings, load
from rpps_sync.simulator.publish import publish

FIRST_DAY = date(2026, 10, 1)
FOR_EVER = 1 << 30
Rows = dict[str, list[tuple[Any, ...]]]


def main() -> None:
    """Live through the nights, load each afresh, and print whether all hashes agree."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--practitioners", type=int, default=85_500)
    asked.add_argument("--nights", type=int, default=30)
    asked.add_argument("--seed", type=int, default=7)
    options = asked.parse_args()
    logs.configure(quiet=True, verbose=False)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        world, lived = Path(folder) / "world", load(home=Path(folder) / "lived")
        publish(
            world, practitioners=options.practitioners, first_day=FIRST_DAY, days=options.nights, seed=options.seed
        )
        for night in range(1, options.nights + 1):
            _night(lived, world, night)
        versions = _versions(lived)
        equal = 0
        for night in range(1, options.nights + 1):
            told, expected = _as_of(versions, night), _loaded_alone(Path(folder) / "fresh", world, night)
            equal += told == expected
            print(f"night {night}: {told[0]} people, {told[1]:016x} {expected[1]:016x}", flush=True)
    print(f"{equal} of {options.nights} nights equal; {time.perf_counter() - started:.0f} s")


def _night(settings: Settings, world: Path, number: int) -> None:
    noon = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 21, tzinfo=UTC)
    with clock.pinned(noon + timedelta(days=number - 1)):
        done = run_night(settings, FolderSource(world / f"day-{number}"))
    assert done.delta is not None, done.message


def _loaded_alone(home: Path, world: Path, number: int) -> tuple[int, int]:
    settings = load(home=home)
    _night(settings, world, number)
    versions = _versions(settings)
    shutil.rmtree(home)
    return _as_of(versions, 1)


def _as_of(versions: pl.DataFrame, seq: int) -> tuple[int, int]:
    """People, and the sum of the hashes of their documents, as of a publication."""
    true = versions.filter((pl.col("since") <= seq) & (pl.col("until") > seq))["hash"]
    return true.len(), sum(true.to_list()) % 2**64


def _versions(settings: Settings) -> pl.DataFrame:
    """Every document there is or was: hash, since, until (sequence numbers of publications)."""
    engine = open_engine(settings.database)
    with reading(engine) as connection:
        now = _hashed(_current(connection)).join(_since(connection), left_on="owner", right_on="national_id")
        kept = connection.execute(select(FORMER_VERSIONS).order_by(FORMER_VERSIONS.c.national_id)).all()
    engine.dispose()
    former = _hashed(_flat((str(number), documents.from_json(row.document)) for number, row in enumerate(kept)))
    dates = pl.DataFrame(
        [(str(number), row.from_seq, row.until_seq) for number, row in enumerate(kept)],
        schema={"owner": pl.String, "since": pl.Int64, "until": pl.Int64},
        orient="row",
    )
    return pl.concat(
        [now.with_columns(until=pl.lit(FOR_EVER, pl.Int64)), former.join(dates, on="owner")], how="diagonal"
    )


def _since(connection: Connection) -> pl.DataFrame:
    rows = connection.execute(select(PRACTITIONERS.c.national_id, PRACTITIONERS.c.last_changed))
    return pl.DataFrame(
        [tuple(row) for row in rows], schema={"national_id": pl.String, "since": pl.Int64}, orient="row"
    )


def _current(connection: Connection) -> Rows:
    """The rows of today's documents, each after its owner; activities with their structure in full."""
    places = {row[0]: tuple(row[1:]) for row in connection.execute(select(STRUCTURES))}
    nowhere = ("",) * len(STRUCTURE_FIELDS)
    found: Rows = {}
    for name, columns in documents._COLUMNS.items():  # noqa: SLF001 - the columns that documents are made of
        table = tables.METADATA.tables[name]
        rows = connection.execute(select(*(table.c[column] for column in columns)))
        found[name] = [(row[0], *row) for row in rows]
    found["activities"] = [(*row[:-1], *places.get(row[-1], nowhere)) for row in found["activities"]]
    return found


def _flat(owned: Iterable[tuple[str, Practitioner]]) -> Rows:
    """The same rows, from documents; each after the name given to its owner."""
    found: Rows = {name: [] for name in documents._COLUMNS}  # noqa: SLF001 - as above
    for owner, who in owned:
        key = (owner, who.national_id)
        found["practitioners"].append((*key, who.id_type, who.civility, who.family_name, who.given_name))
        for name in ("diplomas", "authorisations", "mailboxes", "cards"):
            found[name] += [(*key, *astuple(item)) for item in getattr(who, name)]
        for job in who.exercises:
            at = (*key, job.profession, job.category)
            found["exercises"].append((*at, job.exercise_civility))
            found["skills"] += [(*at, *astuple(skill)) for skill in job.skills]
            for item in job.activities:
                *coded, place = astuple(item)
                found["activities"].append((*at, *coded, *place))
    return found


def _hashed(rows: Rows) -> pl.DataFrame:
    """The hash of each owner's rows."""
    hashes = [_row_hashes(name, part) for name, part in rows.items() if part]
    return (
        pl.concat([pl.DataFrame(schema={"owner": pl.String, "hash": pl.UInt64}), *hashes]).group_by("owner").sum()
    )


def _row_hashes(name: str, rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, orient="row")
    owner, *values = frame.columns
    text = pl.concat_str([pl.lit(name), *values], separator="\x1e")
    return frame.select(pl.col(owner).alias("owner"), row=text).select(
        "owner", hash=plh.col("row").nchash.xxh3_64()
    )


if __name__ == "__main__":
    main()
