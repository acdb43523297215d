"""Waiting for today's deposit: short looks at the publisher, so that the night starts when there is something.

The deposit comes between 02:00 and 12:00 UTC. A night at a fixed hour would either come too early on some days or
lose hours on the others. Nothing is held while waiting: no lock, no database, no extract.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum

import structlog

from pipelines.timetable import DepositWindow
from rpps_sync import clock
from rpps_sync.errors import SourceError
from rpps_sync.publication import ExtractKind, Publication
from rpps_sync.publisher.catalogue import resource
from rpps_sync.publisher.days import mixed
from rpps_sync.publisher.sources import Deposit, Source

_log = structlog.get_logger()


class Awaited(StrEnum):
    """Why the waiting ended."""

    CAME = "came"
    GAVE_UP = "gave-up"  # the window is over: the night tells how things stand


def await_deposit(
    source: Source,
    kinds: Sequence[ExtractKind],
    window: DepositWindow,
    *,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> Awaited:
    """Look until the extracts of today are offered, or until the window is over.

    A publisher that does not answer is looked at again: there is time. The end is measured on a clock that
    nobody sets, from the distance that there is now.
    """
    now = clock.now()
    patience = (datetime.combine(now.date(), window.until, now.tzinfo) - now).total_seconds()
    end = monotonic() + patience
    while not _is_of(now, source, kinds):
        left = end - monotonic()
        if left <= 0:
            _log.info("no deposit of today", until=window.until.isoformat())
            return Awaited.GAVE_UP
        sleep(min(window.look_every.total_seconds(), left))
    return Awaited.CAME


def offers_newer(source: Source, kinds: Sequence[ExtractKind], newest: Publication | None) -> bool:
    """Whether the publisher offers a later day than the newest publication of the archive.

    Raises:
        SourceError: the publisher does not answer, or not in words that we know.
    """
    offered = _of_reference(source.discover(kinds))
    if newest is None:
        return True
    former = {file.kind: file.published_at for file in newest.files}
    return any(kind not in former or at > former[kind] for kind, at in offered.items())


def _is_of(now: datetime, source: Source, kinds: Sequence[ExtractKind]) -> bool:
    """Whether what is offered is of today's date in UTC, whole; another day is not asked for once it is over."""
    try:
        offered = _of_reference(source.discover(kinds))
    except SourceError as error:
        _log.info("the publisher cannot be looked at; another look follows", what=error.what)
        return False
    midnight = datetime.combine(now.date(), datetime.min.time(), now.tzinfo)
    return not mixed(offered) and all(at >= midnight for at in offered.values())


def _of_reference(deposits: Sequence[Deposit]) -> dict[ExtractKind, datetime]:
    """The dates of the extracts that are made together with the first one.

    Mailboxes and cards come at other hours: waiting for them would make the directory wait.
    """
    together = resource(deposits[0].kind).archive
    return {item.kind: item.published_at for item in deposits if resource(item.kind).archive == together}
