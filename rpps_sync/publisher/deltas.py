"""One archived text told as its difference from another: pieces of the base, and the lines the base does not have.

    RPPSDELTA1, number of pieces, then for each piece (offset in the base, length); offset -1: so many bytes of the
    new lines, which follow all pieces. Integers are little-endian, 64 bits.

A base is copied into a file without a name before it is read: pieces come in any order, and memory stays small.
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterator
from typing import IO, BinaryIO

import numpy as np
from numpy.typing import NDArray

from rpps_sync.publisher.incoming import BLOCK_BYTES
from rpps_sync.publisher.plain import ABSENT, PlainText

MAGIC = b"RPPSDELTA1"
_WORD = 8


def encode(base: PlainText, text: PlainText, into: BinaryIO) -> bool:
    """Write the difference between two texts, once every piece of the base was compared with the text.

    Args:
        base: the former text.
        text: the text to encode.
        into: where the difference goes, uncompressed.

    Returns:
        False when two different lines have one digest: what was written is then worth nothing.
    """
    pieces = _joined(base.find(text), text.lengths)
    into.write(MAGIC)
    into.write(len(pieces).to_bytes(_WORD, "little"))
    into.write(pieces.astype("<i8").tobytes())
    with base.path.open("rb") as former, text.path.open("rb") as latter:
        for offset, length in pieces.tolist():
            if offset == ABSENT:
                for block in _exactly(latter, length):  # noqa: FURB122 - zstandard's writer has no writelines
                    into.write(block)
            elif not _alike(former, offset, latter, length):
                return False
    return True


def _alike(former: BinaryIO, offset: int, latter: BinaryIO, length: int) -> bool:
    """Whether the next bytes of a text are those at some offset of its base."""
    former.seek(offset)
    pairs = zip(_exactly(former, length), _exactly(latter, length), strict=True)
    return all(one == other for one, other in pairs)


def decode(base: BinaryIO, difference: BinaryIO) -> Generator[bytes]:
    """The text again, in blocks.

    Raises:
        ValueError: this is no difference, or it is not one from that base.
    """
    if difference.read(len(MAGIC)) != MAGIC:
        raise ValueError("it is no difference between two texts")
    count = int.from_bytes(difference.read(_WORD), "little")
    pieces = np.frombuffer(b"".join(_exactly(difference, count * 2 * _WORD)), dtype="<i8").reshape(-1, 2).tolist()
    with tempfile.TemporaryFile() as former:
        while block := base.read(BLOCK_BYTES):
            former.write(block)
        for offset, length in pieces:
            if offset == ABSENT:
                yield from _exactly(difference, length)
            else:
                former.seek(offset)
                yield from _exactly(former, length)


def _exactly(source: BinaryIO | IO[bytes], length: int) -> Iterator[bytes]:
    while length:
        block = source.read(min(length, BLOCK_BYTES))
        if not block:
            raise ValueError("it refers to bytes that are not there")
        length -= len(block)
        yield block


def _joined(offsets: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lines that follow one another in the base, or that are all new, as one piece each."""
    if not len(offsets):
        return np.zeros((0, 2), dtype=np.int64)
    literal = offsets == ABSENT
    follows = np.where(literal[1:], literal[:-1], ~literal[:-1] & (offsets[1:] == offsets[:-1] + lengths[:-1]))
    starts = np.flatnonzero(np.concatenate([[True], ~follows]))
    return np.column_stack([offsets[starts], np.add.reduceat(lengths, starts)])
