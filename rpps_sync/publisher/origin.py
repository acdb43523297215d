"""The source that the settings describe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address
from urllib.parse import urlsplit

from rpps_sync.limits import LIMITS, Limits
from rpps_sync.publisher.channels import Channel, Channels
from rpps_sync.publisher.online import OnlineSource
from rpps_sync.publisher.retries import RetryPolicy
from rpps_sync.publisher.sources import Source
from rpps_sync.publisher.webservice import WebService
from rpps_sync.settings import ChannelName, Settings

_Making = Callable[[Settings, Limits, RetryPolicy | None], Source]


def source_of(settings: Settings, *, limits: Limits = LIMITS, policy: RetryPolicy | None = None) -> Channels:
    """The channels named in the settings, in that order.

    A catalogue on this very machine is a simulated publisher: no channel is then looked for beyond this machine.

    Args:
        settings: addresses and order.
        limits: bounds on size and time.
        policy: how often to try; each channel's own when None.
    """
    names = settings.channels
    if ChannelName.DATA_GOUV in names and _here(settings.catalog_url) and not _here(settings.ans_url):
        names = tuple(name for name in names if name is not ChannelName.ANS)
    brief = replace(limits, attempts=1, download_seconds=limits.glance_seconds)
    once = RetryPolicy(attempts=1)
    return Channels(
        [
            Channel(name, _MAKERS[name](settings, limits, policy), _MAKERS[name](settings, brief, once))
            for name in names
        ],
        limits=limits,
    )


def _data_gouv(settings: Settings, limits: Limits, policy: RetryPolicy | None) -> Source:
    return OnlineSource(settings.catalog_url, limits=limits, policy=policy)


def _ans(settings: Settings, limits: Limits, policy: RetryPolicy | None) -> Source:
    return WebService(settings.ans_url, ca_file=settings.ans_ca_file, limits=limits, policy=policy)


_MAKERS: dict[ChannelName, _Making] = {ChannelName.DATA_GOUV: _data_gouv, ChannelName.ANS: _ans}


def _here(url: str) -> bool:
    """Whether an address is that of this very machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
