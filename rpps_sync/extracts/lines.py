"""Reading an extract line by line, a bounded block at a time, setting aside what cannot be read.

The format has no quoting, so no CSV reader is trusted with it: lines are cut at LF (a CR before it is dropped)
and must have exactly as many separators as the header. A line that fails is quarantined with its number and the
reason; the identifier is still looked for in it, so that its practitioner can keep the last good version.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import polars as pl

from rpps_sync.errors import ExtractRefused
from rpps_sync.limits import LIMITS, Limits
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import SEPARATOR, Header, read_header
from rpps_sync.run_summary import QuarantinedLine

ACCEPTABLE_ID = r"^[0-9A-Z]{9,16}$"
"""Shape without which a line has no owner; whether the identifier is a right one is a matter for the checks."""

_ID_ANYWHERE = re.compile(r"(?:^|\|)(8[0-9]{11}|0[0-9][0-9AB][0-9]{7})(?=\||$)")


@dataclass(frozen=True, slots=True)
class Block:
    """Some consecutive lines of one file.

    ``frame`` has the columns ``line`` (text without its end) and ``national_id``; ``quarantined`` the other lines.
    """

    frame: pl.DataFrame
    quarantined: tuple[QuarantinedLine, ...]


@dataclass(slots=True)
class LineReader:
    """The lines of one extract.

    Args:
        stream: the decompressed bytes, at their beginning.
        kind: which extract this should be.
        limits: bounds on the header, a line, and the block read at a time.

    Raises:
        ExtractRefused: the first line is not a header of this extract.
    """

    stream: BinaryIO
    kind: ExtractKind
    limits: Limits = LIMITS
    header: Header = field(init=False)

    def __post_init__(self) -> None:
        first = self.stream.readline(self.limits.header_bytes)
        try:
            self.header = read_header(self.kind, first.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise ExtractRefused(
                f"{self.kind}: the first line is not UTF-8 text, so this is not the expected extract",
                mend="look at the file: a compressed archive or another encoding?",
                reason="not-utf-8",
            ) from error

    def blocks(self) -> Iterator[Block]:
        """The data lines, in order, about ``limits.chunk_bytes`` at a time."""
        number = 2
        for raw in self._whole_lines():
            yield self._read(raw, number)
            number += raw.count(b"\n")

    def _whole_lines(self) -> Iterator[bytes]:
        """Blocks that end with a line end; a line beyond the limit is cut to one the count of fields refuses."""
        carry = b""
        while data := self.stream.read(self.limits.chunk_bytes):
            data = carry + data
            end = data.rfind(b"\n") + 1
            if end:
                yield data[:end]
            carry = data[end:]
            if len(carry) > self.limits.line_bytes:
                carry = carry[: self.limits.line_bytes + 1]
        if carry:
            yield carry + b"\n"

    def _read(self, raw: bytes, number: int) -> Block:
        if b"\r\n" in raw:
            raw = raw.replace(b"\r\n", b"\n")
        lines = _fast(raw)
        if lines is None:
            return self._slow(raw, number)
        frame = lines.with_columns(_national_id(self.header))
        readable = (pl.col("line").str.count_matches(SEPARATOR, literal=True) == self.header.fields - 1) & pl.col(
            "national_id"
        ).str.contains(ACCEPTABLE_ID)
        good = frame.select(readable.fill_null(value=False).all()).item()
        return Block(frame, ()) if good else self._slow(raw, number)

    def _slow(self, raw: bytes, number: int) -> Block:
        """A block in which something is wrong: each line is judged by itself."""
        kept: list[str] = []
        quarantined: list[QuarantinedLine] = []
        for offset, line in enumerate(raw.split(b"\n")[:-1]):
            problem = self._problem(line)
            if problem is None:
                kept.append(line.decode())
            else:
                reason, detail = problem
                quarantined.append(
                    QuarantinedLine(self.kind, number + offset, reason, detail, self._owner_of(line))
                )
        frame = pl.DataFrame({"line": kept}, schema={"line": pl.String}).with_columns(_national_id(self.header))
        return Block(frame, tuple(quarantined))

    def _problem(self, line: bytes) -> tuple[str, str] | None:
        if len(line) > self.limits.line_bytes:
            return "too-long", f"more than {self.limits.line_bytes} bytes"
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            return "not-utf-8", f"byte 0x{line[error.start]:02x} at position {error.start + 1}"
        if "\0" in text:
            return "control-character", f"NUL at position {text.index(chr(0)) + 1}"
        fields = text.split(SEPARATOR)
        if len(fields) != self.header.fields:
            return "field-count", f"{len(fields)} fields, {self.header.fields} expected"
        if not re.fullmatch(ACCEPTABLE_ID, fields[self._id_position]):
            return "bad-identifier", "the national identifier is empty or misshapen"
        return None

    @property
    def _id_position(self) -> int:
        return self.header.keys.index("national_id")

    def _owner_of(self, line: bytes) -> str:
        """The national identifier of an unreadable line: in its place, else anywhere; empty when not found."""
        text = line[: self.limits.line_bytes].decode(errors="replace")
        fields = text.split(SEPARATOR)
        if len(fields) > self._id_position and _ID_ANYWHERE.fullmatch(fields[self._id_position]):
            return fields[self._id_position]
        found = _ID_ANYWHERE.search(text)
        return found[1] if found else ""


def _fast(raw: bytes) -> pl.DataFrame | None:
    """All the lines at once, or None when some byte needs a closer look."""
    return None if b"\0" in raw or not _is_utf8(raw) else pl.read_lines(io.BytesIO(raw))


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _national_id(header: Header) -> pl.Expr:
    position = header.keys.index("national_id")
    return (
        pl.col("line")
        .str.splitn(SEPARATOR, position + 2)
        .struct.field(f"field_{position}")
        .fill_null("")
        .alias("national_id")
    )
