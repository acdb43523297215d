"""``observe``: tell rpps-sync what a sign-in said, without a sign-in ever waiting or failing for it.

The call puts a line into a bounded queue and returns; a thread in the background hands lines over, some at a time.
When the queue is full, or the destination stays away, observations are dropped and counted: losing some costs a
little of a statistic, and a practitioner who cannot sign in costs a patient's time.
"""

from __future__ import annotations

import atexit
import logging
import os
import queue
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rpps_sync.client.destination import Destination, Undelivered, as_line, destination, from_environment
from rpps_sync.errors import RppsSyncError
from rpps_sync.psc.claim_names import READ

WAITING = 2_000  # observations held in memory at most
TOGETHER = 500  # handed over at once at most
LARGEST = 256 * 1024  # bytes of one observation
FAREWELL = 3.0  # seconds given to what still waits when the program ends

_log = logging.getLogger("rpps_sync.client")


@dataclass(frozen=True, slots=True)
class Counters:
    """What became of the observations of this process."""

    delivered: int = 0
    dropped: int = 0  # the queue was full
    lost: int = 0  # the destination refused them or stayed away
    unusable: int = 0  # could not be written as JSON, too large, or nowhere to go


class Observer:
    """A queue, and the thread that empties it.

    Args:
        source: the name of the observing application.
        where: the destination.
    """

    def __init__(self, source: str, where: Destination) -> None:
        self.source = source
        self._where = where
        self._begin()

    def _begin(self) -> None:
        self._queue: queue.Queue[bytes] = queue.Queue(WAITING)
        self._counters = Counters()
        self._counting = threading.Lock()
        self._hurry = threading.Event()
        self._thread: threading.Thread | None = None

    def start_over(self) -> None:
        """Forget the parent's queue and thread, in a worker that a server has just forked."""
        self._begin()

    @property
    def counters(self) -> Counters:
        """What became of the observations so far."""
        return self._counters

    def put(self, line: bytes) -> None:
        """Take one observation, or drop it."""
        if len(line) > LARGEST:
            self.count(unusable=1)
            return
        try:
            self._queue.put_nowait(line)
        except queue.Full:
            self.count(dropped=1)
        if self._thread is None or not self._thread.is_alive():
            self._start()

    def flush(self, seconds: float) -> bool:
        """Hand over what waits now; whether all of it went in time."""
        self._hurry.set()
        deadline = time.monotonic() + seconds
        while self._queue.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.01)
        self._hurry.clear()
        return not self._queue.unfinished_tasks

    def count(self, **more: int) -> None:
        """Add to the counters."""
        with self._counting:
            now = self._counters
            self._counters = replace(now, **{name: getattr(now, name) + added for name, added in more.items()})

    def _start(self) -> None:
        with self._counting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="rpps-sync-observe", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            lines = self._gathered()
            try:
                self._where.deliver(lines)
                self.count(delivered=len(lines))
            except Undelivered as error:
                self.count(lost=len(lines))
                _log.warning("%d observations could not be handed over: %s", len(lines), error)
            except Exception as error:  # noqa: BLE001 - the thread must outlive whatever a destination does
                self.count(lost=len(lines))
                _log.warning("%d observations could not be handed over: %s", len(lines), type(error).__name__)
            finally:
                for _ in lines:
                    self._queue.task_done()

    def _gathered(self) -> list[bytes]:
        lines = [self._queue.get()]
        deadline = time.monotonic() + self._where.linger
        while len(lines) < TOGETHER:
            try:
                lines.append(self._queue.get(timeout=0.05))
            except queue.Empty:
                if self._hurry.is_set() or time.monotonic() >= deadline:
                    break
        return lines


_observer: Observer | None = None
_complained = False


def configure(source: str, *, inbox: str | Path = "", url: str = "", key: str = "") -> None:
    """Say once, at the start of the application, whose observations these are and where they go.

    Without this call the variables ``RPPS_SYNC_CLIENT_SOURCE``, ``_INBOX``, ``_URL`` and ``_KEY`` say it.

    Args:
        source: the name of the application, as in the setting ``PSC_CLIENTS``.
        inbox: the watched folder of rpps-sync on this machine.
        url: else the address of its API, ``https://…/v1/claims``.
        key: of the scope ``claims``.

    Raises:
        UsageError: this describes no destination.
    """
    global _observer  # noqa: PLW0603 - one process observes for one application
    _observer = Observer(source, destination(inbox, url, key))


def observe(
    userinfo: Mapping[str, Any] | str, *, id_token: str | None = None, access_token: str | None = None
) -> None:
    """Tell what a sign-in said. Returns at once and never raises; only the compared claims leave the process.

    Args:
        userinfo: the answer of the userinfo address, decoded or as the signed JWT.
        id_token: as received; makes the observation verified rather than attested.
        access_token: likewise, for applications that keep no ID token.
    """
    try:
        observer = _observer or _from_environment()
        if observer is not None:
            observer.put(_line(observer.source, userinfo, id_token=id_token, access_token=access_token))
    except Exception as error:  # noqa: BLE001 - a sign-in must not fail for a statistic
        if _observer is not None:
            _observer.count(unusable=1)
        _log.debug("an observation could not be taken: %s", type(error).__name__)


def counters() -> Counters:
    """What became of the observations of this process, for the application's own metrics."""
    return _observer.counters if _observer is not None else Counters()


def flush(seconds: float = FAREWELL) -> bool:
    """Hand over what waits now, for batches and tests; whether all of it went in time."""
    return _observer is None or _observer.flush(seconds)


def _line(source: str, userinfo: Mapping[str, Any] | str, **tokens: str | None) -> bytes:
    said = userinfo if isinstance(userinfo, str) else {name: userinfo[name] for name in READ & userinfo.keys()}
    given = {name: token for name, token in tokens.items() if token is not None}
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return as_line({"observed_at": now, "source": source, "userinfo": said, **given})


def _from_environment() -> Observer | None:
    global _observer, _complained  # noqa: PLW0603 - see configure
    try:
        _observer = Observer(*from_environment(os.environ))
    except RppsSyncError as error:
        if not _complained:
            _log.warning("observations go nowhere: %s; %s", error.what, error.mend)
        _complained = True
    return _observer


def _forked() -> None:
    if _observer is not None:
        _observer.start_over()


atexit.register(flush)
os.register_at_fork(after_in_child=_forked)
