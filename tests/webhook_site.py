"""A small directory with subscribers, delivered to when a test says so."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from databases import reading, writing
from extract_builder import hospital, person
from pipelines.subscribers import Round, deliver
from rpps_sync import clock
from rpps_sync.directory import changes, webhooks
from rpps_sync.directory.choice import Choice
from rpps_sync.directory.webhooks import Webhook
from rpps_sync.publication import ExtractKind
from rpps_sync.settings import Settings, load
from rpps_sync.webhooks import message, signing
from small_directory import SmallDirectory
from webhook_receiver import Receiver

PA = ExtractKind.PERSONNE_ACTIVITE
START = clock.parse_instant("2026-11-20T06:00:00Z")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NOBODY = -1


@dataclass
class Site:
    """A directory, its settings, and who subscribes to it."""

    directory: SmallDirectory
    settings: Settings
    url: str

    def subscribe(self, receiver: Receiver, name: str = "dpi", *, since: int = 0, **choice: Any) -> str:
        """Enter a receiver, and hand it the secret."""
        key = signing.key_of(self.settings)
        with clock.pinned(START), writing(self.url) as connection:
            made = webhooks.create(
                connection,
                name,
                receiver.url,
                Choice(**choice),
                cursor=since,
                key_check=signing.check_of(key),
                by="tests",
            )
        receiver.secret = signing.secret(key, made.id, 1)
        return made.id

    def deliver(self, at: datetime = START, **more: Any) -> Round:
        """A delivery at an instant."""
        with clock.pinned(at):
            return deliver(self.settings, **more)

    def hook(self, webhook_id: str) -> Webhook:
        """A subscriber as the database has it."""
        with reading(self.url) as connection:
            return webhooks.get(connection, webhook_id)

    def feed(self) -> list[int]:
        """Every cursor of the feed."""
        with reading(self.url) as connection:
            return [row["cursor"] for row in changes.feed(connection)]

    def command(self, *arguments: str, at: datetime) -> subprocess.Popen[str]:
        """Our own command, in a process of its own."""
        variables = {
            "RPPS_SYNC_HOME": str(self.settings.home),
            "RPPS_SYNC_DATABASE_URL": self.url,
            "RPPS_SYNC_WEBHOOK_HOSTS": "127.0.0.1",
            "RPPS_SYNC_NOW": clock.iso(at),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "rpps_sync", *arguments],
            env={**os.environ, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@contextmanager
def built(folder: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A directory, and settings that allow receivers on this machine."""
    monkeypatch.setattr(message, "CHANGES_A_MESSAGE", 4)
    directory = SmallDirectory(folder, url)
    directory.publish({PA: [person(number, **hospital(1)) for number in range(12)]})
    yield Site(directory, load(home=folder / "home", database_url=url, webhook_hosts=("127.0.0.1",)), url)
    directory.engine.dispose()


def later(site: Site, *, without: int = 0) -> None:
    """Another publication: a name changed for everybody, and somebody gone."""
    site.directory.publish(
        {PA: [person(number, family_name="AUTRE", **hospital(1)) for number in range(12) if number != without]}
    )
