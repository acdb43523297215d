"""Which link of the chain broke: authority -> ANS -> data.gouv.fr -> us.

Told from what our runs saw, in that order: did we look, could we reach anybody, was what came refused, does
another channel have something newer, does only the date move?
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from rpps_sync.freshness.evidence import Content, Evidence
from rpps_sync.publisher.channels import ChannelState
from rpps_sync.run_summary import Outcome
from rpps_sync.settings import ChannelName

WE_LOOK_EVERY = timedelta(hours=26)
_USELESS = (ChannelState.REFUSED, ChannelState.MIXED_DAYS)
_MOVED = timedelta(hours=12)  # a date that moved by less is another name of the same deposit


class Link(StrEnum):
    """Who has to act."""

    PRODUCER = "producer"  # a registration authority
    PUBLISHER = "publisher"  # the ANS, which makes the extracts
    DIFFUSION = "diffusion"  # data.gouv.fr, which hands them out
    US = "us"  # this installation, or its way to the network
    NONE = ""


def late(evidence: Evidence, now: datetime) -> Link:
    """Who is behind when what is served grows old."""
    run = evidence.last_run
    if run is None or now - run.started_at > WE_LOOK_EVERY:
        return Link.US
    if run.outcome == Outcome.FAILED:
        return _unreached(evidence)
    if run.outcome == Outcome.REFUSED:
        return Link.PUBLISHER
    return _diffusion_or_publisher(evidence)


def frozen(evidence: Evidence, now: datetime) -> Link:
    """Who is behind when nights pass without anything new."""
    if evidence.content is not None and date_moves_alone(evidence.content):
        return Link.PUBLISHER
    return late(evidence, now)


def date_moves_alone(content: Content) -> bool:
    """Whether the same content came again under a later date."""
    return content.dated is not None and content.dated - content.changed_at > _MOVED


def channel(name: str, state: str) -> Link:
    """Who runs a channel that is late; one that cannot be reached may be our own way out."""
    if state == ChannelState.UNREACHABLE:
        return Link.US
    return _runner(name)


def silent(stalled: int, watched: int) -> Link:
    """Who keeps silent: authorities do not stop together, so that most of them at once is the ANS."""
    return Link.PUBLISHER if stalled > 1 and 2 * stalled > watched else Link.PRODUCER


def _runner(name: str) -> Link:
    """Who runs a channel."""
    return Link.PUBLISHER if name == ChannelName.ANS else Link.DIFFUSION


def _unreached(evidence: Evidence) -> Link:
    """A run that failed: one channel of several out of reach is its fault, all of them is our network's."""
    down = [name for name, one in evidence.channels.items() if one.state == ChannelState.UNREACHABLE]
    refused = [name for name, one in evidence.channels.items() if one.state in _USELESS]
    if refused:
        return _runner(refused[0])
    if len(down) == 1 == len(evidence.channels):
        return _runner(down[0])
    return Link.US


def _diffusion_or_publisher(evidence: Evidence) -> Link:
    gouv, ans = (evidence.channels.get(name) for name in ChannelName)
    if gouv is not None and ans is not None and gouv.state != ChannelState.UNREACHABLE:
        behind = gouv.published_at and ans.published_at and ans.published_at - gouv.published_at > _MOVED
        if behind:
            return Link.DIFFUSION
    return Link.PUBLISHER
