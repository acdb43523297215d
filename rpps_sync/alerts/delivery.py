"""The contract of a channel, and the channels that the settings describe."""

from __future__ import annotations

from typing import Protocol

from rpps_sync.alerts.message import Message
from rpps_sync.errors import RppsSyncError
from rpps_sync.settings import Settings

SECONDS = 10.0  # for one delivery: a night does not wait for a mail server


class DeliveryFailed(RppsSyncError):
    """A message did not arrive; it is tried again. Its words hold neither address nor secret, only the host."""


class Channel(Protocol):
    """One way to tell somebody."""

    def send(self, message: Message) -> None:
        """Deliver a message.

        Raises:
            DeliveryFailed: it did not arrive.
        """
        ...


def channels_of(settings: Settings) -> dict[str, Channel]:
    """The channels in force, by name: ``webhook``, ``mail``, both or none."""
    from rpps_sync.alerts.mail import Mail  # noqa: PLC0415 - needed only where there is something to tell
    from rpps_sync.alerts.webhook import Webhook  # noqa: PLC0415 - idem

    channels: dict[str, Channel] = {}
    if url := settings.alert_webhook_url.get_secret_value():
        channels["webhook"] = Webhook(url, settings.alert_webhook_format)
    if settings.smtp_host and settings.alert_to:
        channels["mail"] = Mail(settings)
    return channels
