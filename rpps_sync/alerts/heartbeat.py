"""The dead man's switch: an address told after each good night, which raises the alarm when it is not."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from rpps_sync.alerts.delivery import SECONDS, DeliveryFailed


def beat(url: str) -> None:
    """Tell the address that the night did its work.

    Args:
        url: of Healthchecks, Uptime Kuma, Cronitor and their like: a secret, in no error.

    Raises:
        DeliveryFailed: it did not answer.
    """
    host = urlsplit(url).hostname or ""
    try:
        answer = httpx.get(url, timeout=SECONDS, follow_redirects=True)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DeliveryFailed(f"the heartbeat at {host} cannot be reached: {type(error).__name__}") from error
    if not answer.is_success:
        raise DeliveryFailed(f"the heartbeat at {host} answered {answer.status_code}")
