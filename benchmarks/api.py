"""What the HTTP API bears: look-ups, enrichment of 10,000, searches, matches, and a thousand slow clients.

    python benchmarks/api.py --practitioners 100000
    python benchmarks/api.py --home HOME                 # a home that holds a directory

Starts ``rpps-sync serve --workers 2`` on loopback and loads it from this process over keep-alive connections: the
load generator (asyncio, raw HTTP/1.1) shares the machine with the server. Prints the table of RESULTS.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import select

from pipelines.nightly import run_night
from rpps_sync import clock, logs
from rpps_sync.directory import migrations
from rpps_sync.directory.engine import open_engine, reading
from rpps_sync.directory.tables import PRACTITIONERS
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.settings import load
from rpps_sync.simulator.publish import publish

NOW = "2026-11-20T21:00:00Z"
SECONDS = 10.0  # of each measure
SLOW = 1_000
SAMPLE = 5_000


def main() -> None:
    """Make or open a home, start the server, measure."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--practitioners", type=int, default=20_000)
    asked.add_argument("--home", type=Path)
    asked.add_argument("--connections", type=int, default=16)
    asked.add_argument("--workers", type=int, default=2)
    options = asked.parse_args()
    logs.configure(quiet=True)
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or _made(Path(folder), options.practitioners)
        environment = {**os.environ, "RPPS_SYNC_HOME": str(home), "RPPS_SYNC_NOW": NOW}
        create = [
            sys.executable,
            "-m",
            "rpps_sync",
            "keys",
            "create",
            "--name",
            "load",
            "--scope",
            "read",
            "--rate",
            "0",
        ]
        key = subprocess.run(create, env=environment, capture_output=True, text=True, check=True).stdout.strip()
        serve = [
            sys.executable,
            "-m",
            "rpps_sync",
            "-q",
            "serve",
            "--port",
            "0",
            "--json",
            "--workers",
            str(options.workers),
        ]
        with subprocess.Popen(
            serve, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as server:
            assert server.stdout is not None
            told = json.loads("".join(iter(server.stdout.readline, "}\n")) + "}")
            port = int(told["address"].rpartition(":")[2])
            try:
                asyncio.run(_measured(home, port, key, options.connections))
            finally:
                server.terminate()


def _made(folder: Path, practitioners: int) -> Path:
    publish(folder / "world", practitioners=practitioners, days=1, seed=1, first_day=date(2026, 11, 20))
    with clock.pinned(datetime(2026, 11, 20, 21, tzinfo=UTC)):
        run_night(load(home=folder / "home"), FolderSource(folder / "world" / "day-1"))
    return folder / "home"


async def _measured(home: Path, port: int, key: str, connections: int) -> None:
    engine = open_engine(load(home=home).database)
    migrations.ensure_current(engine)
    with reading(engine) as connection:
        people = connection.execute(
            select(PRACTITIONERS.c.national_id, PRACTITIONERS.c.family_name).limit(200_000)
        ).all()
    engine.dispose()
    draw = random.Random(1)  # noqa: S311 - reproducible draws
    people = draw.sample(people, min(SAMPLE, len(people)))
    ids, names = [row[0] for row in people], [row[1] for row in people]
    client = Load(port, key, connections)
    await client.wait()
    print("| what | per second | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|---|")
    await client.run("look-ups", lambda: client.get(f"/v1/practitioners/{draw.choice(ids)}"))
    etag = await client.etag(f"/v1/practitioners/{ids[0]}")
    await client.run("look-ups answered 304", lambda: client.get(f"/v1/practitioners/{ids[0]}", etag))
    await client.run(
        "searches by family name",
        lambda: client.get(f"/v1/practitioners?family={draw.choice(names).split()[0]}"),
        4,
    )
    body = json.dumps({"identifiers": [draw.choice(ids) for _ in range(10_000)]}).encode()
    await client.run("enrichment of 10,000", lambda: client.post("/v1/enrich", body), 1)
    slow = [asyncio.create_task(_drip(port)) for _ in range(SLOW)]
    await asyncio.sleep(2)
    await client.run(
        f"look-ups beside {SLOW} slow clients", lambda: client.get(f"/v1/practitioners/{draw.choice(ids)}")
    )
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)


class Load:
    """Keep-alive connections that ask one thing after another."""

    def __init__(self, port: int, key: str, connections: int) -> None:
        self._port, self._key, self._connections = port, key, connections

    def get(self, path: str, etag: str = "") -> bytes:
        """The bytes of a request."""
        known = f"If-None-Match: {etag}\r\n" if etag else ""
        path = path.encode("ascii", "ignore").decode()
        return f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self._key}\r\n{known}\r\n".encode()

    def post(self, path: str, body: bytes) -> bytes:
        """Likewise, with a body of JSON."""
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self._key}\r\n"
        return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    async def wait(self) -> None:
        """Until the server answers."""
        for _ in range(200):
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self._port)
                writer.close()
                await asyncio.sleep(4)  # the second worker
                return
            await asyncio.sleep(0.1)

    async def etag(self, path: str) -> str:
        """The edition of an answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(self.get(path))
        head = await reader.readuntil(b"\r\n\r\n")
        writer.close()
        return next(line[6:] for line in head.decode().split("\r\n") if line.lower().startswith("etag: "))

    async def run(self, name: str, request: Callable[[], bytes], connections: int = 0) -> None:
        """Ask for some seconds, and print a line of the table."""
        took: list[float] = []
        ends = time.perf_counter() + SECONDS
        began = time.perf_counter()
        await asyncio.gather(*(self._asking(request, ends, took) for _ in range(connections or self._connections)))
        seconds = time.perf_counter() - began
        p50, p95, p99 = (1000 * _quantile(took, share) for share in (0.5, 0.95, 0.99))
        print(f"| {name} | {len(took) / seconds:,.1f} | {p50:.1f} | {p95:.1f} | {p99:.1f} |", flush=True)

    async def _asking(self, request: Callable[[], bytes], ends: float, took: list[float]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**24)
        while time.perf_counter() < ends:
            began = time.perf_counter()
            writer.write(request())
            status = await _answer(reader)
            took.append(time.perf_counter() - began)
            if status not in (200, 304):
                raise RuntimeError(f"the server answers {status}")
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head[9:12])
    if b"content-length: " in head:
        await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
    elif b"chunked" in head:
        while size := int(await reader.readuntil(b"\r\n"), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
    return status


async def _drip(port: int) -> None:
    """A client that sends a byte of its headers a second."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for byte in b"GET /v1/freshness HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"a" * 1000:
            writer.write(bytes([byte]))
            await asyncio.sleep(1)
    finally:
        writer.close()


def _quantile(values: Sequence[float], share: float) -> float:
    return statistics.quantiles(values, n=1000)[int(share * 1000) - 1] if len(values) > 1 else values[0]


if __name__ == "__main__":
    main()
