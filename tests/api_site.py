"""The API on a small directory, asked without a network: the application as a server runs it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from extract_builder import hospital, person, world
from rpps_sync import clock
from rpps_sync.api.access import House
from rpps_sync.api.app import create
from rpps_sync.directory import api_keys
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.directory.engine import writing
from rpps_sync.publication import ExtractKind
from rpps_sync.settings import Settings
from small_directory import SmallDirectory

EVENING = datetime(2026, 11, 2, 20, tzinfo=UTC)  # of the second publication
HERE, LEFT = 1, 25  # numbers of people: one who stays, one who leaves on the second day


@dataclass
class Site:
    """A directory with two publications, an application on it, and a key of each scope."""

    directory: SmallDirectory
    app: FastAPI
    keys: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, *, scope: str = "read", headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """One request with the key of a scope; ``scope=""``: without key."""
        authorization = {"Authorization": f"Bearer {self.keys[scope]}"} if scope else {}
        return asyncio.run(self._asked(method, path, authorization | (headers or {}), more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Ask for something."""
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        """Send something."""
        return self.ask("POST", path, **more)

    def key(self, *scopes: KeyScope, **more: Any) -> str:
        """The secret of a new key."""
        with writing(self.directory.engine) as connection:
            _, secret = api_keys.create(connection, "+".join(scopes), scopes, **more)
        house: House = self.app.state.house
        house.keyring.refresh()
        return secret

    async def _asked(
        self, method: str, path: str, headers: dict[str, str], more: dict[str, Any]
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://site.invalid") as client:
            return await client.request(method, path, headers=headers, **more)


@contextmanager
def site(folder: Path, url: str, **settings: Any) -> Iterator[Site]:
    """A site on the database at an address, in the evening of its second day."""
    directory = SmallDirectory(folder, url)
    directory.publish(first_day())
    directory.publish(second_day())
    with clock.pinned(EVENING):
        app = create(Settings(home=folder / "home", database_url=url, **settings))
        built = Site(directory, app)
        built.keys = {str(scope): built.key(scope) for scope in KeyScope}
        yield built
        house: House = app.state.house
        house.throttle.close()
        house.readers.dispose()
        house.writer.dispose()
        directory.engine.dispose()


def first_day() -> dict[ExtractKind, list[dict[str, str]]]:
    """Thirty nurses, one of whom will leave."""
    return world(30)


def second_day() -> dict[ExtractKind, list[dict[str, str]]]:
    """The same without one, and another with a name of her own."""
    lines = {
        kind: [row for row in rows if row["national_id"] != person(LEFT)["national_id"]]
        for kind, rows in world(30).items()
    }
    people = lines[ExtractKind.PERSONNE_ACTIVITE]
    named = {"family_name": "LE GOFF", "given_name": "ANAÏS", "registration_authority": "CNOI/CNOI/CNOI"}
    people[HERE] = person(HERE, **named, **hospital(1))
    return lines
