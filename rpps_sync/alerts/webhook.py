"""Webhooks: a generic document, or what Slack (Mattermost, Rocket.Chat) and Teams take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from rpps_sync.alerts.delivery import SECONDS, DeliveryFailed
from rpps_sync.alerts.message import Message

_HOSTS = (  # the last part of the host, and the shape it takes
    ("hooks.slack.com", "slack"),
    (".webhook.office.com", "teams"),
    (".logic.azure.com", "teams"),
    (".api.powerplatform.com", "teams"),
)


class Webhook:
    """Posts each message to one address.

    Args:
        url: a secret: who has it can write there. It is in no error.
        shape: ``json``, ``slack``, ``teams``, or ``auto``: by the host.
    """

    def __init__(self, url: str, shape: str = "auto") -> None:
        self._url = url
        self._host = urlsplit(url).hostname or ""
        known = next((kind for end, kind in _HOSTS if self._host.endswith(end)), "json")
        self._body = _SHAPES[known if shape == "auto" else shape]

    def send(self, message: Message) -> None:
        """Post it; see ``Channel.send``."""
        try:
            answer = httpx.post(self._url, json=self._body(message), timeout=SECONDS)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise DeliveryFailed(
                f"the webhook at {self._host} cannot be reached: {type(error).__name__}"
            ) from error
        if not answer.is_success:
            raise DeliveryFailed(f"the webhook at {self._host} answered {answer.status_code}")


def _json(message: Message) -> dict[str, Any]:
    return {"from": "rpps-sync"} | message.to_json() | {"subject": message.subject, "text": message.text}


def _slack(message: Message) -> dict[str, Any]:
    # Slack reads &, < and > as its own markup.
    text = message.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": f"*{message.subject}*\n{text}"}


def _teams(message: Message) -> dict[str, Any]:
    colour = "Good" if message.event in ("closed", "test") else "Attention"
    title = {"type": "TextBlock", "weight": "Bolder", "wrap": True, "color": colour, "text": message.subject}
    lines = [{"type": "TextBlock", "wrap": True, "text": line} for line in message.text.splitlines()[1:] if line]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [title, *lines],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


_SHAPES: Mapping[str, Callable[[Message], dict[str, Any]]] = {"json": _json, "slack": _slack, "teams": _teams}
