"""The feeds that are silent: assessed once a night and asked for with every practitioner, so kept for seconds."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from rpps_sync.freshness.records import silences

SECONDS = 5.0  # for which what was read holds


class Silences:
    """What stands, as some answer of the last seconds read it."""

    def __init__(self) -> None:
        self._known: Mapping[str, datetime] = {}
        self._read_at = float("-inf")

    def known(self, connection: Connection) -> Mapping[str, datetime]:
        """The objectives that are not met, and since when."""
        if time.monotonic() - self._read_at >= SECONDS:
            self._known, self._read_at = silences(connection), time.monotonic()
        return self._known
