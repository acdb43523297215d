"""What the HTTP API bears: look-ups, searches, enrichment, FHIR, a thousand slow clients, nights that publish.

    python benchmarks/api.py --practitioners 20000
    python benchmarks/api.py --practitioners 20000 --night     # the same loads while nights publish
    python benchmarks/api.py --home HOME                       # a home that has a directory

Starts ``rpps-sync serve`` as its user would, on loopback, its access log in a file, and loads it with ``wrk``,
which shares the machine with the server. Prints the table of RESULTS.md; *CPU ms* is what the workers spent on a
request: other work on the machine disturbs it less than the other columns.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from urllib.parse import quote

import httpx
from sqlalchemy import func, select

from pipelines.nightly import run_night
from rpps_sync import clock, logs
from rpps_sync.directory.engine import open_engine, reading
from rpps_sync.directory.tables import PRACTITIONERS
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.settings import load
from rpps_sync.simulator.publish import publish

FIRST_DAY = date(2026, 11, 20)
NIGHTS = 12
SLOW = 1_000
PEOPLE = 50_000  # drawn among everybody, so that no cache holds the answers
HERE = Path(__file__).parent
COMMAND = [sys.executable, "-m", "rpps_sync"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One kind of request, and how many clients ask at once."""

    name: str
    paths: Sequence[str]
    clients: int
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """A server, and what it takes to ask it."""

    address: str
    process: int
    key: str
    folder: Path


def main() -> None:
    """Make or open a home, start the server, measure."""
    options = _options()
    logs.configure(quiet=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        world = options.world or folder / "world"
        home = options.home or _made(folder, options.practitioners, NIGHTS + 1 if options.night else 1)
        kinds = list(_kinds(home, options.connections))
        print(f"load average before: {os.getloadavg()[0]:.1f}\n")
        print("| what | per second | p50 ms | p95 ms | p99 ms | CPU ms |\n|---|---|---|---|---|---|")
        with _floor(folder, options.workers) as floor:
            for name in ("async", "thread"):
                _row(floor, Asked(f"empty route, {name}", [f"/{name}"], options.connections), options.seconds)
        with _serving(home, folder, options.workers) as site:
            for kind in kinds:
                _row(site, kind, options.seconds)
            with _slow_clients(site.address):
                _row(site, kinds[0], options.seconds, f" beside {SLOW} slow clients")
            if options.night:
                with _nights(home, sorted(world.glob("day-*"))[1:]):
                    for kind in kinds:
                        _row(site, kind, options.seconds, " while nights publish")
        print(f"\nload average after: {os.getloadavg()[0]:.1f}")


def _options() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--practitioners", type=int, default=20_000)
    asked.add_argument("--home", type=Path)
    asked.add_argument(
        "--world", type=Path, help="days made by 'simulate publish', of which the home has the first"
    )
    asked.add_argument("--connections", type=int, default=16)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--seconds", type=int, default=10, help="of each measure")
    asked.add_argument("--night", action="store_true", help="measure again while nights publish")
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed: apt install wrk, or https://github.com/wg/wrk")
    return asked.parse_args()


def _made(folder: Path, practitioners: int, days: int) -> Path:
    publish(folder / "world", practitioners=practitioners, days=days, seed=1, first_day=FIRST_DAY)
    with clock.pinned(_evening(0)):
        run_night(load(home=folder / "home"), FolderSource(folder / "world" / "day-1"))
    return folder / "home"


def _evening(day: int) -> datetime:
    return datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 21, tzinfo=UTC) + timedelta(days=day)


def _kinds(home: Path, clients: int) -> Iterator[Asked]:
    """What is asked, of people drawn among everybody."""
    engine = open_engine(load(home=home).database)
    with reading(engine) as connection:
        drawn = select(PRACTITIONERS.c.national_id, PRACTITIONERS.c.family_name).order_by(func.random())
        people = connection.execute(drawn.limit(PEOPLE)).all()
    engine.dispose()
    ids = [row[0] for row in people]
    names = [quote(row[1].split()[0]) for row in people]
    body = json.dumps({"identifiers": [ids[place % len(ids)] for place in range(10_000)]}).encode()
    yield Asked("look-ups", [f"/v1/practitioners/{one}" for one in ids], clients)
    yield Asked("searches by family name", [f"/v1/practitioners?family={name}" for name in names], 2)
    yield Asked("enrichment of 10,000", ["/v1/enrich"], 1, body)
    yield Asked("FHIR, by identifier", [f"/fhir/v2/Practitioner?identifier={one}" for one in ids], 2)
    yield Asked("FHIR, by family name", [f"/fhir/v2/Practitioner?family={name}" for name in names], 1)


@contextmanager
def _serving(home: Path, folder: Path, workers: int) -> Iterator[Site]:
    """The server, and a key without a rate."""
    environment = os.environ | {"RPPS_SYNC_HOME": str(home)}
    create = [*COMMAND, "keys", "create", "--name", "load", "--scope", "read", "--rate", "0"]
    key = subprocess.run(create, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    serve = [*COMMAND, "serve", "--port", "0", "--json", "--workers", str(workers)]
    with (
        (folder / "access.log").open("wb") as log,
        subprocess.Popen(serve, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as server,
    ):
        assert server.stdout is not None
        told = json.loads("".join(iter(server.stdout.readline, "}\n")) + "}")
        try:
            yield _ready(told["address"], server.pid, key, folder)
        finally:
            server.terminate()


@contextmanager
def _floor(folder: Path, workers: int) -> Iterator[Site]:
    """The same framework with routes that do nothing: what nobody can be faster than."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "floor:app", "--app-dir", str(HERE), "--port", str(port)]
    options = ["--workers", str(workers), "--no-access-log", "--log-level", "warning"]
    with subprocess.Popen([*command, *options]) as server:
        try:
            yield _ready(f"http://127.0.0.1:{port}", server.pid, "none", folder)
        finally:
            server.terminate()


def _ready(address: str, process: int, key: str, folder: Path) -> Site:
    """A server once it answers, all its workers."""
    for _ in range(300):
        with suppress(httpx.TransportError):
            httpx.get(f"{address}/healthz")
            time.sleep(5)  # the last worker
            return Site(address, process, key, folder)
        time.sleep(0.1)
    raise RuntimeError(f"{address} does not answer")


def _row(site: Site, asked: Asked, seconds: int, when: str = "") -> None:
    """Load the server, and print a line of the table."""
    before = _cpu(site.process)
    told = _wrk(site, asked, seconds)
    cpu = 1000 * (_cpu(site.process) - before) / max(1, told["requests"])
    if told["status"] or told["broken"]:
        print(f"{told['status']} answers are errors, {told['broken']} connections broke", file=sys.stderr)
    rate = told["requests"] / told["seconds"]
    times = " | ".join(f"{told[name]:.1f}" for name in ("p50", "p95", "p99"))
    print(f"| {asked.name}{when} | {rate:,.1f} | {times} | {cpu:.2f} |", flush=True)


def _wrk(site: Site, asked: Asked, seconds: int) -> dict[str, float]:
    paths = site.folder / "paths"
    paths.write_text("\n".join(asked.paths), encoding="utf-8")
    arguments = [str(paths), "POST" if asked.body else "GET"]
    if asked.body:
        body = site.folder / "body"
        body.write_bytes(asked.body)
        arguments.append(str(body))
    options = ["-t1", f"-c{asked.clients}", f"-d{seconds}s", "--timeout", "10s", "-s", str(HERE / "load.lua")]
    command = ["wrk", *options, "-H", f"Authorization: Bearer {site.key}", site.address, "--", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _cpu(process: int) -> float:
    """Seconds that a server and its workers have spent."""
    ticks = 0
    for one in (process, *map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())):
        fields = Path(f"/proc/{one}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def _nights(home: Path, days: Sequence[Path]) -> Iterator[None]:
    """Nights published one after the other, with the priority of `install-timer`, until the block ends."""
    over = Event()

    def publishing() -> None:
        for number, day in enumerate(days, start=1):
            if not over.is_set():
                night = {"RPPS_SYNC_HOME": str(home), "RPPS_SYNC_NOW": _evening(number).isoformat()}
                command = ["nice", "-n", "10", *COMMAND, "-q", "run", "--from", str(day)]
                subprocess.run(command, env=os.environ | night, check=True, capture_output=True)
        if not over.is_set():
            print("the nights ended before the measure", file=sys.stderr)

    thread = Thread(target=publishing)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def _slow_clients(address: str) -> Iterator[None]:
    """Clients that send one byte of their headers a second."""
    clients = [socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) for _ in range(SLOW)]
    over = Event()

    def dripping() -> None:
        for byte in b"GET /v1/freshness HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"a" * 1000:
            for client in clients:
                with suppress(OSError):
                    client.send(bytes([byte]))
            if over.wait(1):
                return

    thread = Thread(target=dripping)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        for client in clients:
            client.close()


if __name__ == "__main__":
    main()
