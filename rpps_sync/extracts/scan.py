"""One pass over a file: its line index and its profile, in bounded memory.

A file that follows another of the same header is not taken apart again: lines the former one had were judged and
measured then. Only the lines that differ are parsed, and the former profile moves by what they say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import polars as pl

from rpps_sync.errors import ExtractRefused
from rpps_sync.extracts import index as line_index
from rpps_sync.extracts.ahead import ahead
from rpps_sync.extracts.difference import LineDifference, difference
from rpps_sync.extracts.lines import Block, LineReader, Piece, without
from rpps_sync.extracts.parse import columns_of
from rpps_sync.extracts.picking import lines_at
from rpps_sync.extracts.profile import Portion, Profile, Profiler, measured
from rpps_sync.limits import LIMITS, Limits
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import Header
from rpps_sync.run_summary import QuarantinedLine

_NUMBERED = pl.Schema([("number", pl.UInt32), *line_index.SCHEMA.items()])

Progress = Callable[[int], None]


def _quiet(_lines: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass over a file learned."""

    index: pl.DataFrame  # see rpps_sync.extracts.index
    profile: Profile


def scan(stream: BinaryIO, kind: ExtractKind, *, progress: Progress = _quiet, limits: Limits = LIMITS) -> Scan:
    """Read and measure a whole extract.

    Args:
        stream: the decompressed bytes.
        kind: which extract this should be.
        progress: told the number of lines read since the last call.
        limits: bounds on lines and blocks.

    Raises:
        ExtractRefused: the header is not that of this extract.
    """
    reader = LineReader(stream, kind, limits)
    profiler = Profiler(reader.header)

    def measure(piece: Piece) -> tuple[Block, Portion]:
        block = reader.read(piece)
        return block, measured(columns_of(block.frame["line"], reader.header), reader.header)

    reading = _Reading(kind, progress, limits)
    for block, portion in ahead(measure, reader.pieces()):
        reading.add(block)
        profiler.add(portion)
    return reading.scan(profiler)


def rescan(
    stream: BinaryIO,
    kind: ExtractKind,
    former: Scan,
    former_text: Callable[[], BinaryIO],
    *,
    progress: Progress = _quiet,
    limits: Limits = LIMITS,
) -> tuple[Scan, LineDifference]:
    """Read a whole extract that follows another, and measure what differs; the answer is that of :func:`scan`.

    Args:
        stream: the decompressed bytes, seekable: the lines that came are read again.
        kind: which extract this should be.
        former: what was learned of the extract it follows.
        former_text: opens the decompressed bytes of that one, for the lines that went.
        progress: told the number of lines read since the last call.
        limits: bounds on lines and blocks.

    Raises:
        ExtractRefused: the header is not that of this extract.
        DirectoryError: the former extract cannot be read.
    """
    reader = LineReader(stream, kind, limits)
    if reader.header != former.profile.header:
        stream.seek(0)
        whole = scan(stream, kind, progress=progress, limits=limits)
        return whole, difference(former.index, whole.index)
    reading = _Reading(kind, progress, limits)
    for block in ahead(reader.place, reader.pieces()):
        reading.add(block)
    told = difference(former.index, reading.rows)
    for lines, rows in lines_at(stream, told.gained):
        reading.set_aside(reader.unreadable(rows.with_columns(lines)))
    told = LineDifference(without(told.gained, reading.quarantined), told.lost)
    profiler = Profiler.of(former.profile)
    for portion in _measured_at(stream, told.gained, reader.header):
        profiler.add(portion)
    if told.removed:
        with former_text() as text:
            for portion in _measured_at(text, told.lost, reader.header):
                profiler.add(portion.less())
    return reading.scan(profiler), told


def _measured_at(text: BinaryIO, rows: pl.DataFrame, header: Header) -> Iterator[Portion]:
    return (measured(columns_of(lines, header), header) for lines, _ in lines_at(text, rows))


class _Reading:
    """The blocks of a file, as they come."""

    def __init__(self, kind: ExtractKind, progress: Progress, limits: Limits) -> None:
        self._kind = kind
        self._progress = progress
        self._limits = limits
        self._blocks: list[pl.DataFrame] = []
        self.quarantined: list[QuarantinedLine] = []

    def add(self, block: Block) -> None:
        """Take one more block.

        Raises:
            ExtractRefused: too much of the file cannot be read.
        """
        self._blocks.append(block.frame.select(_NUMBERED.names()))
        self._quarantine(block.quarantined)
        self._progress(block.frame.height + len(block.quarantined))

    def set_aside(self, lines: tuple[QuarantinedLine, ...]) -> None:
        """Lines taken before turn out to be unreadable.

        Raises:
            ExtractRefused: too much of the file cannot be read.
        """
        if lines:
            self._blocks = [without(self.rows, lines)]
            self._quarantine(lines)

    def _quarantine(self, lines: tuple[QuarantinedLine, ...]) -> None:
        self.quarantined.extend(lines)
        _bound(self._kind, self.quarantined, self._limits)

    @property
    def rows(self) -> pl.DataFrame:
        """The index of all the blocks together, with the number of each line."""
        self._blocks = [pl.concat([_NUMBERED.to_frame(), *self._blocks], rechunk=True)]
        return self._blocks[0]

    def scan(self, profiler: Profiler) -> Scan:
        """All that was learned, measures included."""
        index = self.rows.drop("number")
        self.quarantined.sort(key=lambda line: line.line_number)
        profile = profiler.profile(
            index,
            tuple(self.quarantined),
            repeated=index.height - index["line_hash"].n_unique(),
            people=index["national_id"].n_unique(),
        )
        return Scan(index, profile)


def _bound(kind: ExtractKind, quarantined: list[QuarantinedLine], limits: Limits) -> None:
    many = len(quarantined) > limits.quarantined_lines
    if many or sum(len(line.raw) for line in quarantined) > limits.quarantined_bytes:
        first = quarantined[0]
        bound = f"{limits.quarantined_lines} lines" if many else f"{limits.quarantined_bytes} bytes of lines"
        raise ExtractRefused(
            f"{kind}: more than {bound} cannot be read; the first is line {first.line_number}: {first.detail}",
            mend="the whole file is damaged or its format changed: look at that line, then at docs/extracts.md",
            reason="unreadable",
        )
