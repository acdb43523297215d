"""What questions cost: look-ups by identifier, as of a past day, ten thousand at once, and searches by name.

    python benchmarks/queries.py --practitioners 100000
    python benchmarks/queries.py --copy-of DIRECTORY.sqlite     # a copy is upgraded, measured and thrown away
    python benchmarks/queries.py --practitioners 100000 --url postgresql+psycopg://…/empty_database

One open connection, warm caches; times of calls of the Python API. Names come from the directory itself: whole,
misspelt, shortened, with and without filters. ``--nights`` gives some practitioners that many former versions.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, func, insert, select

from pipelines.nightly import run_night
from rpps_sync import clock, logs
from rpps_sync.directory import migrations
from rpps_sync.directory.engine import open_engine, reading, writing
from rpps_sync.directory.enrichment import enrich
from rpps_sync.directory.lookup import lookup
from rpps_sync.directory.search import postings
from rpps_sync.directory.search.answers import search
from rpps_sync.directory.search.filters import Filters
from rpps_sync.directory.search.finding import Wanted
from rpps_sync.directory.tables import FORMER_VERSIONS, PRACTITIONERS, PUBLICATIONS, SEARCH_POSTINGS
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.settings import load
from rpps_sync.simulator.publish import publish

FIRST_DAY = date(2026, 11, 15)
SAMPLE = 3_000  # practitioners asked for
LIVED = 200  # of them with a version of every night


def main() -> None:
    """Make or copy a directory, measure, and print the table of RESULTS.md."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--practitioners", type=int, default=20_000)
    asked.add_argument("--nights", type=int, default=400)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--copy-of", type=Path)
    asked.add_argument("--url", default="")
    options = asked.parse_args()
    logs.configure(quiet=True, verbose=False)
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(options.url or f"sqlite:///{Path(folder) / 'directory.sqlite'}")
        _fill(engine, Path(folder), options)
        for line in measured(engine, random.Random(options.seed), options.nights):  # noqa: S311 - reproducible draws
            print(line, flush=True)
        engine.dispose()


def _fill(engine: Engine, folder: Path, options: argparse.Namespace) -> None:
    if options.copy_of:
        shutil.copy(options.copy_of, str(engine.url.database))
        migrations.upgrade(engine)
        return
    publish(folder / "world", practitioners=options.practitioners, first_day=FIRST_DAY, days=1, seed=options.seed)
    settings = load(home=folder / "home", database_url=engine.url.render_as_string(hide_password=False))
    with clock.pinned(datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 21, tzinfo=UTC)):
        run_night(settings, FolderSource(folder / "world" / "day-1"))


def measured(engine: Engine, rng: random.Random, nights: int) -> Iterator[str]:
    """The lines of the table, and what the index weighs."""
    with reading(engine) as connection:
        people = connection.scalar(select(func.count()).select_from(PRACTITIONERS)) or 0
        named = PRACTITIONERS.c
        rows = connection.execute(select(named.national_id, named.family_name, named.given_name)).yield_per(10_000)
        chance = min(1.0, 2 * 10_000 / people)
        drawn = [tuple(row) for row in rows if rng.random() < chance]
    rng.shuffle(drawn)
    yield f"{people:,} practitioners, {engine.dialect.name}"
    yield from _rebuilt(engine)
    with writing(engine) as connection:
        instants = _live(connection, [row[0] for row in drawn[:LIVED]], nights)
    yield "| question | calls | p50 ms | p95 ms | p99 ms | CPU p50 ms | CPU p95 ms |"
    yield "|---|---|---|---|---|---|---|"
    with reading(engine) as connection:
        calls: dict[str, list[Callable[[], Any]]] = {
            "lookup by identifier": [_bound(lookup, connection, row[0]) for row in drawn[:SAMPLE]],
            f"lookup as of, {nights} nights": [
                _bound(lookup, connection, drawn[number % LIVED][0], rng.choice(instants))
                for number in range(SAMPLE)
            ],
            "10,000 identifiers enriched": [_bound(enrich, connection, [row[0] for row in drawn[:10_000]])] * 7,
        }
        calls |= {
            f"search: {name}": [_bound(search, connection, wanted) for wanted in some]
            for name, some in _questions(rng, drawn).items()
        }
        calls["search: all of them"] = [one for name, some in calls.items() if "search" in name for one in some]
        for name, some in calls.items():
            yield _row(name, some)


def _rebuilt(engine: Engine) -> Iterator[str]:
    started, worked = time.perf_counter(), time.process_time()
    with writing(engine) as connection:
        postings.rebuild(connection)
        weight = connection.scalar(select(func.sum(func.length(SEARCH_POSTINGS.c.people)))) or 0
        rows = connection.scalar(select(func.count()).select_from(SEARCH_POSTINGS))
    wall, cpu = time.perf_counter() - started, time.process_time() - worked
    yield f"index rebuilt from the tables: {wall:.1f} s, {cpu:.1f} s of CPU; {rows:,} rows, {weight / 1e6:.1f} MB"


def _live(connection: Connection, people: list[str], nights: int) -> list[datetime]:
    """Give some people another version for each of so many nights; tell the evenings of those nights."""
    first, newest = connection.execute(
        select(func.min(PUBLICATIONS.c.published_at), func.max(PUBLICATIONS.c.seq))
    ).one()
    template = connection.execute(select(PUBLICATIONS).where(PUBLICATIONS.c.seq == newest)).one()._asdict()
    days = [first + timedelta(days=night) for night in range(nights)]
    seqs = range(newest + 1, newest + 1 + nights)
    more = [
        template | {"id": f"night-{seq}", "seq": seq, "published_at": day}
        for seq, day in zip(seqs, days, strict=True)
    ]
    connection.execute(insert(PUBLICATIONS), more)
    for who in people:
        document = json.dumps(
            {"national_id": who, "family_name": "EXEMPLE", "exercises": [{"profession": "60"}] * 3}
        )
        versions = [
            {"national_id": who, "from_seq": seq, "until_seq": seq + 1, "document": document} for seq in seqs[:-1]
        ]
        connection.execute(insert(FORMER_VERSIONS), versions)
        connection.execute(
            PRACTITIONERS.update().where(PRACTITIONERS.c.national_id == who).values(last_changed=seqs[-1])
        )
    return days[1:-1]


def _questions(rng: random.Random, drawn: list[tuple[str, str, str]]) -> dict[str, list[Wanted]]:
    people = [(family, given) for _, family, given in drawn[:SAMPLE] if len(family) > 4 and len(given) > 3][:300]
    filters = [
        Filters(professions=("60",), departments=("75",)),
        Filters(communes=("Lyon",)),
        Filters(professions=("médecin",), skills=("SM54",)),
        Filters(postal_codes=("13005",)),
    ]
    return {
        "whole name": [Wanted(f"{given} {family}") for family, given in people],
        "family name alone": [Wanted(family) for family, _ in people],
        "one typo": [Wanted(f"{_misspelt(rng, family)} {given}") for family, given in people],
        "beginnings (3 letters each)": [Wanted(f"{family[:3]} {given[:3]}") for family, given in people],
        "family name and initial": [Wanted(f"{family} {given[0]}") for family, given in people],
        "family name, filters": [Wanted(family, filters=rng.choice(filters)) for family, _ in people],
        "filters alone": [Wanted(filters=one) for one in filters] * 10,
    }


def _misspelt(rng: random.Random, name: str) -> str:
    place = rng.randrange(1, len(name) - 1)
    return rng.choice(
        (
            name[:place] + name[place + 1 :],
            name[:place] + "X" + name[place:],
            name[: place - 1] + name[place] + name[place - 1] + name[place + 1 :],
        )
    )


def _bound(call: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
    return lambda: call(*arguments)


def _row(name: str, calls: list[Callable[[], Any]]) -> str:
    walls, cpus = [], []
    for call in [*calls[:20], *calls]:  # the first ones warm the caches
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    wall_ms, cpu_ms = (np.array(some[min(20, len(calls)) :]) * 1000 for some in (walls, cpus))
    told = [*np.percentile(wall_ms, [50, 95, 99]), *np.percentile(cpu_ms, [50, 95])]
    return f"| {name} | {len(calls)} | {' | '.join(f'{value:.2f}' for value in told)} |"


if __name__ == "__main__":
    main()
