"""The access log: one line of JSON a request, on standard error.

It does not take the way of the other logs, whose steps cost a look-up a seventh of its time: every field is ours
(a route, a number, the id of a key, an address that is one), so that there is no secret to look for and take out.
Whom a request was about is written under a pseudonym or not at all.
"""

from __future__ import annotations

import logging
import re
import sys
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

import orjson

from rpps_sync.logs import MASK

_PSEUDONYM = re.compile(r"[0-9a-f]{16}")  # of rpps_sync.api.pseudonyms


def write(request_id: str, **fields: Any) -> None:
    """Write the line of one request, unless this process is to be quiet; a log that is full fails no request."""
    if not logging.getLogger().isEnabledFor(logging.INFO):
        return
    told = {
        "event": "request",
        "level": "info",
        "timestamp": datetime.now(UTC),
        "request_id": request_id,
        **fields,
    }
    if subject := fields.get("subject"):
        told["subject"] = nameless(subject)
    with suppress(OSError, ValueError):  # no space left, or standard error was closed
        sys.stderr.write(orjson.dumps(told, option=orjson.OPT_UTC_Z).decode() + "\n")


def nameless(subject: str) -> str:
    """A pseudonym as it is; anything else is masked, be it somebody's number that a mistake lets through."""
    return subject if _PSEUDONYM.fullmatch(subject) else MASK


@lru_cache(maxsize=4096)
def address_of(told: str) -> str:
    """The address of a client; empty for what is none: a proxy hands on whatever a client says it is."""
    try:
        return str(ip_address(told))
    except ValueError:
        return ""
