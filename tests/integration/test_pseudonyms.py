"""Pseudonyms: the same findings about people whom the tables do not name."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from databases import DATABASES, reading, writing
from pipelines.claims_intake import take_in, verifier_of
from pipelines.comparison import agreements, compare
from pipelines.nightly import run_night
from pipelines.retention import forget
from pipelines.retention import pseudonymise as hide
from pipelines.worklists import Recipient, worklists
from postgres_server import Server
from rpps_sync import clock, pseudonyms
from rpps_sync.directory import erasure, findings, migrations, pseudonymity
from rpps_sync.directory.engine import open_engine
from rpps_sync.directory.erasure import ABOUT_PEOPLE
from rpps_sync.directory.findings import Filters
from rpps_sync.directory.lags import By, distributions, lags
from rpps_sync.directory.pseudonymisation import pseudonymise
from rpps_sync.directory.pseudonymity import resolved
from rpps_sync.directory.tables import FINDINGS, INTAKE, OBSERVATIONS, PRACTITIONERS
from rpps_sync.errors import UsageError
from rpps_sync.identifiers import rpps_of
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.reporting.words import Words
from rpps_sync.reporting.worklists import Worklist
from rpps_sync.settings import Settings, load
from rpps_sync.simulator.issuer import new_issuer
from rpps_sync.simulator.publish import publish
from rpps_sync.simulator.tokens import write_tokens

DAYS = 5
FIRST_DAY = date(2026, 11, 15)
ISSUER, CLIENT = "https://psc.simulator.invalid/auth/realms/esante-wallet", "rpps-sync-demo"
KEY, OTHER_KEY = "0123456789abcdef" * 2, "fedcba9876543210" * 2


@dataclass(frozen=True)
class Lived:
    """The same simulated days, in clear and under pseudonyms."""

    clear: Settings
    hidden: Settings


@pytest.fixture(autouse=True)
def in_clear() -> Iterator[None]:
    """No key outlives a test."""
    yield
    pseudonyms.use(b"")


@pytest.fixture(scope="module", params=DATABASES)
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """Five days of four hundred people: each evening the night runs, then the day's observations come in."""
    root = tmp_path_factory.mktemp("pseudonyms")
    world, tokens = root / "world", root / "tokens" / "observations.jsonl"
    tokens.parent.mkdir()
    publish(world, practitioners=400, first_day=FIRST_DAY, days=DAYS, seed=3)
    write_tokens(world, tokens, issuer=new_issuer(ISSUER, CLIENT), observed=400, seed=3)
    lines = tokens.read_bytes().splitlines(keepends=True)
    server: Server | None = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    modes: list[Settings] = []
    for key in ("", KEY):
        settings = load(
            home=root / f"home-{len(modes)}",
            database_url=server.empty() if server else "",
            psc_issuer=ISSUER,
            psc_client_id=CLIENT,
            psc_jwks_url=str(tokens.parent / "jwks.json"),
            pseudonymous=bool(key),
            pseudonym_key=key,
        )
        _live(settings, world, lines)
        modes.append(settings)
    pseudonyms.use(b"")
    yield Lived(*modes)
    if server:
        for settings in modes:
            server.drop(settings.database)


def _live(settings: Settings, world: Path, lines: list[bytes]) -> None:
    for number in range(DAYS):
        day = FIRST_DAY + timedelta(days=number)
        with clock.pinned(datetime(day.year, day.month, day.day, 21, tzinfo=UTC)):
            run_night(settings, FolderSource(world / f"day-{number + 1}"))
            seen = b"".join(line for line in lines if json.loads(line)["observed_at"].startswith(day.isoformat()))
            engine = open_engine(settings.database)
            assert not take_in(engine, BytesIO(seen), verifier_of(settings), grace=3).refused
            engine.dispose()


def _under(settings: Settings) -> None:
    pseudonyms.use(settings.pseudonym_secret())


def _told(settings: Settings) -> list[dict[str, Any]]:
    with reading(settings.database) as connection:
        found = findings.find(connection, Filters(everything=True))
    return [finding.to_json() for finding in found]


def _hidden(document: dict[str, Any]) -> dict[str, Any]:
    """A finding told in clear as it is told under pseudonyms."""
    named = document | {"id": "", "national_id": pseudonyms.of_person(document["national_id"])}
    texts = ("element", "claim_value", "directory_value")
    return named | {name: pseudonyms.of_place(document[name]) for name in texts} | {"evidence": {}}


def _sorted(documents: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(document, sort_keys=True) for document in documents)


def _text_of(connection: Connection) -> str:
    tables = (*ABOUT_PEOPLE, INTAKE)
    return "\n".join(repr(tuple(row)) for table in tables for row in connection.execute(select(table)))


class _UndoneError(Exception):
    """Raised to leave a transaction without its effect."""


def _rows(connection: Connection) -> dict[str, list[str]]:
    """Everything kept about people, but numbers of rows and instants of writing."""
    apart = {"at", "id"}
    tables = {
        table.name: [column for column in table.c if column.name not in apart or table is FINDINGS]
        for table in (*ABOUT_PEOPLE, INTAKE)
    }
    return {
        name: sorted(repr(tuple(row)) for row in connection.execute(select(*columns)))
        for name, columns in tables.items()
    }


def test_converted_database_holds_what_one_pseudonymous_from_the_start_holds(lived: Lived) -> None:
    """Row for row, in every table about people; converted again nothing moves; undone, all is in clear again."""
    with reading(lived.hidden.database) as connection:
        expected = _rows(connection)
    with reading(lived.clear.database) as connection:
        before = _rows(connection)
    _under(lived.hidden)
    with suppress(_UndoneError), writing(lived.clear.database) as connection:
        rewritten, converted = pseudonymise(connection), _rows(connection)
        again = pseudonymise(connection)
        pseudonymity.check(connection)
        raise _UndoneError
    assert converted == expected
    assert rewritten == {name: len(rows) for name, rows in before.items()}
    assert again == {}
    with reading(lived.clear.database) as connection:
        assert _rows(connection) == before
        assert pseudonymity.holds_clear(connection)


def test_pseudonyms_change_no_finding(lived: Lived) -> None:
    """Verdicts, dates, delays and lives are those told in clear: departed and unknown people included."""
    clear = _told(lived.clear)
    _under(lived.hidden)
    hidden = _told(lived.hidden)
    assert {document["verdict"] for document in clear} >= {"departed_practitioner", "unknown_practitioner"}
    assert _sorted([document | {"id": "", "evidence": {}} for document in hidden]) == _sorted(
        [_hidden(document) for document in clear]
    )


def test_pseudonyms_change_no_count_and_no_delay(lived: Lived) -> None:
    """How fields were judged, and how long each side takes by profession, read the same."""
    figures = []
    for settings in (lived.clear, lived.hidden):
        _under(settings)
        with reading(settings.database) as connection:
            told = [item.to_json() for item in distributions(lags(connection), By.PROFESSION)]
            figures.append((findings.totals(connection), told))
    assert figures[0] == figures[1]


def test_judging_in_columns_under_pseudonyms_is_judging_one_by_one(lived: Lived) -> None:
    """Comparing all four hundred at once finds what the nights found, few by few."""
    _under(lived.hidden)
    before = _told(lived.hidden)
    with writing(lived.hidden.database) as connection:
        summary = compare(connection, grace=3)
        assert findings.totals(connection) == (summary.observed, summary.by_verdict)
    assert _told(lived.hidden) == before


def test_no_table_about_people_holds_a_number_of_theirs(lived: Lived) -> None:
    """No identifier of a person seen in a token is there, nor the key, nor a digest to try lines on."""
    with reading(lived.clear.database) as connection:
        seen = set(connection.execute(select(OBSERVATIONS.c.national_id)).scalars())
        digests = set(connection.execute(select(INTAKE.c.digest)).scalars())
        in_clear = _text_of(connection)
    with reading(lived.hidden.database) as connection:
        whole = _text_of(connection)
        kept = set(connection.execute(select(INTAKE.c.digest)).scalars())
    numbers = {rpps_of(name) or name for name in seen}
    assert all(number in in_clear for number in numbers)
    assert not [number for number in numbers if number in whole]
    assert KEY not in whole
    assert len(kept) == len(digests) > 0
    assert digests.isdisjoint(kept)


def test_person_is_found_by_the_real_identifier(lived: Lived) -> None:
    """Findings and agreements are looked up through the key, and the key names people of the directory again."""
    with reading(lived.clear.database) as connection:
        served = set(connection.execute(select(PRACTITIONERS.c.national_id)).scalars())
        known = (item.judgement.national_id for item in findings.find(connection))
        somebody = next(name for name in known if name in served)
        wanted = Filters(everything=True, national_id=somebody)
        expected = len(findings.find(connection, wanted)), len(agreements(connection, wanted, grace=3))
    _under(lived.hidden)
    pseudonym = pseudonyms.of_person(somebody)
    with reading(lived.hidden.database) as connection:
        found = findings.find(connection, wanted)
        assert (len(found), len(agreements(connection, wanted, grace=3))) == expected
        assert {finding.judgement.national_id for finding in found} == {pseudonym}
        assert resolved(connection, [pseudonym]) == {pseudonym: somebody}


@pytest.mark.parametrize("key", ["", OTHER_KEY])
def test_another_way_of_writing_identifiers_is_refused(lived: Lived, key: str) -> None:
    """Without the key, or with another one, nothing is compared, found or forgotten as if nobody were there."""
    pseudonyms.use(key.encode())
    before = _told(lived.hidden)
    with pytest.raises(UsageError, match="holds pseudonyms"), writing(lived.hidden.database) as connection:
        compare(connection, grace=3)
    with pytest.raises(UsageError, match="holds pseudonyms"), reading(lived.hidden.database) as connection:
        findings.find(connection, Filters(national_id="899900000017"))
    engine = open_engine(lived.hidden.database)
    with pytest.raises(UsageError, match="holds pseudonyms"):
        forget(engine, lived.hidden, "99900000017")
    engine.dispose()
    assert _told(lived.hidden) == before


def test_database_in_clear_does_not_become_half_pseudonymous(lived: Lived) -> None:
    """Asking for pseudonyms where identifiers are in clear is refused, and the message says what to do."""
    pseudonyms.use(KEY.encode())
    before = _told(lived.clear)
    with pytest.raises(UsageError, match="in clear") as told, writing(lived.clear.database) as connection:
        compare(connection, grace=3)
    assert "nothing was changed" in told.value.mend
    assert _told(lived.clear) == before


def test_conversion_without_a_key_changes_nothing(lived: Lived) -> None:
    """Whoever forgot the setting is told so, with the names of the settings."""
    with pytest.raises(UsageError, match="do not ask") as told, writing(lived.clear.database) as connection:
        pseudonymise(connection)
    assert "PSEUDONYM_KEY_FILE" in told.value.mend


def test_worklists_name_people_only_when_asked(lived: Lived) -> None:
    """By default pseudonyms and no name; asked for, the lists say who, as those of a database in clear do."""
    with reading(lived.clear.database) as connection:
        in_clear = worklists(connection, Recipient.AUTHORITY, "en", claims=False)
    _under(lived.hidden)
    with reading(lived.hidden.database) as connection:
        hidden = worklists(connection, Recipient.AUTHORITY, "en", claims=False)
        named = worklists(connection, Recipient.AUTHORITY, "en", claims=False, identifiers=True)
    assert _people(named) == _people(in_clear)
    assert _people(named)
    assert all(rpps.startswith("p") and not name for rpps, name in _people(hidden))


def _people(lists: list[Worklist]) -> set[tuple[str, str]]:
    words = Words("en")
    keys = words("worklist.rpps"), words("worklist.family_name")
    return {(row[keys[0]], row[keys[1]]) for item in lists for row in item.rows}


def test_command_converts_and_erases_the_reports_that_name_people(lived: Lived, tmp_path: Path) -> None:
    """Entered in the ledger once; a second call finds nothing to do."""
    settings = load(home=tmp_path, pseudonymous=True, pseudonym_key=KEY)
    settings.reports.mkdir(parents=True)
    for name in ("20261115T210000Z-0a1b2c.html", "20261115T210000Z-0a1b2c.pdf", "latest.html"):
        (settings.reports / name).write_text("<td>99900000017</td>")
    engine = open_engine(settings.database)
    migrations.upgrade(engine)
    with engine.begin() as connection, reading(lived.clear.database) as other:
        for table in (*ABOUT_PEOPLE, INTAKE):
            connection.execute(insert(table), [dict(row) for row in other.execute(select(table)).mappings()])
    pseudonyms.use(KEY.encode())
    first, second = (hide(engine, settings, by="operator") for _ in range(2))
    with engine.connect() as connection:
        assert [entry["action"] for entry in erasure.ledger(connection)] == ["pseudonymise"]
    engine.dispose()
    assert first.entry.removed["observations"]
    assert first.scrubbed
    assert second.entry.nothing
    assert not list(settings.reports.iterdir())


def test_person_under_a_pseudonym_is_forgotten_by_the_real_identifier(lived: Lived) -> None:
    """Their rows go from every table, and so does the report that shows the pseudonym."""
    with reading(lived.clear.database) as connection:
        somebody = findings.find(connection)[-1].judgement.national_id
    _under(lived.hidden)
    report = lived.hidden.reports / "named.html"
    report.write_text(f"<td>{pseudonyms.of_person(somebody)}</td>")
    engine = open_engine(lived.hidden.database)
    removed = forget(engine, lived.hidden, somebody).entry.removed
    engine.dispose()
    assert removed["observations"]
    assert removed["findings"]
    assert not report.exists()
    with reading(lived.hidden.database) as connection:
        assert pseudonyms.of_person(somebody) not in _text_of(connection)
