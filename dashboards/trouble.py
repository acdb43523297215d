"""What somebody sees when a page fails in a way that nobody foresaw; what went wrong goes to the log."""

from __future__ import annotations

import traceback
from pathlib import Path

import structlog

from dashboards import pieces, session
from rpps_sync.reporting.model import Light


def show(error: Exception) -> bool:
    """Say so on the page, in place of the library's own words.

    Returns:
        True: nothing more is to be shown.
    """
    where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    structlog.get_logger().error("a page failed", error=type(error).__name__, where=where[-5:])
    words = session.words()
    pieces.message(Light.ERROR, words.app("trouble.what", error=type(error).__name__), words.app("trouble.mend"))
    return True
