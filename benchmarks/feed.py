"""What following costs: pages of the change feed under filters, messages to a subscriber, pages of findings.

    python benchmarks/feed.py --practitioners 100000 --findings 100000

SQLite, one open connection, warm caches. The receiver of the messages is in a thread of this very process.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from sqlalchemy import Connection, insert

from pipelines.nightly import run_night
from pipelines.subscribers import deliver
from rpps_sync import logs
from rpps_sync.directory import finding_pages, findings, webhooks
from rpps_sync.directory.changes import Wanted, page
from rpps_sync.directory.choice import Choice
from rpps_sync.directory.engine import open_engine, reading, writing
from rpps_sync.directory.findings import Filters as FindingFilters
from rpps_sync.directory.search.filters import Filters
from rpps_sync.directory.tables import FINDINGS
from rpps_sync.finding import Finding, FindingStatus, Judgement, Severity, Verdict
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.settings import Settings, load
from rpps_sync.simulator.publish import publish
from rpps_sync.webhooks import signing

FIRST_DAY = date(2026, 11, 15)
CHOICES = {
    "everything": Choice(),
    "nurses": Choice(people=Filters(professions=("60",))),
    "one department": Choice(people=Filters(departments=("69",))),
    "a commune of nobody": Choice(people=Filters(communes=("97801",))),
    "one field": Choice(field="mailbox"),
}


def main() -> None:
    """Make a directory with a first load, measure, and print the tables of RESULTS.md."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--practitioners", type=int, default=100_000)
    asked.add_argument("--findings", type=int, default=100_000)
    options = asked.parse_args()
    logs.configure(quiet=True, verbose=False)
    with tempfile.TemporaryDirectory() as folder:
        publish(Path(folder) / "world", practitioners=options.practitioners, first_day=FIRST_DAY, days=1, seed=1)
        settings = load(home=Path(folder) / "home", webhook_hosts=("127.0.0.1",))
        run_night(settings, FolderSource(Path(folder) / "world" / "day-1"))
        engine = open_engine(settings.database)
        with writing(engine) as connection:
            _differ(connection, options.findings)
        with reading(engine) as connection:
            for line in (*_pages(connection), *_findings(connection)):
                print(line, flush=True)
        print(_told(settings), flush=True)
        engine.dispose()


def _pages(connection: Connection) -> Iterator[str]:
    """The whole feed, 200 changes a page."""
    for name, choice in CHOICES.items():
        wanted = choice.wanted(connection)
        times, changes = _read(connection, wanted)
        worst, mean = max(times) * 1000, sum(times) / len(times) * 1000
        yield f"| feed, {name} | {changes:,} changes in {len(times):,} pages | {mean:.0f} | {worst:.0f} |"


def _read(connection: Connection, wanted: Wanted) -> tuple[list[float], int]:
    times, changes, since, more = [], 0, 0, True
    while more:
        started = time.perf_counter()
        found = page(connection, since, 200, wanted, hide_departed=True)
        times.append(time.perf_counter() - started)
        since, more, changes = found.next, found.more, changes + len(found.changes)
    return times, changes


def _differ(connection: Connection, many: int) -> None:
    """Findings of every kind."""
    draw = random.Random(1)  # noqa: S311 - reproducible draws
    verdicts = (Verdict.CONFLICT, Verdict.TOKEN_STALE, Verdict.DIRECTORY_STALE, Verdict.DEPARTED_PRACTITIONER)
    for start in range(0, many, 5_000):
        rows = []
        for number in range(start, min(start + 5_000, many)):
            since = FIRST_DAY + timedelta(days=draw.randrange(300))
            told = (draw.choice(verdicts), "S", "L", since, draw.choice(list(Severity)), "CNOI")
            evidence = {"seen_since": "2026-11-01", "directory": [{"since": "2026-11-01", "values": ["x" * 100]}]}
            judgement = Judgement(f"8999{number:08d}", "dpi", "activity.mode", str(number), *told, evidence)
            rows.append(findings._columns(Finding(judgement, since, since, 1, FindingStatus.OPEN)))  # noqa: SLF001 - its row
        connection.execute(insert(FINDINGS), rows)


def _findings(connection: Connection) -> Iterator[str]:
    """The first pages of 200, and the list of all."""
    times, place = [], None
    for _ in range(20):
        started = time.perf_counter()
        _, place = finding_pages.following(connection, FindingFilters(), limit=200, after=place)
        times.append(time.perf_counter() - started)
    many = finding_pages.how_many(connection, FindingFilters())
    mean, worst = sum(times) / len(times) * 1000, max(times) * 1000
    yield f"| findings, by the page | 20 pages of 200 among {many:,} | {mean:.0f} | {worst:.0f} |"
    started = time.perf_counter()
    findings.find(connection)
    yield f"| findings, the whole list | {many:,} at once | {(time.perf_counter() - started) * 1000:.0f} | |"


def _told(settings: Settings) -> str:
    """The whole feed to one subscriber."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Receiver) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        check = signing.check_of(signing.key_of(settings))
        engine = open_engine(settings.database)
        with writing(engine) as connection:
            url = f"http://127.0.0.1:{server.server_port}/"
            webhooks.create(connection, "feed", url, Choice(), cursor=0, key_check=check, by="benchmark")
        engine.dispose()
        started = time.perf_counter()
        done = deliver(settings, seconds=60.0)
        seconds = time.perf_counter() - started
        server.shutdown()
    each = seconds / done.messages * 1000
    return f"| webhook | {done.changes:,} changes in {done.messages:,} messages | {each:.0f} | |"


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Take everything."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    main()
