"""One pass over a file: its line index and its profile, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import polars as pl

from rpps_sync.errors import ExtractRefused
from rpps_sync.extracts import index as line_index
from rpps_sync.extracts.ahead import ahead
from rpps_sync.extracts.lines import Block, LineReader, Piece
from rpps_sync.extracts.parse import columns_of, known_text
from rpps_sync.extracts.profile import Portion, Profile, Profiler, measured
from rpps_sync.limits import LIMITS, Limits
from rpps_sync.publication import ExtractKind
from rpps_sync.run_summary import QuarantinedLine


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass over a file learned."""

    index: pl.DataFrame  # see rpps_sync.extracts.index
    profile: Profile


def scan(
    stream: BinaryIO,
    kind: ExtractKind,
    *,
    progress: Callable[[int], None] = lambda _lines: None,
    limits: Limits = LIMITS,
) -> Scan:
    """Read a whole extract once.

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
    indexes: list[pl.DataFrame] = [line_index.empty()]
    quarantined: list[QuarantinedLine] = []

    def measure(piece: Piece) -> tuple[Block, pl.DataFrame, Portion]:
        block = reader.read(piece)
        columns = columns_of(block.frame["line"], reader.header)
        known = block.frame.with_columns(line=known_text(block.frame["line"], reader.header))
        return block, line_index.fingerprints(known), measured(columns, reader.header)

    for block, fingerprints, portion in ahead(measure, reader.pieces()):
        indexes.append(fingerprints)
        profiler.add(portion)
        quarantined.extend(block.quarantined)
        _bound(kind, quarantined, limits)
        progress(block.frame.height + len(block.quarantined))
    index = pl.concat(indexes)
    profile = Profile(
        kind=kind,
        header=reader.header,
        lines=index.height,
        quarantined=tuple(quarantined),
        duplicates=index.height - index["line_hash"].n_unique(),
        practitioners=index["national_id"].n_unique(),
        filled=profiler.filled(),
        values=profiler.values(),
        identifiers=profiler.identifiers(),
        rules=profiler.rules(),
        groups=profiler.groups(),
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
