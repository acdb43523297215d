"""A command line that runs in this process, in a home of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rpps_sync import cli


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be one JSON document and nothing else."""
        return json.loads(self.out)


Command = Callable[..., Answer]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, in an empty working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RPPS_SYNC_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def rpps_sync(home: Path, capsys: pytest.CaptureFixture[str]) -> Command:  # noqa: ARG001 - sets the home
    """Run ``rpps-sync`` with the given arguments."""

    def run(*arguments: str) -> Answer:
        code = cli._run(list(arguments))
        seen = capsys.readouterr()
        return Answer(code, seen.out, seen.err)

    return run
