"""One archived text told as its difference from another: pieces of the base, and the lines the base does not have.

    RPPSDELTA1, number of pieces, then for each piece (offset in the base, length); offset -1: so many bytes of the
    new lines, which follow all pieces. Integers are little-endian, 64 bits.

A base is copied into a file without a name before it is read: pieces come in any order, and memory stays small.
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Generator, Iterator
from hashlib import blake2b
from typing import IO, BinaryIO

import numpy as np
from numpy.typing import NDArray

from rpps_sync.publisher.incoming import BLOCK_BYTES

MAGIC = b"RPPSDELTA1"
_LITERAL = -1
_WORD = 8


def encode(base: BinaryIO, text: BinaryIO, into: BinaryIO) -> None:
    """Write the difference between two texts.

    Args:
        base: the former text, read once.
        text: the text to encode, seekable: read twice.
        into: where the difference goes, uncompressed.

    Lines are told apart by 64 bits of their digest: whoever keeps the result compares it with the text first.
    """
    known = _Lines.of(base)
    lines = _Lines.of(text)
    offsets = known.find(lines)
    pieces = _joined(offsets, lines.lengths)
    into.write(MAGIC)
    into.write(len(pieces).to_bytes(_WORD, "little"))
    into.write(pieces.astype("<i8").tobytes())
    text.seek(0)
    for line, offset in zip(text, offsets.tolist(), strict=True):
        if offset == _LITERAL:
            into.write(line)


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
            if offset == _LITERAL:
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


class _Lines:
    """Digest, offset and length of each line of a text."""

    def __init__(self, digests: NDArray[np.uint64], lengths: NDArray[np.int64]) -> None:
        self.digests = digests
        self.lengths = lengths
        self.offsets: NDArray[np.int64] = np.cumsum(lengths) - lengths

    def find(self, wanted: _Lines) -> NDArray[np.int64]:
        """Where each of some lines is in this text; -1 for those that are not."""
        if not len(self.digests):
            return np.full(len(wanted.digests), _LITERAL, dtype=np.int64)
        order = np.argsort(self.digests, kind="stable")
        slots = np.searchsorted(self.digests, wanted.digests, sorter=order)
        found = order[np.minimum(slots, len(order) - 1)]
        return np.where(self.digests[found] == wanted.digests, self.offsets[found], _LITERAL)

    @classmethod
    def of(cls, text: BinaryIO) -> _Lines:
        digests = bytearray()
        lengths = array("q")
        for line in text:
            digests += blake2b(line, digest_size=_WORD).digest()
            lengths.append(len(line))
        return cls(np.frombuffer(bytes(digests), dtype=np.uint64), np.frombuffer(lengths, dtype=np.int64))


def _joined(offsets: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lines that follow one another in the base, or that are all new, as one piece each."""
    if not len(offsets):
        return np.zeros((0, 2), dtype=np.int64)
    literal = offsets == _LITERAL
    follows = np.where(literal[1:], literal[:-1], ~literal[:-1] & (offsets[1:] == offsets[:-1] + lengths[:-1]))
    starts = np.flatnonzero(np.concatenate([[True], ~follows]))
    return np.column_stack([offsets[starts], np.add.reduceat(lengths, starts)])
