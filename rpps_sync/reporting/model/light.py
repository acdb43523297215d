"""The light at the head of a line, which is read before it."""

from __future__ import annotations

from enum import StrEnum


class Light(StrEnum):
    """The light at the head of a line: what to do with it before reading it."""

    OK = "ok"
    WARN = "warn"
    ERROR = "error"
    NONE = "none"  # nothing can be said: skipped, no data
