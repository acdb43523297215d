"""A publication refused and accepted later leaves the findings of one accepted at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from databases import DATABASES, reading
from extract_builder import world as people
from extract_builder import write
from pipelines.claims_intake import take_in, verifier_of
from pipelines.nightly import accept, run_night
from postgres_server import Server
from rpps_sync.clock import parse_instant, pinned
from rpps_sync.directory import findings
from rpps_sync.directory.engine import open_engine
from rpps_sync.directory.findings import Filters
from rpps_sync.finding import Verdict
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.run_summary import Outcome, RunSummary
from rpps_sync.settings import Settings, load

from .test_claims import nurse

PA = ExtractKind.PERSONNE_ACTIVITE
MOVED, LEFT, NEW = range(1, 4), range(240, 300), 20  # nurses: other mode, gone, at a place the directory lacks
Home = Callable[[str], Settings]


@pytest.fixture(params=DATABASES)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    """Installations that never ran, each with a database of its own."""
    server: Server | None = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    made: list[str] = []

    def settle(name: str) -> Settings:
        made.append(server.empty() if server else "")
        return load(home=tmp_path / name, database_url=made[-1])

    yield settle
    for url in made:
        if server:
            server.drop(url)


def _night(settings: Settings, folder: Path, day: int) -> RunSummary:
    """The night of the n-th of November: nurses move and leave on the 17th: the gate objects."""
    lines = people(300)
    if day >= 17:
        for number in MOVED:
            lines[PA][number]["mode"] = "L"
        lines[PA] = lines[PA][: LEFT.start]
    lines[PA] = lines[PA][: len(lines[PA]) - max(0, day - 17)]  # somebody leaves each night
    source = write(folder / f"day-{day}", f"202611{day}0515", lines)
    with pinned(parse_instant(f"2026-11-{day}T06:00:00Z")):
        return run_night(settings, FolderSource(source))


def _seen(settings: Settings, day: int) -> None:
    """Everybody of interest signs in: two tokens still say the former mode, one names another hospital."""
    numbers = (*MOVED, NEW, 100, *LEFT[:2])
    lines = b"".join(nurse(number, 5 if number == NEW else number % 10, day) for number in numbers)
    engine = open_engine(settings.database)
    with pinned(parse_instant(f"2026-11-{day}T20:00:00Z")):
        assert not take_in(engine, BytesIO(lines), verifier_of(settings), grace=2).refused
    engine.dispose()


def _accept(settings: Settings, summary: RunSummary, day: int) -> None:
    assert summary.outcome is Outcome.REFUSED
    assert summary.publication is not None
    with pinned(parse_instant(f"2026-11-{day}T21:00:00Z")):
        told = accept(settings, summary.publication.id, by="a person", because="the register says so")
    assert told.outcome is Outcome.PUBLISHED


def _found(settings: Settings) -> list[dict[str, Any]]:
    """Every finding but how many comparisons confirmed it: fewer were made while the publication waited."""
    with reading(settings.database) as connection:
        documents = [finding.to_json() for finding in findings.find(connection, Filters(everything=True))]
    return [{name: value for name, value in one.items() if name != "occurrences"} for one in documents]


def _life(settings: Settings, folder: Path, *, waits: bool) -> list[dict[str, Any]]:
    """Four days; the publication of the second is accepted that morning, or after two days of sign-ins."""
    _night(settings, folder, 16)
    _seen(settings, 16)
    summary = _night(settings, folder, 17)
    if not waits:
        _accept(settings, summary, 17)
    for day in (17, 18):
        _seen(settings, day)
    if waits:
        _accept(settings, summary, 18)
    assert _night(settings, folder, 19).outcome is Outcome.PUBLISHED
    _seen(settings, 19)
    return _found(settings)


def test_refused_then_accepted_leaves_the_findings_of_one_accepted_at_once(home: Home, tmp_path: Path) -> None:
    """What counts is the day of the publication, not that of the word that let it in."""
    at_once = _life(home("at-once"), tmp_path / "files-a", waits=False)
    waited = _life(home("waited"), tmp_path / "files-b", waits=True)
    assert {finding["verdict"] for finding in at_once} >= {Verdict.TOKEN_STALE, Verdict.DEPARTED_PRACTITIONER}
    assert waited == at_once
