"""Where a page of findings ends: the place of its last one in the order of all."""

from __future__ import annotations

import base64
import binascii
import json
import re
from datetime import date

from rpps_sync.api.problems import Problem
from rpps_sync.directory.finding_order import Place
from rpps_sync.finding import Severity

_ID = re.compile(r"[0-9a-f]{16}")


def write(place: Place) -> str:
    """The cursor of the page after a place."""
    plain = json.dumps([*place[:3], place.day.isoformat(), place.id], separators=(",", ":"))
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read(cursor: str) -> Place:
    """The place that a cursor stands for.

    Raises:
        Problem: it is no cursor.
    """
    try:
        plain = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        acknowledged, quiet, rank, day, finding_id = json.loads(plain)
        place = Place(_one_of(2, acknowledged), _one_of(2, quiet), _one_of(len(Severity), rank),
                      date.fromisoformat(day), _identifier(finding_id))  # fmt: skip
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise Problem(
            422,
            "cursor-unreadable",
            "this is no cursor of this API",
            mend="send 'next' of a page as it is",
            field="query.cursor",
        ) from error
    return place


def _one_of(numbers: int, told: object) -> int:
    if type(told) is not int or not 0 <= told < numbers:
        raise ValueError("no such place")
    return told


def _identifier(told: object) -> str:
    if not isinstance(told, str) or not _ID.fullmatch(told):
        raise ValueError("no such finding")
    return told
