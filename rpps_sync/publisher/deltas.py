"""One archived text told as its difference from another: pieces of the base, and the lines the base does not have.

RPPSDELTA1, number of pieces, then for each piece (offset in the base, length); offset -1: so many bytes of the
new lines, which follow all pieces. Integers are little-endian, 64 bits.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from rpps_sync.publisher.incoming import BLOCK_BYTES
from rpps_sync.publisher.plain import ABSENT, PlainText
from rpps_sync.publisher.sources import Progress, quiet

MAGIC = b"RPPSDELTA1"
WORD = 8


def encode(base: PlainText, text: PlainText, into: BinaryIO, progress: Progress = quiet) -> bool:
    """Write the difference between two texts, once every piece of the base was compared with the text.

    Args:
        base: the former text.
        text: the text to encode.
        into: where the difference goes, uncompressed.
        progress: told the number of bytes compared.

    Returns:
        False when two different lines have one digest: what was written is then worth nothing.
    """
    pieces = _joined(base.find(text), text.lengths)
    into.write(MAGIC)
    into.write(len(pieces).to_bytes(WORD, "little"))
    into.write(pieces.astype("<i8").tobytes())
    with base.path.open("rb", buffering=0) as former, text.path.open("rb", buffering=0) as latter:
        for source, place, count in _blocks(pieces):
            told = os.pread(latter.fileno(), count, place)
            progress(count)
            if source == ABSENT:
                into.write(told)
            elif told != os.pread(former.fileno(), count, source):
                return False
    return True


def _blocks(pieces: NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """The pieces, long ones cut: where each is in the base, or ``ABSENT``, where in the text, and its bytes."""
    place = 0
    for offset, length in pieces.tolist():
        for start in range(0, length, BLOCK_BYTES):
            yield offset if offset == ABSENT else offset + start, place + start, min(BLOCK_BYTES, length - start)
        place += length


def _joined(offsets: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lines that follow one another in the base, or that are all new, as one piece each."""
    if not len(offsets):
        return np.zeros((0, 2), dtype=np.int64)
    literal = offsets == ABSENT
    follows = np.where(literal[1:], literal[:-1], ~literal[:-1] & (offsets[1:] == offsets[:-1] + lengths[:-1]))
    starts = np.flatnonzero(np.concatenate([[True], ~follows]))
    return np.column_stack([offsets[starts], np.add.reduceat(lengths, starts)])
