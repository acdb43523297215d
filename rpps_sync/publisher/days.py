"""The files of one day belong together: telling two days apart before anything is published.

The extracts of one ANS archive (``archive`` in resources.toml) are made together and deposited minutes apart.
Mailboxes and cards are made by other chains, at other hours: at any moment of a healthy morning they may be of
another day than the rest, so they are not held to it.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rpps_sync.clock import iso
from rpps_sync.errors import PublisherUnreachable
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.catalogue import resource
from rpps_sync.publisher.incoming import STILL_SERVED

SAME_DAY = timedelta(hours=12)  # deposits of one day are minutes apart, of two days some 24 hours

Dates = Mapping[ExtractKind, datetime]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for the rest of a day."""

    tries: int = 3
    wait_seconds: float = 120.0
    sleep: Callable[[float], None] = time.sleep


def mixed(dates: Dates, tolerance: timedelta = SAME_DAY) -> bool:
    """Whether extracts that are made together are of different days."""
    together: defaultdict[str, list[datetime]] = defaultdict(list)
    for kind, date in dates.items():
        together[resource(kind).archive].append(date)
    return any(max(several) - min(several) > tolerance for several in together.values())


def in_words(dates: Dates) -> str:
    """Each file with its date."""
    return ", ".join(f"{kind} of {iso(date)}" for kind, date in dates.items())


def still_mixed(dates: Dates, patience: Patience) -> PublisherUnreachable:
    """What to tell when waiting did not help."""
    return PublisherUnreachable(
        f"the files offered are of different days after {patience.tries} tries: {in_words(dates)}; nothing was "
        f"archived: {STILL_SERVED}",
        mend="run again later: a deposit is under way, or one file is late at the publisher",
        reason="mixed-days",
    )
