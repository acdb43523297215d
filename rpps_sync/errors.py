"""What can go wrong, told to the person at 3 a.m.

    RppsSyncError                  every error this package raises on purpose
    ├── UsageError                 the command, its arguments or the settings are wrong   exit 2
    ├── SourceError                the publisher is at fault
    │   ├── PublisherUnreachable   no answer within the retries; try again later          exit 75
    │   └── ExtractRefused         what came is not an extract we can trust               exit 3
    ├── TokenRefused               a token or an observation is not acceptable            exit 1
    ├── LockHeld                   another run is at work; try again later                exit 75
    ├── DirectoryError             the local database is missing, damaged or too new      exit 1
    ├── StorageError               a disk is full, read-only or closed to this account    exit 1
    └── NotFound                   nobody and nothing answers to that name                exit 1

Each error carries what happened, what is still served, and what to do (``mend``): the command line prints the
three and nothing else.
"""

from __future__ import annotations

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_REFUSED = 3
EXIT_STALE = 4
EXIT_TRY_LATER = 75
EXIT_INTERRUPTED = 130  # Ctrl-C, as every shell counts it
EXIT_TERMINATED = 143


class RppsSyncError(Exception):
    """Base of every error raised on purpose.

    Args:
        what: what happened, and to which file, line or record.
        mend: what the reader can do about it; empty when there is nothing to do.
        reason: a stable word for machines (``column-missing``, ``bad-signature``).
    """

    exit_code = EXIT_FAILED

    def __init__(self, what: str, *, mend: str = "", reason: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend
        self.reason = reason


class UsageError(RppsSyncError):
    """The command, its arguments or the settings are wrong."""

    exit_code = EXIT_USAGE


class SourceError(RppsSyncError):
    """The publisher is at fault, or the way to it."""


class PublisherUnreachable(SourceError):
    """No usable answer within the retries: the same call may succeed later."""

    exit_code = EXIT_TRY_LATER


class ExtractRefused(SourceError):
    """What came is not an extract that can be trusted; nothing was touched."""

    exit_code = EXIT_REFUSED


class TokenRefused(RppsSyncError):
    """A token or an observation is not acceptable; its ``reason`` says why, and nothing of it is repeated."""


class LockHeld(RppsSyncError):
    """Another run holds the lock."""

    exit_code = EXIT_TRY_LATER


class DirectoryError(RppsSyncError):
    """The local database is missing, damaged, or newer than this program."""


class StorageError(RppsSyncError):
    """A disk is full, read-only, or closed to this account; what was being written is removed."""


class NotFound(RppsSyncError):
    """Nobody and nothing answers to that name."""
