"""What subscribers are sent: the changes after their cursor, or a message that only tries the way."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from rpps_sync.clock import iso
from rpps_sync.directory.changes import Page
from rpps_sync.directory.webhooks import Webhook

CHANGES_A_MESSAGE = 100
MOST_BYTES = 900_000  # a receiver behind nginx takes 1 MB unless told otherwise
SOURCE = "Annuaire Santé (ANS), Licence Ouverte 2.0"


@dataclass(frozen=True, slots=True)
class Message:
    """A body, and the name it keeps however often it is tried."""

    id: str
    body: bytes


def of_changes(webhook: Webhook, page: Page, about: Mapping[str, Any], at: datetime) -> Message:
    """Some changes, oldest first; where the former message ended and where this one does is in its name.

    Args:
        webhook: to whom.
        page: the changes after its cursor.
        about: the publication being served.
        at: now.
    """
    data = {
        "webhook": webhook.id,
        "since": webhook.cursor,
        "next": page.next,
        "more": page.more,
        **about,
        "source": SOURCE,
        "changes": page.changes,
    }
    return Message(f"msg_{webhook.id}_{webhook.cursor}_{page.next}", _body("directory.changes", data, at))


def trial(webhook: Webhook, at: datetime) -> Message:
    """A message that says nothing but that it arrives."""
    data = {"webhook": webhook.id, "name": webhook.name}
    return Message(f"msg_{webhook.id}_test_{secrets.token_hex(4)}", _body("webhook.test", data, at))


def fitting(make: Callable[[int], tuple[Page, Message]]) -> tuple[Page, Message]:
    """As many changes as a message may hold: half of them as long as they are too heavy, one at least."""
    size = CHANGES_A_MESSAGE
    page, message = make(size)
    while len(message.body) > MOST_BYTES and size > 1:
        size //= 2
        page, message = make(size)
    return page, message


def _body(kind: str, data: Mapping[str, Any], at: datetime) -> bytes:
    return orjson.dumps({"type": kind, "timestamp": iso(at), "data": data})
