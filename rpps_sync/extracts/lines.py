"""Reading an extract line by line, a bounded block at a time, setting aside what cannot be read.

The format has no quoting, so no CSV reader is trusted with it: lines are cut at LF and nowhere else (one CR before
it is dropped) and must have exactly as many separators as the header. A line that fails is quarantined with its
number, the reason and its bytes; the identifier is still looked for in it, so that its practitioner can keep the
last good version. Every line of the file is in one of the two: readable lines and quarantined lines add up.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rpps_sync.errors import ExtractRefused
from rpps_sync.extracts.index import fingerprint
from rpps_sync.limits import LIMITS, Limits
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import SEPARATOR, Header, read_header
from rpps_sync.run_summary import QuarantinedLine

OWNER_COLUMNS = ("national_id", "structure_identifier")
"""Columns that say whose line it is, the first that is filled; the second is that of organisations' mailboxes."""

ACCEPTABLE_ID = r"^[0-9A-Z]{9,20}$"
"""Shape without which a line has no owner; whether the identifier is a right one is a matter for the checks."""

FORBIDDEN = "\0\x1e\x1f"
"""Characters no line may hold: NUL fits in no database, the separators delimit what fingerprints are made of."""

_BLOCK = ("line", "number", "national_id", "line_hash", "offset", "length")

_ID_ANYWHERE = re.compile(r"(?:^|\|)(8[0-9]{11}|0[0-9][0-9AB][0-9]{7})(?=\||$)")


@dataclass(frozen=True, slots=True)
class Block:
    """Some consecutive lines of one file.

    ``frame`` has the columns ``line`` (text without its end), ``number`` (2 is the first after the header) and
    those of an index (see ``rpps_sync.extracts.index``). ``quarantined`` are the other lines.
    """

    frame: pl.DataFrame
    quarantined: tuple[QuarantinedLine, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines as they are in the file, and where the first one is: its number, its offset in bytes."""

    raw: bytes
    number: int
    offset: int
    ends: NDArray[np.intp]  # where each LF is in ``raw``


@dataclass(slots=True)
class LineReader:
    """The lines of one extract.

    Args:
        stream: the decompressed bytes, at their beginning.
        kind: which extract this should be.
        limits: bounds on the header, a line, and the block read at a time.

    Raises:
        ExtractRefused: the first line is not a header of this extract, or is longer than any header.
    """

    stream: BinaryIO
    kind: ExtractKind
    limits: Limits = LIMITS
    header: Header = field(init=False)
    _begins: int = field(init=False)  # where the first data line is, in bytes

    def __post_init__(self) -> None:
        first = self.stream.readline(self.limits.header_bytes + 1)
        if len(first) > self.limits.header_bytes:
            raise _no_header(self.kind, f"is longer than {self.limits.header_bytes} bytes", "header-too-long")
        if _holds_forbidden(first):
            raise _no_header(self.kind, "holds a control character", "control-character")
        self._begins = len(first)
        try:
            self.header = read_header(self.kind, first.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise _no_header(self.kind, "is not UTF-8 text", "not-utf-8") from error

    def blocks(self) -> Iterator[Block]:
        """The data lines, in order, about ``limits.chunk_bytes`` at a time."""
        return map(self.read, self.pieces())

    def pieces(self) -> Iterator[Piece]:
        """The data lines as bytes, not judged yet: what :meth:`read` turns into a block, on any thread."""
        number, offset = 2, self._begins
        for raw, size in self._whole_lines():
            ends = np.flatnonzero(np.frombuffer(raw, dtype=np.uint8) == ord("\n"))
            yield Piece(raw, number, offset, ends)
            number += len(ends)
            offset += size

    def read(self, piece: Piece) -> Block:
        """Judge the lines of a piece."""
        if _holds_forbidden(piece.raw):
            return self._slow(piece)
        block = self.place(piece)
        quarantined = self.unreadable(block.frame)
        return Block(without(block.frame, quarantined), block.quarantined + quarantined)

    def place(self, piece: Piece) -> Block:
        """The lines of a piece and whose they are, not judged; but for a piece of which some bytes are no text."""
        try:
            # read_lines cuts at LF only, and drops one CR before it: not at form feeds, NEL or U+2028.
            text = pl.read_lines(io.BytesIO(piece.raw))
        except pl.exceptions.ComputeError:
            return self._slow(piece)
        number = pl.int_range(piece.number, piece.number + text.height, dtype=pl.UInt32).alias("number")
        columns = (number, _owner(self.header), fingerprint(text["line"], self.header), *_places(piece))
        return Block(text.with_columns(columns).select(_BLOCK), ())

    def unreadable(self, lines: pl.DataFrame) -> tuple[QuarantinedLine, ...]:
        """Which of some placed lines cannot be read, and why."""
        refused = lines.filter(~self._readable()).select("number", "line")
        return tuple(self._set_aside(number, line.encode()) for number, line in refused.iter_rows())

    def _whole_lines(self) -> Iterator[tuple[bytes, int]]:
        """Blocks that end with a line end, and their size in the file.

        Of a line beyond the limit enough is kept to see that it is, alone in its block.
        """
        carry, skipped = b"", 0
        enough = self.limits.line_bytes + 2  # one byte too many, even after the CR of its end was dropped
        while data := self.stream.read(self.limits.chunk_bytes):
            if skipped:
                end = data.find(b"\n") + 1
                skipped += end or len(data)
                if not end:
                    continue
                yield carry + b"\n", len(carry) + skipped
                carry, data = b"", data[end:]
            data = carry + data
            end = data.rfind(b"\n") + 1
            if end:
                yield data[:end], end
            carry = data[end : end + enough]
            skipped = len(data) - end - len(carry)
        if carry:
            yield carry + b"\n", len(carry) + skipped

    def _readable(self) -> pl.Expr:
        """The judgement of :meth:`_problem`, for a whole block at once."""
        separators = pl.col("line").str.count_matches(SEPARATOR, literal=True)
        whole = (separators == self.header.fields - 1) & (pl.col("line").str.len_bytes() <= self.limits.line_bytes)
        whole &= ~pl.col("line").str.contains_any(list(FORBIDDEN))
        return (whole & pl.col("national_id").str.contains(ACCEPTABLE_ID)).fill_null(value=False)

    def _slow(self, piece: Piece) -> Block:
        """A block with bytes that are no text: each line is judged by itself."""
        kept: list[tuple[str, int, int, int]] = []
        quarantined: list[QuarantinedLine] = []
        offset = piece.offset
        for number, ended in enumerate(piece.raw.split(b"\n")[:-1], piece.number):
            line = ended.removesuffix(b"\r")
            if self._problem(line) is None:
                kept.append((line.decode(), number, offset, len(ended)))
            else:
                quarantined.append(self._set_aside(number, line))
            offset += len(ended) + 1
        schema = {"line": pl.String, "number": pl.UInt32, "offset": pl.UInt64, "length": pl.UInt32}
        frame = pl.DataFrame(kept, schema=schema, orient="row")
        columns = (_owner(self.header), fingerprint(frame["line"], self.header))
        return Block(frame.with_columns(columns).select(_BLOCK), tuple(quarantined))

    def _set_aside(self, number: int, line: bytes) -> QuarantinedLine:
        reason, detail = self._problem(line) or ("unreadable", "")
        kept = self.limits.line_bytes
        return QuarantinedLine(
            kind=self.kind,
            line_number=number,
            reason=reason,
            detail=detail,
            national_id=self._owner_of(line),
            raw=line[:kept],
            cut=len(line) > kept,
        )

    def _problem(self, line: bytes) -> tuple[str, str] | None:
        if len(line) > self.limits.line_bytes:
            return "too-long", f"more than {self.limits.line_bytes} bytes"
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            return "not-utf-8", f"byte 0x{line[error.start]:02x} at position {error.start + 1}"
        if found := [position for position, char in enumerate(text, 1) if char in FORBIDDEN]:
            return "control-character", f"U+{ord(text[found[0] - 1]):04X} at position {found[0]}"
        fields = text.split(SEPARATOR)
        if len(fields) != self.header.fields:
            return "field-count", f"{len(fields)} fields, {self.header.fields} expected"
        owner = next((fields[position] for position in self._owner_positions if fields[position]), "")
        if not re.fullmatch(ACCEPTABLE_ID, owner):
            return "bad-identifier", "the national identifier is empty or misshapen"
        return None

    @property
    def _owner_positions(self) -> list[int]:
        return [self.header.keys.index(key) for key in OWNER_COLUMNS if key in self.header.keys]

    def _owner_of(self, line: bytes) -> str:
        """The national identifier of an unreadable line: in its place, else anywhere; empty when not found."""
        text = line[: self.limits.line_bytes].decode(errors="replace")
        fields = text.split(SEPARATOR)
        position = self._owner_positions[0]
        if len(fields) > position and _ID_ANYWHERE.fullmatch(fields[position]):
            return fields[position]
        found = _ID_ANYWHERE.search(text)
        return found[1] if found else ""


def _no_header(kind: ExtractKind, what: str, reason: str) -> ExtractRefused:
    return ExtractRefused(
        f"{kind}: the first line {what}, so this is not the expected extract",
        mend="look at the file: a compressed archive, another encoding, a damaged line end?",
        reason=reason,
    )


def _holds_forbidden(raw: bytes) -> bool:
    return any(char.encode() in raw for char in FORBIDDEN)


def without(lines: pl.DataFrame, quarantined: Sequence[QuarantinedLine]) -> pl.DataFrame:
    """Placed lines but for those set aside."""
    if not quarantined:
        return lines
    numbers = pl.Series([line.line_number for line in quarantined], dtype=pl.UInt32)
    return lines.filter(~pl.col("number").is_in(numbers.implode()))


def _places(piece: Piece) -> tuple[pl.Series, pl.Series]:
    """Where each line of a piece begins in its file, and its length without the LF, in bytes."""
    starts = np.concatenate([[0], piece.ends[:-1] + 1])
    offsets = (starts + piece.offset).astype(np.uint64)
    return pl.Series("offset", offsets), pl.Series("length", (piece.ends - starts).astype(np.uint32))


def _owner(header: Header) -> pl.Expr:
    """Whose line it is: a practitioner's or, for the mailbox of an organisation, a structure's."""
    person, *others = (_field(header, key) for key in OWNER_COLUMNS if key in header.keys)
    for other in others:
        person = pl.when(person == "").then(other).otherwise(person)
    return person.alias("national_id")


def _field(header: Header, key: str) -> pl.Expr:
    position = header.keys.index(key)
    cut = pl.col("line").str.splitn(SEPARATOR, position + 2)
    return cut.struct.field(f"field_{position}").fill_null("")
