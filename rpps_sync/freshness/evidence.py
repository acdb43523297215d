"""What states are judged on, as values: read from the ledgers by ``rpps_sync.freshness.gathering``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from rpps_sync.freshness.stalls import Judged


@dataclass(frozen=True, slots=True)
class Served:
    """The publication being served."""

    published_at: datetime
    files: Mapping[str, datetime]  # deposit of each extract


@dataclass(frozen=True, slots=True)
class Standing:
    """How one channel stood when a run last looked at it."""

    state: str  # see rpps_sync.publisher.channels.ChannelState
    published_at: datetime | None  # of the newest it ever offered


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last run that ended, be it well or not; the one at work counts as ended."""

    started_at: datetime
    outcome: str  # published, unchanged, refused or failed


@dataclass(frozen=True, slots=True)
class Content:
    """How long nothing new has come, of one extract or of all of them."""

    changed_at: datetime  # the publication that last brought anything
    nights: tuple[date, ...] = ()  # on which a run looked since, and found the same
    lively: bool = True  # whether it changed in most of the publications before
    dated: datetime | None = None  # the newest date under which the same content came


@dataclass(frozen=True, slots=True)
class Application:
    """What one application sent."""

    last_seen: date  # the last day of an observation
    longest_pause: int = 0  # working days between two deliveries, until the last one


@dataclass(frozen=True, slots=True)
class FeedJudged:
    """One feed of an authority: a profession, or all of them together (empty)."""

    profession: str
    label: str
    judged: Judged


@dataclass(frozen=True, slots=True)
class Evidence:
    """All of it; empty where nothing has happened yet."""

    served: Served | None = None
    successes: tuple[datetime, ...] = ()  # ends of the last runs that did their work
    last_run: LastRun | None = None
    channels: Mapping[str, Standing] = field(default_factory=dict)
    content: Content | None = None
    extracts: Mapping[str, Content] = field(default_factory=dict)
    applications: Mapping[str, Application] = field(default_factory=dict)
    feeds: Mapping[str, tuple[FeedJudged, ...]] = field(default_factory=dict)  # by authority

    @property
    def last_success(self) -> datetime | None:
        """When a run last did its work."""
        return max(self.successes, default=None)
