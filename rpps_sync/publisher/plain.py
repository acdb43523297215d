"""A decompressed text on disk, and where its lines are: what a difference is made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import polars_hash as plh
from numpy.typing import NDArray

from rpps_sync.limits import LIMITS
from rpps_sync.publisher.sources import Progress, quiet

ABSENT = -1


@dataclass(frozen=True, slots=True)
class PlainText:
    """The lines of a text, in order, line ends included."""

    path: Path
    digests: NDArray[np.uint64]  # 64 bits each: whoever needs certainty compares the bytes
    lengths: NDArray[np.int64]  # bytes

    @classmethod
    def of(cls, path: Path, progress: Progress = quiet) -> PlainText:
        """Read a text once, in bounded memory: twelve bytes are kept of each line.

        Args:
            path: of the text.
            progress: told the number of bytes read.

        Raises:
            OSError: it cannot be read.
        """
        digests, lengths = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
        for block in _whole_lines(path):
            ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n")) + 1
            if not block.endswith(b"\n"):
                ends = np.append(ends, len(block))
            starts = np.concatenate([[0], ends]).astype(np.int64)
            digests.append(_digests(block, starts))
            lengths.append(np.diff(starts))
            progress(len(block))
        return cls(path, np.concatenate(digests), np.concatenate(lengths))

    @property
    def offsets(self) -> NDArray[np.int64]:
        """Where each line begins, in bytes."""
        return np.cumsum(self.lengths) - self.lengths

    def find(self, wanted: PlainText) -> NDArray[np.int64]:
        """Where each line of another text is in this one; ``ABSENT`` for those it does not have."""
        if not len(self.digests):
            return np.full(len(wanted.digests), ABSENT, dtype=np.int64)
        lines = self._places_of(wanted.digests)
        # Of lines that repeat one another, the one that goes on where the line before it left off.
        following = np.minimum(np.concatenate([[0], lines[:-1] + 1]), len(self.digests) - 1)
        lines = np.where(self.digests[following] == wanted.digests, following, lines)
        return np.where(self.digests[lines] == wanted.digests, self.offsets[lines], ABSENT)

    def _places_of(self, digests: NDArray[np.uint64]) -> NDArray[np.int64]:
        """For each digest the number of a line that has it, or of another line if none has."""
        own, asked = np.argsort(self.digests), np.argsort(digests)
        # Both in order, so that neighbours share their way through memory.
        slots = np.searchsorted(self.digests[own], digests[asked])
        places = np.empty(len(digests), dtype=np.int64)
        places[asked] = own[np.minimum(slots, len(own) - 1)]
        return places


def _whole_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(LIMITS.chunk_bytes):
            yield block + stream.readline()


def _digests(block: bytes, starts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """xxh3 of each line, without copying any."""
    import pyarrow as pa  # noqa: PLC0415 - forty megabytes, which a night with nothing new does without

    buffers = [None, pa.py_buffer(starts), pa.py_buffer(block)]
    lines = pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(starts) - 1, buffers)
    frame = pl.DataFrame({"line": pl.from_arrow(lines)})
    return frame.select(plh.col("line").nchash.xxh3_64()).to_series().to_numpy()
