"""Whole nights with tokens and a day of use, then a search of all they wrote for what must never be written.

A search that finds nothing proves something only if it finds what is there: leaks are planted too.
"""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import make_url
from typer.testing import CliRunner

from databases import reading, writing
from leaks import NUMBER, TOKEN, Written, files_in, leaks, numbers, rows_of, secrets_of
from pipelines.nightly import run_night
from postgres_server import Server
from rpps_sync import clock, logs, pseudonyms
from rpps_sync.api.access import House
from rpps_sync.api.app import create
from rpps_sync.cli import app, failures
from rpps_sync.client import configure, flush, observe, observing
from rpps_sync.directory import api_keys, finding_pages, findings
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.directory.erasure import ABOUT_PEOPLE
from rpps_sync.directory.findings import Filters
from rpps_sync.directory.tables import INTAKE, METADATA
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.settings import Settings, load
from rpps_sync.simulator.issuer import new_issuer
from rpps_sync.simulator.publish import publish
from rpps_sync.simulator.tokens import write_tokens

DAYS = 2
FIRST_DAY = date(2026, 11, 15)
EVENING = datetime(2026, 11, 16, 22, tzinfo=UTC)
ISSUER, CLIENT = "https://psc.simulator.invalid/auth/realms/esante-wallet", "rpps-sync-demo"
KEY = "0123456789abcdef" * 2
COMMANDS = (  # what shows or writes what tokens told; {folder} is a place outside the home
    "claims stats --json",
    "compare --json",
    "findings list --all --json",
    "findings list",
    "findings export --format ndjson",
    "findings export --out {folder}/findings.csv",
    "findings lags --json",
    "findings worklist --by authority --with-claims --out {folder}/authority",
    "findings worklist --by application --with-claims --out {folder}/application",
    "report --format html,json --out {folder}/report",
    "purge --history --json",
    "doctor --json",
    "runs list --json",
    "db backup {folder}/backup.sqlite",
)


@dataclass(frozen=True)
class Lived:
    """An installation after its nights and a day of use."""

    settings: Settings
    said: Path  # a folder: what commands, logs and answers said, and the files they were asked to write
    temporary: Path
    secrets: frozenset[str]
    tokens: tuple[str, ...]

    def everything(self) -> Written:
        """All that was written anywhere."""
        with reading(self.settings.database) as connection:
            rows = rows_of(connection, METADATA.tables.values())
        return {
            **{f"home/{name}": text for name, text in files_in(self.settings.home).items()},
            **{f"said/{name}": text for name, text in files_in(self.said).items()},
            **{f"tmp/{name}": text for name, text in files_in(self.temporary).items()},
            **rows,
        }


@pytest.fixture(autouse=True, scope="module")
def _as_before() -> Iterator[None]:
    """No key, and no way of logging, outlives this module."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    pseudonyms.use(b"")
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(capture=False)


@pytest.fixture(scope="module")
def embedded_in_clear(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """The one that leaks are planted in too, once copied."""
    return _lived(tmp_path_factory.mktemp("clear"), "", "")


MODES = [("sqlite", ""), ("sqlite", KEY), ("postgresql", KEY)]


@pytest.fixture(
    scope="module", params=MODES, ids=[f"{kind}-{'hidden' if key else 'clear'}" for kind, key in MODES]
)
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """In clear and under pseudonyms, on both kinds of database."""
    kind, key = request.param
    if (kind, key) == ("sqlite", ""):
        yield request.getfixturevalue("embedded_in_clear")
        return
    server: Server | None = request.getfixturevalue("postgres") if kind == "postgresql" else None
    url = server.empty() if server else ""
    yield _lived(tmp_path_factory.mktemp("leaks"), url, key)
    if server:
        server.drop(url)


@pytest.fixture
def planted(embedded_in_clear: Lived, tmp_path: Path) -> Iterator[Lived]:
    """A copy of an embedded installation, to plant a leak in."""
    pseudonyms.use(b"")
    root = embedded_in_clear.said.parent
    copied = Path(shutil.copytree(root, tmp_path / "copied"))
    settings = embedded_in_clear.settings.model_copy(update={"home": copied / "home"})
    with clock.pinned(EVENING):
        yield replace(embedded_in_clear, settings=settings, said=copied / "said", temporary=copied / "tmp")


def test_nothing_of_a_token_or_a_key_is_written_anywhere(lived: Lived) -> None:
    """Files, freed pages, rows, logs, answers, lists, copies: no part of a token, refused ones included."""
    assert len(lived.tokens) > 50
    assert not leaks(lived.everything(), lived.secrets)


def test_logs_and_receipts_name_nobody(lived: Lived) -> None:
    """Neither in clear nor under pseudonyms: what was said on standard error, and what is left of the inbox."""
    receipts = {
        name: text for name, text in files_in(lived.settings.inbox).items() if not name.startswith("waiting")
    }
    assert len(receipts) == DAYS
    assert all(json.loads(text)["refused"] for text in receipts.values())
    logged = {name: text for name, text in files_in(lived.said).items() if name.endswith(".log")}
    assert sum(map(len, logged.values())) > 1000
    assert not numbers({**receipts, **logged})


def test_pseudonyms_stand_for_people_in_all_that_tokens_told(lived: Lived) -> None:
    """Answers of the API, lists, exports, reports, pages of the dashboard, and the tables of a copy."""
    shown = _of_checks(lived)
    told = {
        name: _without(text, shown) if name.startswith("report/") else text
        for name, text in files_in(lived.said).items()
        if not name.endswith((".log", ".sqlite"))
    }
    assert {name.split("/")[0].split(" ")[0] for name in told} >= {"api", "authority", "report", "findings"}
    with closing(sqlite3.connect(lived.said / "backup.sqlite")) as copy:
        copied = {
            f"copy of {table.name}": repr(copy.execute(f"SELECT * FROM {table.name}").fetchall()).encode()
            for table in (*ABOUT_PEOPLE, INTAKE)
        }
    with reading(lived.settings.database) as connection:
        kept = rows_of(connection, (*ABOUT_PEOPLE, INTAKE))
        page = finding_pages.page(connection, Filters(everything=True), limit=1000)
    assert page
    found = numbers({**told, **copied, **kept, "a page of the dashboard": repr(page).encode()})
    if lived.settings.pseudonymous:
        assert not found
    else:  # the search would find them
        assert {"table observations", "copy of findings", "a page of the dashboard", "findings.csv"} <= found


def _of_checks(lived: Lived) -> list[str]:
    """The lines of the open directory that checks show as samples, whether or not anybody saw those people."""
    return NUMBER.findall(json.dumps(json.loads((lived.said / "report" / "latest.json").read_text())["checks"]))


def _without(text: bytes, shown: list[str]) -> bytes:
    for number in shown:
        text = text.replace(number.encode(), b"")
    return text


def _in_a_log(lived: Lived) -> None:
    (lived.said / "other.log").write_text(f"Validating: {max(lived.secrets)}\n")


def _in_a_temporary_file(lived: Lived) -> None:
    (lived.temporary / "tmp0a1b2c").write_bytes(b"\0\xff" + max(lived.secrets).encode())


def _in_a_report(lived: Lived) -> None:
    (lived.settings.reports / "latest.html").write_text(f"<td>{KEY}</td>")


def _in_a_freed_page(lived: Lived) -> None:
    file = make_url(lived.settings.database).database or ""
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("PRAGMA secure_delete = OFF")
        raw.execute("CREATE TABLE scratch (text)")
        raw.executemany("INSERT INTO scratch VALUES (?)", [(secret,) for secret in sorted(lived.secrets)])
        raw.commit()
        raw.execute("DROP TABLE scratch")
        raw.commit()
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _in_a_row(lived: Lived) -> None:
    with writing(lived.settings.database) as connection:
        connection.exec_driver_sql("UPDATE api_keys SET name = ?", (max(lived.secrets),))


PLANTS: dict[str, tuple[Callable[[Lived], None], str]] = {
    "log": (_in_a_log, "said/other.log"),
    "temporary file": (_in_a_temporary_file, "tmp/tmp0a1b2c"),
    "key in a report": (_in_a_report, "home/reports/latest.html"),
    "freed page": (_in_a_freed_page, "home/rpps-sync.sqlite"),
    "row": (_in_a_row, "table api_keys"),
}


@pytest.mark.parametrize("plant", PLANTS)
def test_planted_secret_is_found_where_it_was_planted(planted: Lived, plant: str) -> None:
    """The search is not blind: it finds each of them, in its place, and found nothing there before."""
    put, place = PLANTS[plant]
    before = leaks(planted.everything(), planted.secrets)
    assert place not in before
    put(planted)
    assert leaks(planted.everything(), planted.secrets) - before >= {place}


def test_number_in_an_exception_is_taken_out_and_would_be_found(
    planted: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file of a crash names nobody; without the last step that takes numbers out, the search says so."""
    monkeypatch.setenv("RPPS_SYNC_HOME", str(planted.settings.home))
    crash = ValueError(f"nobody foresaw 899900000011, {planted.tokens[0]}")
    crashes = planted.settings.home / "crashes"
    failures.tell(crash, as_json=False)
    assert len(files_in(crashes)) == 1
    assert not numbers(files_in(crashes)) | leaks(files_in(crashes), planted.secrets)
    monkeypatch.setattr(logs, "redacted", lambda text, **_: text)
    for file in crashes.iterdir():
        file.unlink()
    failures.tell(crash, as_json=False)
    assert numbers(files_in(crashes))
    assert leaks(files_in(crashes), planted.secrets)


def test_number_in_the_access_log_is_taken_out_and_would_be_found(
    planted: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was asked about is told under a pseudonym; were it forgotten, the number would still be masked."""
    monkeypatch.setattr("rpps_sync.api.journal.pseudonym", lambda _secret, subject: subject)
    log = planted.said / "careless.log"
    with log.open("w") as stream, redirect_stderr(stream):
        _asked(planted.settings, ["GET /v1/practitioners/{number}"])
    assert "/v1/practitioners/{id}" in log.read_text()
    assert not numbers({"log": log.read_bytes()})
    monkeypatch.setattr("rpps_sync.api.access_log.nameless", lambda subject: subject)
    with log.open("w") as stream, redirect_stderr(stream):
        _asked(planted.settings, ["GET /v1/practitioners/{number}"])
    assert numbers({"log": log.read_bytes()})


def _lived(root: Path, url: str, key: str) -> Lived:
    """Nights that find observations in the watched folder, some with a broken signature, then a day of use.

    The logs are kept at DEBUG, so that nothing hides below.
    """
    settings = load(
        home=root / "home",
        database_url=url,
        psc_issuer=ISSUER,
        psc_client_id=CLIENT,
        psc_jwks_url=str(root / "tokens" / "jwks.json"),
        pseudonymous=bool(key),
        pseudonym_key=key,
    )
    said, temporary = root / "said", root / "tmp"
    for folder in (said, temporary, settings.inbox, root / "tokens"):
        folder.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patched, clock.pinned(EVENING):
        patched.setenv("TMPDIR", str(temporary))
        patched.setattr(tempfile, "tempdir", None)
        with (said / "nights.log").open("w") as stream, redirect_stderr(stream), redirect_stdout(stream):
            lines, secrets = _nights(settings, root)
        with (said / "use.log").open("w") as stream, redirect_stderr(stream):
            _used(settings, said, lines, patched)
        patched.setattr(tempfile, "tempdir", None)
    tokens = {token for line in lines for token in TOKEN.findall(line)}
    return Lived(settings, said, temporary, frozenset(secrets_of(tokens) | secrets), tuple(sorted(tokens)))


def _nights(settings: Settings, root: Path) -> tuple[list[str], set[str]]:
    """The lines as they were left, and what nobody but the issuer and the operator may know."""
    world, file = root / "world", root / "tokens" / "observations.jsonl"
    publish(world, practitioners=300, first_day=FIRST_DAY, days=DAYS, seed=3)
    issuer = new_issuer(ISSUER, CLIENT)
    write_tokens(world, file, issuer=issuer, observed=200, seed=3)
    lines = [
        _broken(line) if number % 9 == 0 else line for number, line in enumerate(file.read_text().splitlines())
    ]
    logs.configure(verbose=True)
    for number in range(DAYS):
        day = FIRST_DAY + timedelta(days=number)
        seen = [line for line in lines if json.loads(line)["observed_at"].startswith(day.isoformat())]
        (settings.inbox / f"{day}.jsonl").write_text("\n".join(seen))
        with clock.pinned(datetime(day.year, day.month, day.day, 21, tzinfo=UTC)):
            run_night(settings, FolderSource(world / f"day-{number + 1}"))
    private = {str(private.as_dict(private=True)["d"]) for private in issuer.keys}
    subjects = {item["userinfo"]["sub"] for item in map(json.loads, lines) if isinstance(item["userinfo"], dict)}
    return lines, {KEY, *private, *subjects}


def _broken(line: str) -> str:
    item: dict[str, Any] = json.loads(line)
    for name, value in item.items():
        if isinstance(value, str) and TOKEN.fullmatch(value):
            item[name] = value[:-8] + "AAAAAAAA"
    return json.dumps(item)


def _used(settings: Settings, said: Path, lines: list[str], patched: pytest.MonkeyPatch) -> None:
    """A day of an IT team: commands, the API, the hook of an application, and what they said."""
    for name in ("home", "psc_issuer", "psc_client_id", "psc_jwks_url"):
        patched.setenv(f"RPPS_SYNC_{name.upper()}", str(getattr(settings, name)))
    patched.setenv("RPPS_SYNC_DATABASE_URL", settings.database)
    if settings.pseudonymous:
        patched.setenv("RPPS_SYNC_PSEUDONYMOUS", "true")
        patched.setenv("RPPS_SYNC_PSEUDONYM_KEY", KEY)
    asked: list[tuple[str, bytes]] = [(command.format(folder=said), b"") for command in COMMANDS]
    asked += [("claims verify", token.encode()) for token in TOKEN.findall(lines[0] + lines[1])]
    asked += [("claims ingest - --source pui --json", "\n".join(lines[:40]).encode())]
    for number, (command, given) in enumerate(asked):
        result = CliRunner().invoke(app, command.split(), input=given)
        assert isinstance(result.exception, SystemExit | None), (command, result.exception)
        (said / f"{command.split()[0]} {number}.out").write_text(result.stdout)
        (said / f"{command.split()[0]} {number}.log").write_text(f"{result.stderr}{result.exception!r}")
    answers = _asked(
        settings,
        ["GET /v1/findings?all=true&limit=1000", "GET /v1/findings/{finding}", "GET /v1/findings?id={number}"],
        [f"[{','.join(lines[:30])}]", lines[0], '{"userinfo": 7}', "eyJ"],
    )
    for name, text in answers.items():
        (said / name).write_text(text)
    patched.setattr(observing, "_observer", None)
    configure("hook", inbox=said / "nowhere")
    observe(json.loads(lines[0])["userinfo"], id_token=json.loads(lines[0]).get("id_token"))
    assert flush(10)


def _asked(settings: Settings, pages: list[str], claims: list[str] | None = None) -> dict[str, str]:
    """Ask the API for pages, and tell it claims; the answers, headers included."""
    site = create(settings)
    house: House = site.state.house
    with writing(settings.database) as connection:
        _, key = api_keys.create(connection, "everything", tuple(KeyScope), source="dpi")
        found = findings.find(connection)[-1].judgement
        number = connection.exec_driver_sql("SELECT max(national_id) FROM practitioners").scalar()
    house.keyring.refresh()
    wanted = [("GET", page.split()[1].format(finding=found.id, number=number), None) for page in pages]
    wanted += [("POST", path, body) for body in claims or () for path in ("/v1/claims", "/v1/verify")]

    async def ask() -> dict[str, str]:
        transport = httpx.ASGITransport(site, raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        async with httpx.AsyncClient(transport=transport, base_url="http://site.invalid") as client:
            answers = [
                await client.request(method, path, headers=headers, content=body) for method, path, body in wanted
            ]
        return {
            f"api {number} {answer.request.method}": f"{answer.headers}\n{answer.text}"
            for number, answer in enumerate(answers)
        }

    try:
        return asyncio.run(ask())
    finally:
        house.throttle.close()
        house.readers.dispose()
        house.writer.dispose()
