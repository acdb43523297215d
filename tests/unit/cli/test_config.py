"""``config show``: what is in force, and where it came from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


def test_each_value_names_its_origin(rpps_sync: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defaults, the file and the environment are told apart, and the environment wins."""
    file = tmp_path / "rpps-sync.toml"
    file.write_text('language = "en"\ngrace_publications = 5\n')
    monkeypatch.setenv("RPPS_SYNC_GRACE_PUBLICATIONS", "7")
    shown = {row["name"]: row for row in rpps_sync("config", "show", "--json").json["settings"]}
    assert shown["RPPS_SYNC_LANGUAGE"] == {"name": "RPPS_SYNC_LANGUAGE", "value": "en", "origin": str(file)}
    assert shown["RPPS_SYNC_GRACE_PUBLICATIONS"]["value"] == "7"
    assert shown["RPPS_SYNC_GRACE_PUBLICATIONS"]["origin"] == "environment"
    assert shown["RPPS_SYNC_PSC_CLIENT_ID"]["origin"] == "default"


def test_password_inside_the_database_address_is_masked(
    rpps_sync: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address is useful to read, its password is not."""
    monkeypatch.setenv("RPPS_SYNC_DATABASE_URL", "postgresql+psycopg://rpps:hunter2@db/rpps")
    answer = rpps_sync("config", "show")
    assert "postgresql+psycopg://rpps:***@db/rpps" in answer.out
    assert "hunter2" not in answer.out + answer.err


def test_mistyped_variable_is_reported_with_the_name_that_was_meant(
    rpps_sync: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable that no setting reads would otherwise be ignored in silence."""
    monkeypatch.setenv("RPPS_SYNC_CATALOGUE_URL", "http://localhost")
    answer = rpps_sync("config", "show")
    assert "RPPS_SYNC_CATALOGUE_URL is no setting" in answer.err
    assert "RPPS_SYNC_CATALOG_URL was meant" in answer.err


def test_pinned_clock_is_not_called_unknown(rpps_sync: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """RPPS_SYNC_NOW is no setting, but it has an effect."""
    monkeypatch.setenv("RPPS_SYNC_NOW", "2026-11-20")
    assert rpps_sync("config", "show", "--json").json["unknown"] == []
