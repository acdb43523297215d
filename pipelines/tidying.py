"""The past makes room: told as differences beside the publishing, and removed when its time is over."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

from pydantic import ByteSize

from rpps_sync.publisher.archive import Archive
from rpps_sync.settings import Settings


class _Stopped(Exception):
    """The run ends before its time."""


@dataclass(slots=True)
class Tidying:
    """The archive's own work, on a thread of its own: at most once a run, and never after it.

    What it writes is whole or is not there at any moment, so it may be stopped anywhere and go on another night.
    """

    archive: Archive
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1), init=False)
    _stopping: Event = field(default_factory=Event, init=False)
    _work: Future[tuple[str, ...]] | None = field(default=None, init=False)

    def begin(self) -> None:
        """Start to tell older texts as their differences."""
        self._work = self._thread.submit(self.archive.compact, progress=self._going_on)

    def end(self) -> tuple[str, ...]:
        """Wait for it; the ids of the publications that became smaller.

        Raises:
            StorageError: the disk refuses it; every publication is still whole in one form or the other.
        """
        return self._work.result() if self._work is not None else ()

    def stop(self) -> None:
        """Leave off what is under way, within a moment."""
        self._stopping.set()
        self._thread.shutdown()

    def _going_on(self, _bytes: int) -> None:
        if self._stopping.is_set():
            raise _Stopped


def pruned(archive: Archive, settings: Settings, needed: Collection[str]) -> str:
    """Remove what is kept no longer: what is too old, then the oldest while the archive is larger than allowed.

    Returns:
        What somebody should know: that publications went before their time, or that even so too much is left.

    Raises:
        StorageError: a folder cannot be removed.
    """
    archive.prune(settings.archive_keep, settings.archive_days, needed)
    most = settings.archive_max
    if not most:
        return ""
    early, taken = archive.shrink(most, needed), archive.bytes()
    told = [f"{len(early)} archived publications went before their time ({', '.join(early)})"] if early else []
    if taken > most:
        told.append(f"what cannot go takes {ByteSize(taken).human_readable(decimal=True)}")
    limit = f"RPPS_SYNC_ARCHIVE_MAX is {most.human_readable(decimal=True)}"
    return f"{'; '.join(told)}: {limit}" if told else ""
