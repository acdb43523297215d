"""A simulated directory behind ``rpps-sync serve``, with keys, for tests that are clients."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import httpx

from rpps_sync.api.keyring import LEAST_SECONDS

_KEYS = {"read": ["--scope", "read"], "audit": ["--scope", "audit"], "slow": ["--scope", "read", "--rate", "12"]}


@dataclass(frozen=True, slots=True)
class Night:
    """What a publication changed."""

    published_at: str
    added: int
    changed: int
    departed: int


@dataclass
class Service:
    """A server at work."""

    home: Path
    url: str
    days: Path
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def fhir(self) -> str:
        """The base URL of the facade."""
        return f"{self.url}/fhir/v2"

    def key(self, name: str) -> str:
        """A key: ``read``, ``audit``, or ``slow``, which may call twice a minute."""
        if name not in self.keys:
            made = run(self.home, "keys", "create", "--name", name, *_KEYS[name], "--json")
            self.keys[name] = str(made["key"])
            time.sleep(LEAST_SECONDS)  # a server that has just looked for a key looks again after that time
        return self.keys[name]

    def next_day(self) -> Night:
        """Publish the second day while the server serves."""
        told = run(self.home, "run", "--from", str(self.days / "day-2"), "--json")
        moved = told["delta"]["practitioners"]
        published = told["publication"]["published_at"]
        return Night(published, moved["added"], moved["changed"], moved["departed"])


@contextmanager
def serving(folder: Path, *, people: int) -> Iterator[Service]:
    """Publish the first of two simulated days, and serve it for as long as the block runs."""
    home, days = folder / "home", folder / "days"
    run(home, "simulate", "publish", "--out", str(days), "--practitioners", str(people), "--days", "2")
    run(home, "run", "--from", str(days / "day-1"), "--json")
    command = [sys.executable, "-m", "rpps_sync", "serve", "--port", "0", "--workers", "1", "--json"]
    with (folder / "serve.log").open("wb") as log:
        server = subprocess.Popen(command, env=_environment(home), stdout=subprocess.PIPE, stderr=log)
        assert server.stdout is not None
        try:
            url = json.loads(_document(server.stdout))["address"]
            _wait(url, server)
            yield Service(home, url, days)
        finally:
            server.terminate()
            server.wait(20)
            server.stdout.close()


def run(home: Path, *arguments: str) -> dict[str, Any]:
    """One command to its end; what it answers in JSON."""
    command = [sys.executable, "-m", "rpps_sync", *arguments]
    done = subprocess.run(command, env=_environment(home), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout) if "--json" in arguments else {}
    return told


def _environment(home: Path) -> dict[str, str]:
    return dict(os.environ) | {"RPPS_SYNC_HOME": str(home)}


def _document(stream: IO[bytes]) -> bytes:
    """The JSON document that the server begins with."""
    lines = []
    for line in stream:
        lines.append(line)
        if line.rstrip() == b"}":
            break
    return b"".join(lines)


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        assert server.poll() is None, "the server ended"
        try:
            if httpx.get(f"{url}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")
