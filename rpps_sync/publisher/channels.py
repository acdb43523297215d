"""The channels together: the first that answers with a whole, current day serves; the report tells how all stood.

``discover`` asks the first channel, and looks at where the others stand (one short request each). A channel that
fails, that mixes two days, or that is a day behind another gives way to the next. ``fetch`` goes on to the next
channel when a file cannot be had, and stays there for the rest of the set.

The ANS dates its ZIP later than the data inside, so a channel that seemed ahead may prove not to be once its file
came: then the first one serves after all. What another channel offers of the day we already have is nothing new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import structlog

from rpps_sync.clock import iso
from rpps_sync.errors import PublisherUnreachable, SourceError
from rpps_sync.limits import LIMITS, Limits
from rpps_sync.publication import ExtractKind, PublishedFile
from rpps_sync.publisher.days import SAME_DAY, mixed
from rpps_sync.publisher.judgement import refuse_future, refuse_unreadable
from rpps_sync.publisher.sources import Deposit, Fetched, Progress, Source, unchanged
from rpps_sync.run_summary import ChannelSummary

_log = structlog.get_logger()


class ChannelState(StrEnum):
    """How a channel stood in one reception."""

    SERVED = "served"
    STANDBY = "standby"  # it answered, and was not needed
    LAGGING = "lagging"  # a day behind another one
    MIXED_DAYS = "mixed-days"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"  # what it gave is not an extract


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to the extracts."""

    name: str
    source: Source
    glance: Source  # the same, asked once and briefly: to know where it stands while another one answers


@dataclass(slots=True)
class _Offer:
    """What one channel offers in this reception, and what became of it."""

    channel: Channel
    deposits: dict[ExtractKind, Deposit] = field(default_factory=dict)
    state: ChannelState = ChannelState.STANDBY
    error: SourceError | None = None
    insisted: bool = False  # asked a second time, because no other channel was left

    @property
    def answered(self) -> bool:
        """Whether it can still be turned to."""
        return self.error is None

    @property
    def mixed(self) -> bool:
        """Whether its files are of two days."""
        return mixed({kind: deposit.published_at for kind, deposit in self.deposits.items()})

    @property
    def published_at(self) -> datetime | None:
        """The date of its first extract, which is the directory itself unless the settings leave it out."""
        return next((deposit.published_at for deposit in self.deposits.values()), None)

    def learn(self, kind: ExtractKind, published_at: datetime) -> None:
        """Take the date found with a file for that of all the extracts that are behind the same address."""
        address = self.deposits[kind].url
        for one, deposit in self.deposits.items():
            if deposit.url == address:
                self.deposits[one] = replace(deposit, published_at=published_at)

    def fail(self, error: SourceError) -> None:
        """It is of no use any more in this reception."""
        unreachable = isinstance(error, PublisherUnreachable)
        self.state = ChannelState.UNREACHABLE if unreachable else ChannelState.REFUSED
        self.error = error


class Channels:
    """A source made of several, in the order of preference.

    Args:
        channels: at least one.
        limits: bounds on headers and dates.
    """

    def __init__(self, channels: Sequence[Channel], *, limits: Limits = LIMITS) -> None:
        self._channels = tuple(channels)
        self._limits = limits
        self._kinds: tuple[ExtractKind, ...] = ()
        self._offers: list[_Offer] = []

    @property
    def standing(self) -> tuple[ChannelSummary, ...]:
        """How each channel stood in the last reception, in the order of preference; empty before the first one."""
        dates = [offer.published_at for offer in self._offers if offer.published_at]
        return tuple(_summary(offer, max(dates, default=None)) for offer in self._offers)

    def discover(self, kinds: Sequence[ExtractKind]) -> tuple[Deposit, ...]:
        """What the channel to be served from offers; see ``Source.discover``.

        Raises:
            SourceError: that of the first channel, when none answers.
        """
        self._kinds = tuple(kinds)
        self._offers = [_Offer(channel) for channel in self._channels]
        for offer in self._offers:
            answered = any(other.deposits for other in self._offers)
            self._ask(offer, offer.channel.glance if answered else offer.channel.source)
        return tuple(self._best().deposits[kind] for kind in kinds)

    def fetch(
        self, deposit: Deposit, into: Path, previous: PublishedFile | None, progress: Progress
    ) -> Fetched | None:
        """Bring one extract from the channel that serves, or from the next; see ``Source.fetch``.

        Raises:
            SourceError: that of the first channel, when none gives it.
        """
        while True:
            offer = self._best()
            try:
                fetched = self._fetch_from(offer, offer.deposits[deposit.kind], into, previous, progress)
            except SourceError as error:
                self._give_up(offer, error)
                into.unlink(missing_ok=True)
                continue
            if self._best() is not offer:  # its data are older than it seemed
                into.unlink(missing_ok=True)
                continue
            offer.state = ChannelState.SERVED
            return replace(fetched, standing=_told(self.standing))

    def _best(self) -> _Offer:
        """The first channel that answers, unless it mixes two days or lags and another one does not.

        Raises:
            SourceError: no channel is left.
        """
        useful = [offer for offer in self._offers if offer.answered] or self._insist()
        whole = [offer for offer in useful if not offer.mixed] or useful
        newest = max(_date(offer) for offer in whole)
        best = next(offer for offer in whole if newest - _date(offer) <= SAME_DAY)
        for offer in useful:
            if offer.state is not ChannelState.SERVED:
                offer.state = _state(offer, newest)
        return best

    def _insist(self) -> list[_Offer]:
        """Ask again, with all our patience, those channels that were only glanced at.

        Raises:
            SourceError: none answers, or there is none.
        """
        for offer in self._offers[1:]:
            if not offer.deposits and offer.state is ChannelState.UNREACHABLE and not offer.insisted:
                offer.insisted = True
                self._ask(offer, offer.channel.source)
                if offer.answered:
                    return [offer]
        raise _none_left(self._offers)

    def _ask(self, offer: _Offer, source: Source) -> None:
        offer.error, offer.state = None, ChannelState.STANDBY
        try:
            deposits = source.discover(self._kinds)
            for deposit in deposits:
                refuse_future(deposit.kind, deposit.url, deposit.published_at, self._limits)
        except SourceError as error:
            self._give_up(offer, error)
            return
        offer.deposits = {deposit.kind: deposit for deposit in deposits}

    def _give_up(self, offer: _Offer, error: SourceError) -> None:
        offer.fail(error)
        _log.warning("a channel failed", channel=offer.channel.name, reason=error.reason, what=error.what)

    def _fetch_from(
        self, offer: _Offer, deposit: Deposit, into: Path, previous: PublishedFile | None, progress: Progress
    ) -> Fetched:
        if previous is not None and self._is_nothing_new(offer, deposit.published_at, previous):
            return unchanged(previous)
        counting = _Counting(progress)
        try:
            fetched = offer.channel.source.fetch(deposit, into, previous, counting)
            if fetched is not None and into.exists():
                refuse_unreadable(into, deposit.kind, deposit.url, self._limits)
                refuse_future(deposit.kind, deposit.url, fetched.published_at, self._limits)
        except SourceError:
            counting.give_back()
            raise
        if fetched is None:
            assert previous is not None  # nothing else can be unmodified
            return replace(unchanged(previous), published_at=max(previous.published_at, deposit.published_at))
        offer.learn(deposit.kind, fetched.published_at)
        if previous is not None and self._is_nothing_new(offer, fetched.published_at, previous):
            into.unlink(missing_ok=True)
            return unchanged(previous)
        return replace(fetched, url=fetched.url or deposit.url, channel=fetched.channel or offer.channel.name)

    def _is_nothing_new(self, offer: _Offer, published_at: datetime, previous: PublishedFile) -> bool:
        """Whether another channel gave us that day already: the same data under another date or form."""
        other = previous.channel != offer.channel.name and previous.channel in {one.name for one in self._channels}
        return other and published_at - previous.published_at < SAME_DAY


class _Counting:
    """Tells progress on, and takes it back when a channel fails after some bytes."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._count = 0

    def __call__(self, amount: int) -> None:
        self._count += amount
        self._progress(amount)

    def give_back(self) -> None:
        """Nothing of it counts."""
        if self._count:
            self._progress(-self._count)


def _date(offer: _Offer) -> datetime:
    return offer.published_at or datetime.min.replace(tzinfo=UTC)


def _state(offer: _Offer, newest: datetime) -> ChannelState:
    if offer.mixed:
        return ChannelState.MIXED_DAYS
    return ChannelState.LAGGING if newest - _date(offer) > SAME_DAY else ChannelState.STANDBY


def _summary(offer: _Offer, newest: datetime | None) -> ChannelSummary:
    date = offer.published_at
    return ChannelSummary(
        name=offer.channel.name,
        state=offer.state.value,
        published_at=date,
        behind_seconds=int((newest - date).total_seconds()) if newest and date else None,
        message=offer.error.what if offer.error else "",
    )


def _told(standing: Sequence[ChannelSummary]) -> str:
    """One line for the manifest, '' for a channel alone."""
    if len(standing) < 2:
        return ""
    words = (
        f"{one.name} {one.state}" + (f" at {iso(one.published_at)}" if one.published_at else "")
        for one in standing
    )
    return f"channels: {', '.join(words)}"


def _none_left(offers: Sequence[_Offer]) -> SourceError:
    """The error of the first channel, with what the others said."""
    errors = [(offer.channel.name, offer.error) for offer in offers if offer.error]
    first = errors[0][1]
    others = "".join(f"; channel {name} failed too: {error.what}" for name, error in errors[1:])
    return type(first)(first.what + others, mend=first.mend, reason=first.reason)
