"""One run at a time in a home folder.

Imports next to nothing: a command takes the lock before it imports the libraries of the night, which takes a
second, so that a run that is not needed says so at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from rpps_sync.errors import LockHeld
from rpps_sync.publisher.disk import storage_told

RUN = "run.lock"


@contextmanager
def home_locked(home: Path, name: str = RUN, *, wait: float = 0) -> Iterator[None]:
    """Hold the home folder, made if it is not there; a block inside such a block holds it too.

    Args:
        home: the folder.
        name: of the lock; runs have one, the resident scheduler another.
        wait: seconds to wait for whoever holds it.

    Raises:
        LockHeld: another run is at work.
        StorageError: the home folder cannot be written.
    """
    path = home / name
    with storage_told(home):
        home.mkdir(parents=True, exist_ok=True)
    # An advisory lock of the kernel: it falls with its process, whatever kills it. One object a path, so that the
    # command and the story it calls hold the same lock.
    lock = FileLock(path, is_singleton=True)
    with storage_told(path):
        try:
            lock.acquire(timeout=wait)
        except Timeout as error:
            raise LockHeld(
                f"another run holds {path}" if name == RUN else f"another process holds {path}",
                mend="wait for it to end, then try again; nothing was changed",
                reason="locked",
            ) from error
    try:
        yield
    finally:
        lock.release()
