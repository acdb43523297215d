"""Where the feed of changes ends, looked up once a second for all who wait for it to move."""

from __future__ import annotations

import time

from sqlalchemy import Engine

from rpps_sync.directory.changes import newest
from rpps_sync.directory.engine import reading

SECONDS = 1.0


class Watch:
    """Knows the newest cursor, to a second.

    Args:
        engine: on the directory.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._looked_at = float("-inf")
        self.newest = 0

    def claim(self) -> bool:
        """Whether the caller is the one to look now; the others go by what was seen."""
        if time.monotonic() - self._looked_at < SECONDS:
            return False
        self._looked_at = time.monotonic()
        return True

    def look(self) -> None:
        """Read the newest cursor.

        Raises:
            DirectoryError: the database cannot be read.
        """
        with reading(self._engine) as connection:
            self.newest = newest(connection)
