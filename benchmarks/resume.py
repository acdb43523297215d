"""Cut an 800 MB transfer at ten random offsets, and see what is sent twice.

    python benchmarks/resume.py [--megabytes 800] [--cuts 10] [--seed 1]

A server on loopback hangs up at each offset; the download goes on with Range and If-Range. Printed: whether the
SHA-256 is that of the file, how many bytes the server sent beyond the size of the file, and the time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from rpps_sync.limits import LIMITS
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import layout
from rpps_sync.publisher.online import OnlineSource
from rpps_sync.publisher.retries import AT_ONCE
from rpps_sync.publisher.sources import Deposit

KIND = ExtractKind.PERSONNE_ACTIVITE
PIECE = 256 * 1024


@dataclass
class Transfer:
    """What the server gives, where it still has to hang up, and how much it sent."""

    file: Path
    cuts: list[int]
    sent: int = 0
    requests: int = 0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    transfer: Transfer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The client hangs up too."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        """The file from where it is asked for, up to the next cut."""
        transfer, size = self.server.transfer, self.server.transfer.file.stat().st_size
        asked = self.headers.get("Range")
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        end = transfer.cuts.pop(0) if transfer.cuts else size
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(size - start))
        self.send_header("ETag", '"benchmark"')
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        self.end_headers()
        transfer.requests += 1
        self._send(transfer, start, end)
        self.close_connection = True

    def _send(self, transfer: Transfer, start: int, end: int) -> None:
        with transfer.file.open("rb") as source:
            source.seek(start)
            while start < end:
                block = source.read(min(PIECE, end - start))
                self.wfile.write(block)
                transfer.sent += len(block)
                start += len(block)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that the library gives it
        """Say nothing."""


def main() -> None:
    """Make the file, cut its transfer, and print the figures."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--megabytes", type=int, default=800)
    asked.add_argument("--cuts", type=int, default=10)
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "extract.txt"
        digest = _write(file, options.megabytes * 1_000_000)
        size = file.stat().st_size
        cuts = sorted(random.Random(options.seed).sample(range(1, size), options.cuts))  # noqa: S311 - reproducible offsets
        print(json.dumps(_measure(Transfer(file, cuts), digest, Path(folder) / "came.txt"), indent=2))


def _write(file: Path, size: int) -> str:
    """A file of one long extract, no two blocks of it alike, and its digest."""
    digest = hashlib.sha256()
    line = ("8|99900000000" + "|" * 54 + "\n").encode() * 4096
    with file.open("wb") as target:
        numbers = range(size // len(line) + 1)
        for block in [
            (layout(KIND).header + "\n").encode(),
            *(f"8|{number}|".encode() + line for number in numbers),
        ]:
            target.write(block)
            digest.update(block)
    return digest.hexdigest()


def _measure(transfer: Transfer, digest: str, into: Path) -> dict[str, Any]:
    cuts, size = len(transfer.cuts), transfer.file.stat().st_size
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.transfer = transfer
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/f"
        source = OnlineSource(
            address, limits=replace(LIMITS, attempts=cuts + 2), policy=replace(AT_ONCE, attempts=cuts + 2)
        )
        started = time.perf_counter()
        fetched = source.fetch(
            Deposit(KIND, address, datetime.now(UTC), size, f"sha256:{digest}"), into, None, lambda _: None
        )
        seconds = time.perf_counter() - started
        server.shutdown()
    return {
        "bytes": size,
        "cuts": cuts,
        "requests": transfer.requests,
        "hash_equal": fetched is not None and fetched.sha256 == digest,
        "bytes_sent_twice": transfer.sent - size,
        "seconds": round(seconds, 2),
        "megabytes_per_second": round(size / seconds / 1e6, 1),
    }


if __name__ == "__main__":
    main()
