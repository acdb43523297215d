"""An installation with a past, made by the simulator, and its dashboard in a process of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as hour
from io import BytesIO
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from pipelines.claims_intake import take_in, verifier_of
from pipelines.nightly import run_night
from rpps_sync import clock
from rpps_sync.directory import migrations
from rpps_sync.directory.engine import open_engine
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.run_summary import Outcome
from rpps_sync.settings import Settings, load
from rpps_sync.simulator.issuer import new_issuer
from rpps_sync.simulator.issuer_answers import JWKS_FILE
from rpps_sync.simulator.publish import publish
from rpps_sync.simulator.tokens import write_tokens

FIRST_DAY = date(2026, 11, 17)
ISSUER = "https://psc.simulator.invalid/auth/realms/esante-wallet"


@dataclass(frozen=True, slots=True)
class Home:
    """Settings of an installation, and what its nights came to."""

    config: Path
    settings: Settings
    outcomes: tuple[Outcome, ...]
    morning: datetime  # after the last night


def made(
    folder: Path, *, people: int = 200, nights: int = 4, refused: int = 3, observed: int | None = None
) -> Home:
    """So many nights with tokens of half the people; in the ``refused``-th, half the activities are missing."""
    world, tokens = world_of(folder, people=people, nights=nights, observed=observed)
    if refused:
        activities = world / f"day-{refused}" / "ps-libreacces-personne-activite.txt"
        lines = activities.read_bytes().splitlines(keepends=True)
        activities.write_bytes(b"".join(lines[: len(lines) // 2]))
    config = _settings_file(folder, world)
    settings = load(config)
    outcomes = tuple(night_of(settings, world, tokens, number) for number in range(1, nights + 1))
    return Home(config, settings, outcomes, _at(nights + 1, 6))


def world_of(folder: Path, *, people: int, nights: int, observed: int | None = None) -> tuple[Path, Path]:
    """Simulated days and the observations made on them: the folder and the file."""
    world, tokens = folder / "world", folder / "world" / "observations.jsonl"
    publish(world, practitioners=people, first_day=FIRST_DAY, days=nights, seed=1)
    write_tokens(
        world, tokens, issuer=new_issuer(ISSUER, "dash"), observed=people // 2 if observed is None else observed
    )
    return world, tokens


def empty(folder: Path) -> Home:
    """An installation that never ran."""
    config = _settings_file(folder, folder)
    settings = load(config)
    settings.home.mkdir(parents=True)
    engine = open_engine(settings.database)
    migrations.upgrade(engine)
    engine.dispose()
    return Home(config, settings, (), _at(1, 6))


def claims_of(world: Path) -> dict[str, str]:
    """The settings under which the tokens of a simulated world are accepted."""
    return {"psc_issuer": ISSUER, "psc_client_id": "dash", "psc_jwks_url": str(world / JWKS_FILE)}


def _settings_file(folder: Path, world: Path) -> Path:
    values = {"home": str(folder / "home")} | claims_of(world)
    config = folder / "rpps-sync.toml"
    config.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items()), encoding="utf-8")
    return config


def _at(night: int, of_the_day: int) -> datetime:
    return datetime.combine(FIRST_DAY + timedelta(days=night - 1), hour(of_the_day, tzinfo=UTC))


def night_of(settings: Settings, world: Path, tokens: Path, number: int) -> Outcome:
    """Run one night, after the tokens of its day came in."""
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.database)
    migrations.upgrade(engine)
    day = str(FIRST_DAY + timedelta(days=number - 1))
    seen = b"".join(
        line
        for line in tokens.read_bytes().splitlines(keepends=True)
        if json.loads(line)["observed_at"].startswith(day)
    )
    with clock.pinned(_at(number, 21)):
        take_in(engine, BytesIO(seen), verifier_of(settings), grace=settings.grace_publications)
        outcome = run_night(settings, FolderSource(world / f"day-{number}")).outcome
    engine.dispose()
    return outcome


@contextmanager
def shown(home: Home, *options: str) -> Iterator[str]:
    """The dashboard of an installation, at work; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "rpps_sync", "--config", str(home.config), "dashboard", "--port", str(port)]
    environment = os.environ | {"RPPS_SYNC_NOW": home.morning.isoformat()}
    log = home.config.with_name("dashboard.log")
    with (
        log.open("wb") as said,
        subprocess.Popen([*command, *options], env=environment, stderr=said, stdout=said) as at_work,
    ):
        try:
            _wait_for(f"http://127.0.0.1:{port}", log)
            yield f"http://127.0.0.1:{port}"
        finally:
            at_work.terminate()
    assert at_work.returncode in (0, 143), log.read_text(encoding="utf-8")
    assert "Traceback" not in log.read_text(encoding="utf-8"), log.read_text(encoding="utf-8")


def _wait_for(address: str, log: Path) -> None:
    for _ in range(300):
        try:
            with urlopen(f"{address}/_stcore/health"):  # noqa: S310 - our own server
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))
