"""How the simulated publisher answers for one file: validators, conditional and partial requests, faults."""

from __future__ import annotations

import re
import socket
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from rpps_sync.simulator.faults import FaultKind

_PIECE = 64 * 1024
_SLOW_PIECE = 256
_PAGE = b"<!DOCTYPE html>\n<html><head><title>Maintenance</title></head><body>Service indisponible</body></html>\n"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_SPOILS = (
    FaultKind.TRUNCATED,
    FaultKind.RESET,
    FaultKind.SLOW,
    FaultKind.WRONG_LENGTH,
    FaultKind.HTML,
    FaultKind.EMPTY,
)


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """The answer to one request for one file."""

    request: BaseHTTPRequestHandler
    resource: Mapping[str, Any]  # the catalogue's entry: its checksum makes the ETag, its date the Last-Modified
    file: Path
    take_fault: Callable[..., FaultKind | None]  # the fault that spoils this request, of those it is asked about
    slow_seconds: float  # between two pieces of a slow answer

    def send(self) -> None:
        """Send the file, whole or in part, or say that it has not changed; or misbehave."""
        if self._unchanged():
            self._start(HTTPStatus.NOT_MODIFIED, self._validators())
            return
        fault = self.take_fault(*_SPOILS)
        if fault in (FaultKind.HTML, FaultKind.EMPTY):
            self._send_page(_PAGE if fault is FaultKind.HTML else b"")
            return
        size = self.file.stat().st_size
        span = self._span(size)
        if span is None:
            refused = {"Content-Range": f"bytes */{size}", "Content-Length": "0"}
            self._start(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, refused)
            return
        self._send_span(*span, size, fault)

    def _send_span(self, start: int, end: int, size: int, fault: FaultKind | None) -> None:
        length = end - start
        announced = length // 2 if fault is FaultKind.WRONG_LENGTH else length
        headers = self._validators() | {
            "Content-Type": "text/plain",
            "Content-Length": str(announced),
            "Accept-Ranges": "bytes",
        }
        if length < size:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        self._start(HTTPStatus.PARTIAL_CONTENT if length < size else HTTPStatus.OK, headers)
        if self.request.command != "HEAD":
            cut = fault in (FaultKind.TRUNCATED, FaultKind.RESET)
            self._stream(start, length // 2 if cut else announced, slow=fault is FaultKind.SLOW)
            if cut:
                self._hang_up(reset=fault is FaultKind.RESET)

    def _validators(self) -> dict[str, str]:
        published = self._published().replace(microsecond=0)
        return {
            "ETag": f'"{self.resource["checksum"]["value"]}"',
            "Last-Modified": format_datetime(published).replace("+0000", "GMT"),
        }

    def _published(self) -> datetime:
        return datetime.fromisoformat(self.resource["last_modified"])

    def _unchanged(self) -> bool:
        """If-None-Match decides when it is there, else If-Modified-Since."""
        tags = self.request.headers.get("If-None-Match")
        if tags is not None:
            return tags.strip() == "*" or self._validators()["ETag"] in (tag.strip() for tag in tags.split(","))
        since = self.request.headers.get("If-Modified-Since")
        if since is None:
            return False
        try:
            return self._published() <= parsedate_to_datetime(since)
        except ValueError:
            return False  # a date that cannot be read asks for nothing (RFC 9110, 13.1.3)

    def _span(self, size: int) -> tuple[int, int] | None:
        """First byte and one past the last; None for a range outside the file."""
        asked = _RANGE.fullmatch(self.request.headers.get("Range", "").strip())
        condition = self.request.headers.get("If-Range")
        if asked is None or asked.group(0) == "bytes=-" or condition not in (None, *self._validators().values()):
            return 0, size
        first, last = asked.groups()
        if not first:
            return max(0, size - int(last)), size
        start, end = int(first), min(size, int(last) + 1 if last else size)
        return (start, end) if start < end else None

    def _send_page(self, body: bytes) -> None:
        self._start(HTTPStatus.OK, {"Content-Type": "text/html", "Content-Length": str(len(body))})
        if self.request.command != "HEAD":
            self.request.wfile.write(body)

    def _start(self, status: HTTPStatus, headers: Mapping[str, str]) -> None:
        self.request.send_response(status)
        for name, value in headers.items():
            self.request.send_header(name, value)
        self.request.end_headers()

    def _stream(self, start: int, length: int, *, slow: bool) -> None:
        piece = _SLOW_PIECE if slow else _PIECE
        with self.file.open("rb") as source:
            source.seek(start)
            while length > 0:
                block = source.read(min(piece, length))
                self.request.wfile.write(block)
                length -= len(block)
                if slow:
                    time.sleep(self.slow_seconds)

    def _hang_up(self, *, reset: bool) -> None:
        """Close before the announced end; with a reset, the kernel says so to the client."""
        self.request.close_connection = True
        if reset:
            self.request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.request.connection.close()
