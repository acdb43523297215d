"""What the rows behind a result are read from: the publication looked at, and those served before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, BinaryIO

import polars as pl

from rpps_sync.errors import NotFound
from rpps_sync.extracts.index import empty
from rpps_sync.extracts.lines import LineReader
from rpps_sync.extracts.parse import columns_of
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import Header
from rpps_sync.quality.declarations import Check
from rpps_sync.run_summary import QuarantinedLine

OpenFile = Callable[[ExtractKind], AbstractContextManager[BinaryIO]]
"""Opens one extract of a publication, decompressed."""

SHOWN = ("line", "national_id", "family_name", "given_name", "profession", "registration_authority")
"""Who a line is about, the number of the line first: what every list of lines begins with."""


@dataclass(frozen=True, slots=True)
class Index:
    """Where the lines of a file are (see ``rpps_sync.extracts.index``), and those that cannot be read."""

    header: Header
    rows: pl.DataFrame
    quarantined: tuple[QuarantinedLine, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One publication, its files read in bounded memory, a block of lines at a time."""

    kinds: tuple[ExtractKind, ...]
    open: OpenFile

    def blocks(self, kind: ExtractKind) -> Iterator[pl.DataFrame]:
        """The readable lines of a file, parsed, with their number (``line``), fingerprint and place (``offset``).

        Raises:
            ExtractRefused: the header is not that of this extract.
        """
        if kind not in self.kinds:
            return
        with self.open(kind) as stream:
            reader = LineReader(stream, kind)
            for block in reader.blocks():
                placed = block.frame
                yield columns_of(placed["line"], reader.header).with_columns(
                    line=placed["number"], line_hash=placed["line_hash"], offset=placed["offset"]
                )

    def index(self, kind: ExtractKind) -> Index | None:
        """Where the lines of a file are: some fifty bytes a line are held; None without that file."""
        if kind not in self.kinds:
            return None
        with self.open(kind) as stream:
            reader = LineReader(stream, kind)
            rows = [empty()]
            aside: list[QuarantinedLine] = []
            for block in reader.blocks():
                rows.append(block.frame.select(empty().columns))
                aside += block.quarantined
        return Index(reader.header, pl.concat(rows), tuple(aside))


def _nobody(_national_ids: pl.Series) -> None:
    """Nobody is remembered: files are compared without a directory."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The publication looked at, with what was served before it."""

    tonight: Side
    former: Side | None = None  # served just before; None: nothing was, or the archive no longer has it
    older: tuple[Side, ...] = ()  # served before that one, newest first
    past: tuple[Mapping[str, Any], ...] = ()  # figures of those served before, oldest first
    remembered: Callable[[pl.Series], pl.DataFrame | None] = _nobody  # names that people bore before they had left

    def before(self) -> Side:
        """The publication served before the one looked at.

        Raises:
            NotFound: there is none to read.
        """
        if self.former is None:
            raise NotFound(
                "no publication served before this one is in the archive: there is nothing to compare with",
                mend="the ARCHIVE_KEEP settings say how many are kept; 'rpps-sync checks compare' has the figures",
            )
        return self.former


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose rows are wanted: a declared check, the column, rule or group that is named with it, the extract."""

    check: Check
    part: str  # empty: all of them
    kind: ExtractKind
    sources: Sources

    @property
    def columns(self) -> tuple[str, ...]:
        """The column that is named, or all those that the check looks at."""
        return (self.part,) if self.part else self.check.columns_of(self.kind)

    def past(self) -> list[Mapping[str, Any]]:
        """The figures of this extract in the publications served before, oldest first."""
        known = (metrics.get("files", {}).get(str(self.kind)) for metrics in self.sources.past)
        return [one for one in known if one]


Finder = Callable[[Asked], Iterator[pl.DataFrame]]
"""The rows behind a result, some thousands at a time, all with the same columns."""


def shown(found: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Lines as they are listed: who, then the columns that matter."""
    return found.select([name for name in dict.fromkeys((*SHOWN, *columns)) if name in found.columns])
