"""The whole job on invented people: a publisher on loopback, three nights over HTTP, then where to look."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from io import BytesIO
from pathlib import Path

from pipelines.bars import Bars, no_bars
from pipelines.claims_intake import take_in, verifier_of
from pipelines.nightly import run_night
from rpps_sync import clock
from rpps_sync.directory import findings, migrations
from rpps_sync.directory.engine import open_engine, reading
from rpps_sync.errors import UsageError
from rpps_sync.finding import Finding
from rpps_sync.publisher.online import OnlineSource
from rpps_sync.run_summary import RunSummary
from rpps_sync.settings import Settings, load
from rpps_sync.simulator.issuer import new_issuer
from rpps_sync.simulator.issuer_answers import JWKS_FILE
from rpps_sync.simulator.publish import default_start, publish
from rpps_sync.simulator.server import PublisherServer
from rpps_sync.simulator.tokens import write_tokens

NIGHTS = 3
ISSUER = "https://psc.simulator.invalid/auth/realms/esante-wallet"
CLIENT = "rpps-sync-demo"
_WORLD = "world"
_MARK = ".rpps-sync-demo"  # a file that only a demo makes: without it, nothing is ever removed
_EVENING = time(21, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What the demo leaves behind."""

    settings: Settings
    nights: tuple[RunSummary, ...]
    findings: tuple[Finding, ...]  # standing ones, gravest first
    somebody: str  # a national identifier worth looking up


def demo(folder: Path, practitioners: int, *, bars: Bars = no_bars) -> Demonstration:
    """Simulate three days, and do the job on them as cron would.

    Args:
        folder: where everything goes; what a former demo left there is replaced.
        practitioners: how many invented people.
        bars: shows progress to a person, if there is one.

    Raises:
        UsageError: the folder holds something else than a former demo.
    """
    _make_room(folder)
    world, tokens = folder / _WORLD, folder / _WORLD / "observations.jsonl"
    first = default_start(NIGHTS)
    with bars("inventing people", None):
        publish(world, practitioners=practitioners, first_day=first, days=NIGHTS, seed=1)
        write_tokens(world, tokens, issuer=new_issuer(ISSUER, CLIENT), observed=max(1, practitioners // 4))
    settings = _settings(folder, world)
    nights = []
    now = clock.now()
    with PublisherServer(world) as publisher:
        for day in range(1, NIGHTS + 1):
            publisher.day = day
            # The last evening may not have come yet: what is shown afterwards must not lie in the future.
            with clock.pinned(min(now, datetime.combine(first + timedelta(days=day - 1), _EVENING))):
                _observe(settings, tokens)
                nights.append(run_night(settings, OnlineSource(publisher.catalog_url), bars=bars))
    standing = tuple(_standing(settings))
    somebody = next((item.judgement.national_id for item in standing if item.judgement.field == "skill"), "")
    return Demonstration(settings, tuple(nights), standing, somebody or _anybody(tokens))


def _make_room(folder: Path) -> None:
    if folder.exists():
        if not folder.is_dir() or (any(folder.iterdir()) and not (folder / _MARK).is_file()):
            raise UsageError(
                f"{folder} is not an empty folder, nor that of a former demo",
                mend="choose another folder with --dir; nothing was touched",
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / _MARK).touch()


def _settings(folder: Path, world: Path) -> Settings:
    """A settings file of its own, so that the commands shown at the end work on this demo."""
    values = {
        "home": str((folder / "home").resolve()),
        "psc_issuer": ISSUER,
        "psc_client_id": CLIENT,
        "psc_jwks_url": str((world / JWKS_FILE).resolve()),
    }
    path = folder / "rpps-sync.toml"
    path.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items()), encoding="utf-8")
    return load(path)


def _observe(settings: Settings, tokens: Path) -> None:
    """Take in the observations of this day so far, as an application would have posted them."""
    engine = open_engine(settings.database)
    settings.home.mkdir(parents=True, exist_ok=True)
    migrations.upgrade(engine)
    lines = b"".join(_lines_until(tokens, clock.iso(clock.now())))
    take_in(engine, BytesIO(lines), verifier_of(settings), grace=settings.grace_publications)
    engine.dispose()


def _lines_until(tokens: Path, instant: str) -> Iterator[bytes]:
    """The lines of the day of an instant, up to it."""
    with tokens.open("rb") as stream:
        for line in stream:
            observed_at = json.loads(line)["observed_at"]
            if observed_at[:10] == instant[:10] and observed_at <= instant:
                yield line


def _standing(settings: Settings) -> list[Finding]:
    engine = open_engine(settings.database)
    with reading(engine) as connection:
        found = findings.find(connection)
    engine.dispose()
    return found


def _anybody(tokens: Path) -> str:
    with tokens.open("rb") as stream:
        return str(json.loads(stream.readline())["userinfo"]["SubjectNameID"])
