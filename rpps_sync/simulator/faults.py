"""The ways a simulated publisher can misbehave."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from rpps_sync.errors import UsageError


class FaultKind(StrEnum):
    """One kind of trouble, on file downloads unless said otherwise."""

    TRUNCATED = "truncated"  # the connection closes halfway; Content-Length told the truth
    RESET = "reset"  # the connection is reset halfway
    SLOW = "slow"  # a few bytes at a time
    TOO_MANY = "429"  # every request; Retry-After says when to come back
    UNAVAILABLE = "503"  # every request
    WRONG_LENGTH = "wrong-length"  # half the file, and a Content-Length that calls it whole
    STALE_CATALOGUE = "stale-catalogue"  # the dataset API still describes yesterday's deposit
    MIXED_DAYS = "mixed-days"  # one file of the day is still yesterday's, in the catalogue too
    HTML = "html"  # a page of apologies with status 200
    EMPTY = "empty"  # nothing at all, with status 200


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of trouble, and how many requests it spoils (None: all of them)."""

    kind: FaultKind
    times: int | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        """Read ``503`` or ``503:2`` (the first two requests only).

        Raises:
            UsageError: no such fault.
        """
        name, _, times = text.partition(":")
        if name not in list(FaultKind) or (times and not times.isdecimal()):
            raise UsageError(
                f"there is no fault '{text}'",
                mend=f"choose one of {', '.join(FaultKind)}, with :N for N requests only",
            )
        return cls(FaultKind(name), int(times) if times else None)
