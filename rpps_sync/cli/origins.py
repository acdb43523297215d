"""Each effective setting, where it came from, and what looks like a setting but is none."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rpps_sync.settings import Settings


@dataclass(frozen=True, slots=True)
class Effective:
    """One setting in force: its name as an environment variable, its value for reading, and its origin."""

    name: str
    value: str
    origin: str  # 'default', 'environment', or the path of the settings file


def effective(settings: Settings, config: Path | None) -> list[Effective]:
    """Every setting in the order of docs/settings.md, secrets masked.

    Raises:
        UsageError: the settings file asked for does not exist.
    """
    from rpps_sync.settings import PREFIX, settings_file

    file = settings_file(config)
    written = set(tomllib.loads(file.read_text(encoding="utf-8"))) if file else set()
    present = {name.upper() for name in os.environ}
    return [
        Effective(f"{PREFIX}{key.upper()}", _shown(settings, key), _origin(key, present, written, file))
        for key in type(settings).model_fields
    ]


def unknown_variables() -> dict[str, str]:
    """Variables with our prefix that no setting has, each with the name that was probably meant (or nothing).

    They have no effect, and nothing else would say so.
    """
    from rpps_sync.client.destination import CLIENT_VARIABLES
    from rpps_sync.clock import CLOCK_VARIABLE
    from rpps_sync.settings import PREFIX, Settings

    known = [*(f"{PREFIX}{key.upper()}" for key in Settings.model_fields), CLOCK_VARIABLE, *CLIENT_VARIABLES]
    strangers = sorted(name for name in os.environ if name.startswith(PREFIX) and name.upper() not in known)
    return {name: next(iter(get_close_matches(name.upper(), known, n=1, cutoff=0.8)), "") for name in strangers}


def _origin(key: str, present: set[str], written: set[str], file: Path | None) -> str:
    from rpps_sync.settings import PREFIX

    if f"{PREFIX}{key.upper()}" in present:
        return "environment"
    return str(file) if key in written else "default"


def _shown(settings: Settings, key: str) -> str:
    """The value in force rather than the one given: what follows from another setting is resolved."""
    from pydantic import SecretStr

    from rpps_sync.logs import MASK, redacted

    resolved = {
        "database_url": settings.database,
        "psc_jwks_url": settings.jwks_url,
        "claims_inbox": settings.inbox,
        "psc_clients": tuple(f"{name}={client}" for name, own in settings.psc_clients.items() for client in own),
        "dashboard_people": tuple(f"{who}={one}" for who, own in settings.dashboard_people.items() for one in own),
    }
    value = resolved.get(key, getattr(settings, key))
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else ""
    text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return redacted(text, identifiers=False)
