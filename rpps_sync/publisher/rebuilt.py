"""A text told as its difference from another (see ``rpps_sync.publisher.deltas``), read as if it were whole."""

from __future__ import annotations

import io
import shutil
import tempfile
from typing import IO, Any, BinaryIO

import numpy as np

from rpps_sync.limits import MEBIBYTE
from rpps_sync.publisher.deltas import MAGIC, WORD
from rpps_sync.publisher.plain import ABSENT

_IN_MEMORY = 16 * MEBIBYTE  # new lines beyond that wait on disk


class Rebuilt(io.RawIOBase):
    """The text again: in it one can seek, and what nobody reads is never put together.

    Args:
        base: the text that the difference refers to, a file in which one can seek; closed with this.
        difference: decompressed; read to its end at once.

    Raises:
        ValueError: this is no difference, or it is not one from that base.
    """

    def __init__(self, base: IO[bytes], difference: BinaryIO) -> None:
        self._base = base
        self._new: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed with this
        self._read_pieces(difference)
        shutil.copyfileobj(difference, self._new, MEBIBYTE)
        self._refuse_strangers()
        self._position = 0

    def _read_pieces(self, difference: BinaryIO) -> None:
        if difference.read(len(MAGIC)) != MAGIC:
            raise ValueError("it is no difference between two texts")
        count = int.from_bytes(difference.read(WORD), "little")
        pieces = np.frombuffer(_exactly(difference, 2 * WORD * count), dtype="<i8").reshape(-1, 2)
        offsets, self._lengths = pieces[:, 0], pieces[:, 1]
        self._is_new = offsets == ABSENT
        self._ends = np.cumsum(self._lengths)  # of each piece, in the text
        new = np.where(self._is_new, self._lengths, 0)
        # Where each piece begins, in its source.
        self._from = np.where(self._is_new, np.cumsum(new) - new, offsets)

    def _refuse_strangers(self) -> None:
        sizes = np.where(self._is_new, self._new.seek(0, io.SEEK_END), self._base.seek(0, io.SEEK_END))
        if (self._from < 0).any() or (self._lengths < 0).any() or (self._from + self._lengths > sizes).any():
            raise ValueError("it refers to bytes that are not there")

    @property
    def size(self) -> int:
        """Bytes of the text."""
        return int(self._ends[-1]) if len(self._ends) else 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next byte read is, in the text."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go there; nothing is read on the way."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Bytes from here on, as many as there are and fit; how many.

        Raises:
            ValueError: the base was cut short meanwhile.
        """
        piece = int(np.searchsorted(self._ends, self._position, side="right"))
        room = memoryview(buffer)
        while room and piece < len(self._ends):
            count = self._read_piece(piece, room)
            room = room[count:]
            self._position += count
            piece += self._position == self._ends[piece]
        return len(buffer) - len(room)

    def _read_piece(self, piece: int, room: memoryview) -> int:
        left = int(self._ends[piece]) - self._position
        source = self._new if self._is_new[piece] else self._base
        source.seek(int(self._from[piece] + self._lengths[piece]) - left)
        data = source.read(min(left, len(room)))
        if left and not data:
            raise ValueError("bytes of it are gone")
        room[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Let go of both sources."""
        self._base.close()
        self._new.close()
        super().close()


def _exactly(source: BinaryIO, length: int) -> bytes:
    """So many bytes, in blocks: a damaged length asks for more memory than there is."""
    blocks = []
    while length and (block := source.read(min(length, MEBIBYTE))):
        blocks.append(block)
        length -= len(block)
    if length:
        raise ValueError("its end is missing")
    return b"".join(blocks)
