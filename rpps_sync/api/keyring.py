"""The keys of the API in memory, read again every few seconds: a withdrawn key stops within that time."""

from __future__ import annotations

import threading
import time

from sqlalchemy import Engine

from rpps_sync import clock
from rpps_sync.directory import api_keys
from rpps_sync.directory.api_keys import FORM, ApiKey
from rpps_sync.directory.engine import reading

SECONDS = 5.0  # for which what was read holds
LEAST_SECONDS = 1.0  # between two readings, however many unknown keys are tried


class Keyring:
    """Finds the key of a secret.

    Args:
        engine: on the directory.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._keys: dict[str, ApiKey] = {}
        self._read_at = float("-inf")
        self._reading = threading.Lock()

    def known(self, secret: str) -> ApiKey | None:
        """The key in force for a secret, from memory alone."""
        form = FORM.fullmatch(secret)
        key = self._keys.get(form["id"]) if form else None
        if key is None or not key.is_proved_by(secret):
            return None
        return key if key.state(clock.now()) == "active" else None

    def due(self, *, for_unknown: bool = False) -> bool:
        """Whether it is time to read the keys again; sooner when somebody comes with one that is not known."""
        return time.monotonic() - self._read_at >= (LEAST_SECONDS if for_unknown else SECONDS)

    def refresh(self) -> None:
        """Read the keys; one thread at a time, the others go on with what is known.

        Raises:
            DirectoryError: the database cannot be read.
        """
        if not self._reading.acquire(blocking=self._read_at == float("-inf")):
            return
        try:
            with reading(self._engine) as connection:
                self._keys = {key.id: key for key in api_keys.every(connection)}
            self._read_at = time.monotonic()
        finally:
            self._reading.release()
