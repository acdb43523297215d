"""How the simulated publisher answers for one file: validators, conditional and partial requests, faults."""

from __future__ import annotations

import re
import socket
import struct
import time
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rpps_sync.simulator.faults import FaultKind

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

_PIECE = 64 * 1024
_SLOW_PIECE = 256
_PAGE = b"<!DOCTYPE html>\n<html><head><title>Maintenance</title></head><body>Service indisponible</body></html>\n"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_SPOILS = (
    FaultKind.TRUNCATED, FaultKind.RESET, FaultKind.SLOW, FaultKind.WRONG_LENGTH, FaultKind.HTML, FaultKind.EMPTY
)  # fmt: skip


def answer_file(request: BaseHTTPRequestHandler, resource: Mapping[str, Any], file: Path) -> None:
    """Send a file, whole or in part, or say that it has not changed.

    Args:
        request: the request being handled.
        resource: the catalogue's entry: its checksum makes the ETag, its date the Last-Modified.
        file: what to send.
    """
    validators = _validators(resource)
    if _unchanged(request, validators, resource):
        _start(request, HTTPStatus.NOT_MODIFIED, validators)
        return
    fault = request.server.publisher.take_fault(*_SPOILS)
    if fault in (FaultKind.HTML, FaultKind.EMPTY):
        _page(request, _PAGE if fault is FaultKind.HTML else b"")
        return
    size = file.stat().st_size
    span = _span(request, validators, size)
    if span is None:
        _start(
            request,
            HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            {"Content-Range": f"bytes */{size}", "Content-Length": "0"},
        )
        return
    _send_span(request, file, span, size, validators, fault)


def _send_span(
    request: BaseHTTPRequestHandler,
    file: Path,
    span: tuple[int, int],
    size: int,
    validators: Mapping[str, str],
    fault: FaultKind | None,
) -> None:
    start, end = span
    length = end - start
    announced = length // 2 if fault is FaultKind.WRONG_LENGTH else length
    headers = dict(validators) | {
        "Content-Type": "text/plain",
        "Content-Length": str(announced),
        "Accept-Ranges": "bytes",
    }
    partial = length < size
    if partial:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    _start(request, HTTPStatus.PARTIAL_CONTENT if partial else HTTPStatus.OK, headers)
    if request.command != "HEAD":
        cut = fault in (FaultKind.TRUNCATED, FaultKind.RESET)
        _stream(request, file, start, length // 2 if cut else announced, slow=fault is FaultKind.SLOW)
        if cut:
            _hang_up(request, reset=fault is FaultKind.RESET)


def _validators(resource: Mapping[str, Any]) -> dict[str, str]:
    published = datetime.fromisoformat(resource["last_modified"])
    return {
        "ETag": f'"{resource["checksum"]["value"]}"',
        "Last-Modified": format_datetime(published.replace(microsecond=0), usegmt=False).replace("+0000", "GMT"),
    }


def _unchanged(
    request: BaseHTTPRequestHandler, validators: Mapping[str, str], resource: Mapping[str, Any]
) -> bool:
    """If-None-Match decides when it is there, else If-Modified-Since."""
    tags = request.headers.get("If-None-Match")
    if tags is not None:
        return tags.strip() == "*" or validators["ETag"] in (tag.strip() for tag in tags.split(","))
    since = request.headers.get("If-Modified-Since")
    if since is None:
        return False
    try:
        return datetime.fromisoformat(resource["last_modified"]) <= parsedate_to_datetime(since)
    except ValueError:
        return False  # a date that cannot be read asks for nothing (RFC 9110, 13.1.3)


def _span(request: BaseHTTPRequestHandler, validators: Mapping[str, str], size: int) -> tuple[int, int] | None:
    """First byte and one past the last; None for a range outside the file."""
    asked = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    condition = request.headers.get("If-Range")
    if asked is None or asked.group(0) == "bytes=-" or condition not in (None, *validators.values()):
        return 0, size
    first, last = asked.groups()
    if not first:
        return max(0, size - int(last)), size
    start, end = int(first), min(size, int(last) + 1 if last else size)
    return (start, end) if start < end else None


def _page(request: BaseHTTPRequestHandler, body: bytes) -> None:
    _start(request, HTTPStatus.OK, {"Content-Type": "text/html", "Content-Length": str(len(body))})
    if request.command != "HEAD":
        request.wfile.write(body)


def _start(request: BaseHTTPRequestHandler, status: HTTPStatus, headers: Mapping[str, str]) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.end_headers()


def _stream(request: BaseHTTPRequestHandler, file: Path, start: int, length: int, *, slow: bool) -> None:
    piece = _SLOW_PIECE if slow else _PIECE
    with file.open("rb") as source:
        source.seek(start)
        while length > 0:
            block = source.read(min(piece, length))
            request.wfile.write(block)
            length -= len(block)
            if slow:
                time.sleep(request.server.publisher.slow_seconds)


def _hang_up(request: BaseHTTPRequestHandler, *, reset: bool) -> None:
    """Close before the announced end; with a reset, the kernel says so to the client."""
    request.close_connection = True
    if reset:
        request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.connection.close()
