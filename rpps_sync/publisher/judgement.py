"""What a file must be to enter the archive at all: a header that can be understood, a line, a possible date."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from rpps_sync import clock
from rpps_sync.clock import iso
from rpps_sync.errors import ExtractRefused
from rpps_sync.limits import Limits
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.incoming import refused
from rpps_sync.publisher.layouts import read_header


def refuse_unreadable(text: Path, kind: ExtractKind, url: str, limits: Limits) -> None:
    """Read the start of a file that came.

    Raises:
        ExtractRefused: the header is not one of that extract, or no line follows it.
    """
    with text.open("rb") as file:
        header = file.readline(limits.header_bytes)
        line = file.read(1)
    try:
        read_header(kind, header.decode())
    except UnicodeDecodeError as error:
        raise refused(
            f"{kind} ({url})",
            "the first line is not UTF-8 text",
            reason="header-not-utf8",
            mend="look at the first line of the file: is it a header of this extract?",
        ) from error
    if not line:
        raise refused(
            f"{kind} ({url})",
            "the file has a header and not one line",
            reason="no-lines",
            mend="run again later: a deposit may be under way",
        )


def refuse_future(kind: ExtractKind, url: str, published_at: datetime, limits: Limits) -> None:
    """A date that has not come yet would make every later deposit look older than this one.

    Raises:
        ExtractRefused: the file is dated beyond what clocks may differ.
    """
    if is_future(published_at, limits):
        raise _future(kind, url, published_at)


def is_future(instant: datetime, limits: Limits) -> bool:
    """Whether an instant lies further ahead than clocks may differ."""
    return instant > clock.now() + timedelta(seconds=limits.future_seconds)


def _future(kind: ExtractKind, url: str, published_at: datetime) -> ExtractRefused:
    return refused(
        f"{kind} ({url})",
        f"it is dated {iso(published_at)}, and it is {iso(clock.now())} here",
        reason="future-date",
        mend="check the clock of this machine; if it is right, wait for the publisher to mend the date",
    )
