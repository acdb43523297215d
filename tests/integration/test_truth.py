import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from databases import DATABASES, reading, writing
from pipelines.claims_intake import take_in, verifier_of
from pipelines.comparison import compare
from pipelines.nightly import accept, run_night
from postgres_server import Server
from rpps_sync import clock
from rpps_sync.directory import findings
from rpps_sync.directory.engine import open_engine
from rpps_sync.directory.findings import Filters
from rpps_sync.directory.tables import COMPARISONS
from rpps_sync.finding import Verdict
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.publisher.layouts import layout
from rpps_sync.run_summary import Outcome
from rpps_sync.settings import Settings, load
from rpps_sync.simulator.issuer import new_issuer
from rpps_sync.simulator.publish import publish
from rpps_sync.simulator.tokens import DEFAULT_SOURCE, SECOND_SOURCE, TRUTH_FILE, write_tokens

DAYS, AWAITED = 6, 4
FIRST_DAY = date(2026, 11, 15)
ISSUER, CLIENT = "https://psc.simulator.invalid/auth/realms/esante-wallet", "rpps-sync-demo"


@pytest.fixture(scope="module", params=DATABASES)
def lived(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, Path]]:
    """Six simulated days: each evening the night runs, then the day's observations come in.

    One publication lacks half of its cards: it is refused, and a person accepts it the next morning.
    """
    root = tmp_path_factory.mktemp("truth")
    world, tokens = root / "world", root / "tokens" / "observations.jsonl"
    tokens.parent.mkdir()
    publish(world, practitioners=800, first_day=FIRST_DAY, days=DAYS, seed=3)
    write_tokens(world, tokens, issuer=new_issuer(ISSUER, CLIENT), observed=800, seed=3)
    server: Server | None = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    settings = load(
        home=root / "home",
        database_url=server.empty() if server else "",
        psc_issuer=ISSUER,
        psc_client_id=CLIENT,
        psc_jwks_url=str(tokens.parent / "jwks.json"),
    )
    lines = tokens.read_bytes().splitlines(keepends=True)
    for number in range(1, DAYS + 1):
        with clock.pinned(_at(number, 21)):
            if number == AWAITED:
                _halve(world / f"day-{number}" / layout(ExtractKind.CARTES).file_name)
            summary = run_night(settings, FolderSource(world / f"day-{number}"))
            assert summary.outcome is (Outcome.REFUSED if number == AWAITED else Outcome.PUBLISHED)
            seen = b"".join(line for line in lines if _day(line) == _at(number, 0).date().isoformat())
            engine = open_engine(settings.database)
            assert not take_in(engine, BytesIO(seen), verifier_of(settings), grace=3).refused
            engine.dispose()
        if number == AWAITED:
            assert summary.publication
            with clock.pinned(_at(number + 1, 5)):
                accept(settings, summary.publication.id, by="a person", because="only cards are missing")
    yield settings, tokens.parent / TRUTH_FILE
    if server:
        server.drop(settings.database)


def _at(day: int, hour: int) -> datetime:
    """An hour of the n-th day."""
    return datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, hour, tzinfo=UTC) + timedelta(days=day - 1)


def _day(line: bytes) -> str:
    return str(json.loads(line)["observed_at"])[:10]


def _halve(file: Path) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[: len(lines) // 2]))


def told(settings: Settings) -> set[tuple[str, ...]]:
    """The standing findings, out-of-scope ones included, as the truth is written."""
    with reading(settings.database) as connection:
        found = findings.find(connection) + findings.find(connection, Filters(verdicts=(Verdict.OUT_OF_SCOPE,)))
    return {
        (
            item.judgement.national_id,
            item.judgement.source,
            item.judgement.field,
            item.judgement.element,
            str(item.judgement.verdict),
            item.judgement.since.isoformat() if item.judgement.since else "",
        )
        for item in found
    }


def test_night_after_night_the_verdicts_are_the_truth(lived: tuple[Settings, Path]) -> None:
    """Everything the simulator seeded is found with its date, and nothing else is, for both applications."""
    settings, truth = lived
    names = ("national_id", "source", "field", "element", "verdict", "since")
    lines = truth.read_text(encoding="utf-8").splitlines()
    expected = {tuple(json.loads(line)[name] for name in names) for line in lines}
    assert {key[4] for key in expected} >= set(Verdict) - {Verdict.CONSISTENT, Verdict.NOT_COMPARABLE}
    assert {key[1] for key in expected} == {DEFAULT_SOURCE, SECOND_SOURCE}
    assert told(settings) == expected


def test_judging_what_moved_is_judging_everything(lived: tuple[Settings, Path]) -> None:
    """Comparing everybody again changes no finding: the nights left nobody out."""
    settings, _ = lived
    before = told(settings)
    with writing(settings.database) as connection:
        summary = compare(connection, grace=3)
        assert findings.totals(connection) == (summary.observed, summary.by_verdict)
    assert told(settings) == before


def test_judging_in_columns_first_is_judging_one_by_one(
    lived: tuple[Settings, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those found to agree in columns count as they do when each is judged alone, and no finding differs."""
    settings, _ = lived
    results = []
    for fewest, page in ((1, 10**6), (1, 150), (10**9, 10**6)):  # at once, page by page, one by one
        monkeypatch.setattr("pipelines.sifting.FEWEST", fewest)
        monkeypatch.setattr("pipelines.comparison._PAGE", page)
        with writing(settings.database) as connection:
            connection.execute(delete(COMPARISONS))
            summary = compare(connection, grace=3)
            kept = connection.execute(select(COMPARISONS).order_by("national_id", "source")).all()
            results.append((summary, [(row.national_id, row.source, dict(row.by_verdict)) for row in kept]))
    assert results[0] == results[1] == results[2]
