"""Whole nights with tokens, then a search of everything they wrote for what must never be written."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from databases import reading
from pipelines.nightly import run_night
from pipelines.worklists import Recipient, worklists, write
from rpps_sync import clock, logs, pseudonyms
from rpps_sync.directory.erasure import ABOUT_PEOPLE
from rpps_sync.directory.tables import INTAKE, METADATA
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.settings import Settings
from rpps_sync.simulator.issuer import new_issuer
from rpps_sync.simulator.publish import publish
from rpps_sync.simulator.tokens import write_tokens

DAYS = 2
FIRST_DAY = date(2026, 11, 15)
ISSUER, CLIENT = "https://psc.simulator.invalid/auth/realms/esante-wallet", "rpps-sync-demo"
KEY = "0123456789abcdef" * 2
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
_RPPS = re.compile(r"(?<![0-9A-Fa-f])8?999[0-9]{8}(?![0-9A-Fa-f])")


@pytest.fixture(autouse=True)
def in_clear() -> Iterator[None]:
    """No key, and no way of logging, outlives a test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    pseudonyms.use(b"")
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(capture=False)


@pytest.mark.parametrize("key", ["", KEY], ids=["clear", "pseudonymous"])
def test_nothing_of_a_token_or_a_key_is_found_after_whole_nights(
    key: str, settings: Settings, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Files, database, logs and lists hold no token, refused ones included; logs and receipts hold no number."""
    told = settings.model_copy(
        update={
            "psc_issuer": ISSUER,
            "psc_client_id": CLIENT,
            "psc_jwks_url": str(tmp_path / "tokens" / "jwks.json"),
            "pseudonymous": bool(key),
            "pseudonym_key": SecretStr(key),
        }
    )
    lines, secrets = _lived(told, tmp_path)
    tokens = {token for line in lines for token in _TOKEN.findall(line)}
    parts = {part for token in tokens for part in token.split(".")[1:]} | secrets
    assert len(tokens) > 50

    logged = "".join(capfd.readouterr())
    files = {path: path.read_bytes() for path in told.home.rglob("*") if path.is_file()}
    with reading(told.database) as connection:
        lists = worklists(connection, Recipient.AUTHORITY, "fr", claims=False)
        rows = [
            repr(tuple(row)) for table in METADATA.tables.values() for row in connection.execute(select(table))
        ]
        people = [
            repr(tuple(row)) for table in (*ABOUT_PEOPLE, INTAKE) for row in connection.execute(select(table))
        ]
    written = "\n".join([logged, *rows, *(path.read_text() for path in write(lists, tmp_path / "lists"))])
    everything = b"\n".join([written.encode(), *files.values()])
    assert not [part for part in parts if part.encode() in everything]

    receipts = [path for path in files if path.is_relative_to(told.inbox)]
    assert [path.suffix for path in receipts] == [".json"] * DAYS
    assert all(json.loads(files[path])["refused"] for path in receipts)
    assert logged
    assert not _RPPS.findall(logged + "".join(files[path].decode() for path in receipts))
    if key:
        assert people
        assert not _RPPS.findall("\n".join(people))
        assert not _RPPS.findall("".join(path.read_text() for path in (tmp_path / "lists").iterdir()))


def _lived(settings: Settings, root: Path) -> tuple[list[str], set[str]]:
    """Two nights that find the day's observations in the watched folder, some with a broken signature.

    Returns:
        The lines as they were left, and what nobody but the issuer and the operator may know.
    """
    world, file = root / "world", root / "tokens" / "observations.jsonl"
    file.parent.mkdir()
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
        settings.inbox.mkdir(parents=True, exist_ok=True)
        (settings.inbox / f"{day}.jsonl").write_text("\n".join(seen))
        with clock.pinned(datetime(day.year, day.month, day.day, 21, tzinfo=UTC)):
            run_night(settings, FolderSource(world / f"day-{number + 1}"))
    private = {str(key.as_dict(private=True)["d"]) for key in issuer.keys}
    subjects = {item["userinfo"]["sub"] for item in map(json.loads, lines) if isinstance(item["userinfo"], dict)}
    return lines, {KEY, *private, *subjects}


def _broken(line: str) -> str:
    item: dict[str, Any] = json.loads(line)
    for name, value in item.items():
        if isinstance(value, str) and _TOKEN.fullmatch(value):
            item[name] = value[:-8] + "AAAAAAAA"
    return json.dumps(item)
