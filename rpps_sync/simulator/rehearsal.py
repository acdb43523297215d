"""Rehearsing nights in memory: simulated days put before the gate, without network, archive or database.

What is rehearsed is the real thing: the files are scanned, compared with those of the night before and checked
with the declarations that are shipped; a night that is let in becomes part of the past of the next ones.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from rpps_sync.errors import RppsSyncError
from rpps_sync.extracts.crossing import orphans
from rpps_sync.extracts.difference import difference
from rpps_sync.extracts.index import empty
from rpps_sync.extracts.moved import Moved, lines_of, sample
from rpps_sync.extracts.scan import Scan, scan
from rpps_sync.extracts.wording import published_labels
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import SEPARATOR, layout
from rpps_sync.quality.gate import assess, metrics_of
from rpps_sync.quality.movement import movement_of
from rpps_sync.quality.reception import refused
from rpps_sync.run_summary import CheckResult
from rpps_sync.simulator import card_events, mailbox_events
from rpps_sync.simulator.evolution import evolve
from rpps_sync.simulator.rendering import frames
from rpps_sync.simulator.world import World, build_world

Files = Mapping[ExtractKind, bytes]
"""The extracts of one day, as published."""

WORKING_DAY, WEEKEND, HOLIDAY = 0.003, 0.0006, 0.0003
"""Share of the lines that change in a day."""
HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)})
"""Fixed French public holidays, as (month, day)."""
MISSED = 0.043  # share of the days without a deposit, as measured on the sister file over 302 days


@dataclass(frozen=True, slots=True)
class Day:
    """One simulated deposit."""

    day: date
    files: Files


def days(practitioners: int, first_day: date, count: int, seed: int) -> Iterator[Day]:
    """So many deposits: people move on weekdays, less at weekends and holidays; some days nothing is deposited."""
    world = build_world(practitioners, seed, first_day)
    mailbox_events.furnish(world)
    card_events.furnish(world)
    rng = np.random.default_rng(seed)
    number, made = 1, 0
    while made < count:
        if number > 1:
            evolve(world, number, change_rate(world.today + timedelta(days=1)), novelties=False)
        if number == 1 or rng.random() >= MISSED:
            made += 1
            yield Day(world.today, {kind: _rendered(world, kind) for kind in ExtractKind})
        number += 1


def change_rate(day: date) -> float:
    """Share of the lines that change on a day."""
    if (day.month, day.day) in HOLIDAYS:
        return HOLIDAY
    return WEEKEND if day.weekday() in (5, 6) else WORKING_DAY


def _rendered(world: World, kind: ExtractKind) -> bytes:
    return written(kind, pl.concat(list(frames(world, kind))))


def written(kind: ExtractKind, lines: pl.DataFrame) -> bytes:
    """A whole extract from its lines, by the column keys of its layout."""
    keys = [column.key for column in layout(kind).columns]
    text = lines.select(keys).write_csv(
        include_header=False, separator=SEPARATOR, quote_style="never", line_terminator="\n"
    )
    return f"{layout(kind).header}\n{text}".encode()


@dataclass(slots=True)
class Rehearsal:
    """Nights one after the other; only those let in are compared with later."""

    language: str = "en"
    history: list[Mapping[str, Any]] = field(default_factory=list)
    _files: dict[ExtractKind, bytes] = field(default_factory=dict)
    _scans: dict[ExtractKind, Scan] = field(default_factory=dict)
    _labels: dict[tuple[str, str], str] = field(default_factory=dict)

    def night(
        self,
        day: date,
        files: Files,
        *,
        deposits: Mapping[ExtractKind, timedelta] | None = None,
        keep: bool = True,
    ) -> tuple[CheckResult, ...]:
        """What the checks say of one deposit.

        Args:
            day: when it is deposited, at six in the morning.
            files: the extracts.
            deposits: how much later than that some files are deposited.
            keep: whether it is let in when nothing blocks; a trial leaves the rehearsal as it was.
        """
        try:
            scans = {kind: scan(io.BytesIO(data), kind) for kind, data in files.items()}
        except RppsSyncError as error:
            return refused(error, self.language)
        before, after = ({kind: item.index for kind, item in learned.items()} for learned in (self._scans, scans))
        differences = {
            kind: difference(before.get(kind, empty()), after.get(kind, empty())) for kind in before.keys() | after
        }
        held = [line.national_id for item in scans.values() for line in item.profile.quarantined]
        at = datetime.combine(day, time(6), ZoneInfo("Europe/Paris"))
        strangers = orphans(after)
        profiles = {kind: item.profile for kind, item in scans.items()}
        digests = {kind: hashlib.sha256(data).hexdigest() for kind, data in files.items()}
        movement = movement_of(self._scans, scans, differences, held)
        results = assess(
            profiles,
            movement,
            self.history,
            self.language,
            labels=self._labels,
            orphans=strangers,
            deposited={kind: at + (deposits or {}).get(kind, timedelta()) for kind in files},
            differences=differences,
            digests=digests,
            moved=self._moved(files, scans, pl.concat([item.affected for item in differences.values()])),
            published_on=day,
        )
        if keep and not any(result.blocks for result in results):
            self._files, self._scans = dict(files), scans
            self._labels |= published_labels(profiles.values())
            self.history.append(
                metrics_of(
                    profiles,
                    strangers,
                    differences=differences,
                    digests=digests,
                    published_on=day,
                    movement=movement,
                )
            )
        return results

    def _moved(self, files: Files, scans: Mapping[ExtractKind, Scan], affected: pl.Series) -> Moved:
        people = affected.unique()
        chosen = sample(people)
        before, after = (
            {
                kind: lines_of(io.BytesIO(data), learned[kind].index, learned[kind].profile.header, chosen)
                for kind, data in side.items()
            }
            for side, learned in ((self._files, self._scans), (files, scans))
        )
        return Moved(people.len(), chosen.len(), before, after)
