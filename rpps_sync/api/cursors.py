"""Where a page ends: bound to its search and to its publication, so that no page repeats or skips anybody."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json

from rpps_sync.api.problems import Problem
from rpps_sync.directory.search.finding import JUDGED, Wanted
from rpps_sync.directory.served import Served

_FIELD = "query.cursor"


def write(served: Served, wanted: Wanted, place: int) -> str:
    """The cursor of the page that begins after so many answers."""
    plain = json.dumps([served.edition, _digest(wanted), place], separators=(",", ":"))
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read(cursor: str, served: Served, wanted: Wanted) -> int:
    """After how many answers the page begins.

    Raises:
        Problem: it is no cursor, one of another search, or its publication is no longer served.
    """
    try:
        plain = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        edition, digest, place = json.loads(plain)
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise _unusable() from error
    if type(place) is not int or not 0 < place < JUDGED:
        raise _unusable()
    if digest != _digest(wanted):
        raise Problem(
            422,
            "cursor-of-another-search",
            "this cursor belongs to another search",
            mend="repeat the search of the first page as it was, with the cursor",
            field=_FIELD,
        )
    if edition != served.edition:
        raise Problem(
            410,
            "publication-gone",
            f"the publication of this page is no longer served; {served.id} is",
            mend="start again from the first page, without cursor",
            field=_FIELD,
        )
    return place


def _digest(wanted: Wanted) -> str:
    return hashlib.sha256(repr(wanted).encode("utf-8", "replace")).hexdigest()[:16]


def _unusable() -> Problem:
    return Problem(
        422,
        "cursor-unreadable",
        "this is no cursor of this API",
        mend="send 'next' of a page as it is",
        field=_FIELD,
    )
