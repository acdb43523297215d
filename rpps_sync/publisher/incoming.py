"""A file on its way in: written beside its final name, counted, hashed, bounded, renamed only when whole."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from rpps_sync.errors import ExtractRefused
from rpps_sync.limits import LIMITS, Limits
from rpps_sync.publisher.disk import storage_told, sync_folder

STILL_SERVED = "nothing was touched and the former publication is still served"
SNIFFED_BYTES = 512  # enough of a page to know that it is one
BLOCK_BYTES = 1024 * 1024
SECOND_DIGESTS = {"md5", "sha1", "sha512"}  # those that data.gouv.fr may announce, beside SHA-256


def refused(name: str, what: str, *, reason: str, mend: str) -> ExtractRefused:
    """The refusal of one file, in a sentence that names it and says what is still served."""
    return ExtractRefused(f"{name}: {what}; {STILL_SERVED}", mend=mend, reason=reason)


def refuse_page(name: str, start: bytes) -> None:
    """Refuse an HTML page served in place of an extract (a maintenance notice, a proxy's login form).

    Raises:
        ExtractRefused: these first bytes are those of a page.
    """
    text = start[:SNIFFED_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype", b"<html", b"<head", b"<!--")):
        raise refused(
            name,
            "a web page came in place of the extract",
            reason="html-page",
            mend="open the address in a browser: a proxy or a maintenance notice may stand in the way",
        )


class IncomingFile:
    """The temporary file behind one extract that is being received.

    Use it as a context manager: leaving without ``keep`` removes what was written.

    Args:
        into: the final path; the temporary file is hidden beside it.
        name: what to call the file in errors.
        limits: bounds; ``file_bytes`` is never exceeded on disk.
        expected: bytes announced, for the sentence that tells of a full disk.
        also: a second digest to compute, by its hashlib name (``sha1``), or '' for none.
    """

    def __init__(
        self, into: Path, *, name: str, limits: Limits = LIMITS, expected: int | None = None, also: str = ""
    ) -> None:
        self.name = name
        self._into = into
        self._path = into.with_name(f".{into.name}.part")
        self._limits = limits
        self._expected = expected
        self._also = also if also in SECOND_DIGESTS else ""
        with storage_told(self._path, expected):
            self._file: BinaryIO = self._path.open("wb", buffering=0)
        self._begin()

    def _begin(self) -> None:
        self.bytes = 0
        self.ends_with_newline = False
        self._start = b""
        self._sha256 = hashlib.sha256()
        self._second = hashlib.new(self._also, usedforsecurity=False) if self._also else None

    def write(self, block: bytes) -> None:
        """Take one more block, of any size.

        Raises:
            ExtractRefused: the file is a web page, or larger than any extract may be.
            StorageError: the disk refuses it.
        """
        if not block:
            return
        if self.bytes + len(block) > self._limits.file_bytes:
            raise self._too_large()
        if len(self._start) < SNIFFED_BYTES:
            self._start += block[: SNIFFED_BYTES - len(self._start)]
            refuse_page(self.name, self._start)
        with storage_told(self._path, self._expected):
            self._write_all(block)
        self._sha256.update(block)
        if self._second is not None:
            self._second.update(block)
        self.bytes += len(block)
        self.ends_with_newline = block.endswith(b"\n")

    def _write_all(self, block: bytes) -> None:
        rest = memoryview(block)
        while rest:
            rest = rest[self._file.write(rest) :]  # an almost full disk takes a part first, then refuses

    def _too_large(self) -> ExtractRefused:
        return refused(
            self.name,
            f"the file is larger than {self._limits.file_bytes:,} bytes, which no extract is",
            reason="too-large",
            mend="check what is served at that address",
        )

    def restart(self) -> int:
        """Forget what came, and return how many bytes that was."""
        lost = self.bytes
        with storage_told(self._path):
            self._file.seek(0)
            self._file.truncate()
        self._begin()
        return lost

    @property
    def sha256(self) -> str:
        """SHA-256 of what came so far, in hexadecimal."""
        return self._sha256.hexdigest()

    @property
    def second_digest(self) -> str:
        """The other digest asked for, in hexadecimal, or ''."""
        return self._second.hexdigest() if self._second is not None else ""

    def keep(self) -> None:
        """Give the file its name: on disk first, visible after.

        Raises:
            ExtractRefused: the file is empty.
            StorageError: the disk refuses it.
        """
        if not self.bytes:
            raise refused(
                self.name, "the file is empty", reason="empty", mend="run again later: a deposit may be under way"
            )
        with storage_told(self._into, self._expected):
            os.fsync(self._file.fileno())
            self._file.close()
            self._path.replace(self._into)
            sync_folder(self._into.parent)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)
