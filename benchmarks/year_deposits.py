"""What a simulated publisher and the applications leave every day of a year, made in a process of its own.

    with deposits(folder, wanted) as days: for day in days: …

One day is made ahead of the night that takes it in. Its process keeps the world, so that the memory of the nights
is that of the nights alone; and it loads some days afresh, for the directory that lived to be compared with.
"""

from __future__ import annotations

import json
import multiprocessing
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from multiprocessing.queues import Queue
from pathlib import Path

import numpy as np

from pipelines.nightly import run_night
from rpps_sync import clock, logs
from rpps_sync.clock import iso
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.settings import load
from rpps_sync.simulator import card_events, mailbox_events
from rpps_sync.simulator.dossiers import Dossier, dossiers, everybody
from rpps_sync.simulator.evolution import evolve
from rpps_sync.simulator.publish import _write_day
from rpps_sync.simulator.userinfo import PLAIN, userinfo
from rpps_sync.simulator.world import World, build_world

sys.path.append(str(Path(__file__).parent))
from nights import _as_of, _versions

FIRST_DAY = date(2025, 10, 1)
CHANGE_RATE = 0.003
EVENING = timedelta(hours=21)
APPLICATION = "dpi-demo"
_STALE = 0.1  # share of the people seen whose tokens go on saying what the first day said


@dataclass(frozen=True, slots=True)
class Wanted:
    """The size of the year."""

    practitioners: int
    nights: int
    observed: int  # people an application sees a day
    compare_every: int  # nights
    seed: int


@dataclass(frozen=True, slots=True)
class Deposit:
    """What is there one evening."""

    night: int
    day: date
    folder: Path  # the extracts
    observations: Path  # of the day, for the inbox
    expected: tuple[int, int] | None  # people, and the hash of all, when these files are loaded afresh

    @property
    def evening(self) -> datetime:
        """When the night takes place."""
        return datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC) + EVENING


@contextmanager
def deposits(folder: Path, wanted: Wanted) -> Iterator[Iterator[Deposit]]:
    """The days, one after the other; each is removed when the next is asked for."""
    context = multiprocessing.get_context("spawn")
    made: Queue[Deposit] = context.Queue(maxsize=1)
    maker = context.Process(target=_make, args=(folder, wanted, made), daemon=True)
    maker.start()
    try:
        yield _handed_out(made, wanted.nights)
    finally:
        maker.terminate()
        maker.join()


def _handed_out(made: Queue[Deposit], nights: int) -> Iterator[Deposit]:
    for _ in range(nights):
        deposit = made.get(timeout=600)
        yield deposit
        shutil.rmtree(deposit.folder)


def _make(folder: Path, wanted: Wanted, made: Queue[Deposit]) -> None:
    logs.configure(quiet=True, verbose=False)
    world = build_world(wanted.practitioners, wanted.seed, FIRST_DAY)
    mailbox_events.furnish(world)
    card_events.furnish(world)
    waiting_room: dict[str, Dossier] = {}  # those who are seen for ever as they were
    for night in range(1, wanted.nights + 1):
        if night > 1:
            evolve(world, night, CHANGE_RATE)
        made.put(_deposit(world, folder, night, wanted, waiting_room))


def _deposit(world: World, folder: Path, night: int, wanted: Wanted, stale: dict[str, Dossier]) -> Deposit:
    day = FIRST_DAY + timedelta(days=night - 1)
    where, observations = folder / f"day-{night}", folder / f"seen-{day}.part"
    _write_day(world, where, day, (), lambda _lines: None)
    rng = np.random.default_rng([wanted.seed, night])
    if not stale:
        chosen = rng.choice(everybody(where), int(wanted.observed * _STALE), replace=False)
        stale.update(dossiers(where, [str(who) for who in chosen]))
    present = everybody(where)
    seen = rng.choice(present, wanted.observed - len(stale), replace=False)
    said = dossiers(where, [str(who) for who in seen]) | {who: stale[who] for who in stale if who in set(present)}
    at = iso(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))
    lines = ({"observed_at": at, "source": APPLICATION, "userinfo": userinfo(one, PLAIN)} for one in said.values())
    observations.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    compared = night == 1 or night % wanted.compare_every == 0 or night == wanted.nights
    expected = _loaded_afresh(folder / "fresh", where, day) if compared else None
    return Deposit(night, day, where, observations, expected)


def _loaded_afresh(home: Path, folder: Path, day: date) -> tuple[int, int]:
    settings = load(home=home)
    with clock.pinned(datetime(day.year, day.month, day.day, tzinfo=UTC) + EVENING):
        assert run_night(settings, FolderSource(folder)).outcome == "published"
    try:
        return _as_of(_versions(settings), 1)
    finally:
        shutil.rmtree(home)
