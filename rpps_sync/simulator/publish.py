"""``simulate publish``: write the extracts of several days, each with its catalogue, and what ``tokens`` needs.

    folder/day-1/{the five extracts, catalog.json} … folder/day-D/…
    folder/world.json                         its days and its stories (see ``stories``)

The same arguments give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path

from rpps_sync.clock import now
from rpps_sync.errors import UsageError
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import SEPARATOR, layout
from rpps_sync.simulator import card_events, mailbox_events
from rpps_sync.simulator.casting import cast
from rpps_sync.simulator.catalogue import DepositedFile, deposited_at, write_catalogue
from rpps_sync.simulator.direction import Director
from rpps_sync.simulator.evolution import evolve
from rpps_sync.simulator.rendering import frames
from rpps_sync.simulator.stories import WORLD_FILE, Script, write_script
from rpps_sync.simulator.world import World, build_world

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class PublishedDay:
    """What was written for one day."""

    day: date
    folder: Path
    files: tuple[DepositedFile, ...]


def publish(
    folder: Path,
    *,
    practitioners: int,
    first_day: date,
    days: int,
    seed: int,
    change_rate: float = 0.003,
    progress: Progress = lambda _lines: None,
) -> tuple[PublishedDay, ...]:
    """Write so many days of simulated extracts.

    Args:
        folder: where ``day-1`` … go; made when missing.
        practitioners: how many on the first day; lines are some 1.18 times as many.
        first_day: day of the first publication; the others follow day by day.
        days: how many publications.
        seed: same seed, same people.
        change_rate: share of the lines that change from one day to the next.
        progress: called with the number of lines just written.

    Raises:
        UsageError: impossible numbers, or a folder that already holds a simulation.
    """
    _check(folder, days, change_rate)
    world = build_world(practitioners, seed, first_day)
    roles = cast(world, days)
    mailbox_events.furnish(world)
    card_events.furnish(world)
    director = Director(world, roles)
    written: list[PublishedDay] = []
    for number in range(1, days + 1):
        if number > 1:
            evolve(world, number, change_rate)
            director.play(number)
        day = first_day + timedelta(days=number - 1)
        former = written[-1].files if written else ()
        written.append(_write_day(world, folder / f"day-{number}", day, former, progress))
    dates = tuple(item.day for item in written)
    write_script(folder, Script(seed, dates, tuple(role.story for role in roles)))
    return tuple(written)


def default_start(days: int) -> date:
    """The first of so many days when the last one is the newest deposit that is already past."""
    today = now().date()
    newest = today if deposited_at(today, len(ExtractKind) - 1) <= now() else today - timedelta(days=1)
    return newest - timedelta(days=days - 1)


def _check(folder: Path, days: int, change_rate: float) -> None:
    if days < 1 or not 0 <= change_rate <= 0.2:
        raise UsageError(
            "a simulation has at least one day and changes at most 20 % of its lines a day",
            mend="check --days and --change-rate",
        )
    if (folder / WORLD_FILE).exists() or any(folder.glob("day-*")):
        raise UsageError(
            f"{folder} already holds a simulation; nothing was written",
            mend="choose another --out, or remove that folder",
            reason="folder-in-use",
        )


def _write_day(
    world: World, folder: Path, day: date, former: tuple[DepositedFile, ...], progress: Progress
) -> PublishedDay:
    folder.mkdir(parents=True)
    files = [
        _write_extract(world, folder, kind, deposited_at(day, rank), progress)
        for rank, kind in enumerate(ExtractKind)
    ]
    write_catalogue(folder, files, list(former))
    return PublishedDay(day, folder, tuple(files))


def _write_extract(
    world: World, folder: Path, kind: ExtractKind, at: datetime, progress: Progress
) -> DepositedFile:
    digest, size, lines = hashlib.sha1(usedforsecurity=False), 0, 0
    with (folder / layout(kind).file_name).open("wb") as file:
        for block, count in _blocks(world, kind):
            file.write(block)
            digest.update(block)
            size += len(block)
            lines += count
            progress(count)
    return DepositedFile(kind, at, size, digest.hexdigest(), lines)


def _blocks(world: World, kind: ExtractKind) -> Iterator[tuple[bytes, int]]:
    """The bytes of the file, header first, with the number of lines in each block."""
    yield (layout(kind).header + "\n").encode(), 0
    keys = [column.key for column in layout(kind).columns]
    for frame in frames(world, kind):
        text = BytesIO()
        frame.select(keys).write_csv(
            text, include_header=False, separator=SEPARATOR, quote_style="never", line_terminator="\n"
        )
        yield text.getvalue(), frame.height
