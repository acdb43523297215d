"""Webhooks: deliver to each subscriber what changed, in order; and whatever goes wrong with it, the night goes on.

    deliver(settings)        everything that is due, or as much as some seconds allow
    after_night(settings)    the same after a run, for a minute at most
    try_out(settings, id)    a message that only tries the way

Subscribers are served side by side: one that is slow keeps nobody waiting but itself. Between two messages nothing
is open, neither a transaction nor a connection to the database.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from sqlalchemy import Engine

from rpps_sync import clock
from rpps_sync.directory import migrations, webhooks
from rpps_sync.directory.changes import Page
from rpps_sync.directory.changes import page as page_of
from rpps_sync.directory.engine import is_there, open_engine, reading, writing
from rpps_sync.directory.served import served
from rpps_sync.directory.webhooks import State, Webhook
from rpps_sync.errors import RppsSyncError, UsageError
from rpps_sync.settings import Settings
from rpps_sync.webhooks import message, signing
from rpps_sync.webhooks.addresses import Allowed
from rpps_sync.webhooks.message import Message
from rpps_sync.webhooks.posting import NotTaken, Poster, trust

NIGHT_SECONDS = 60.0  # after which a night begins no other message; the scheduler goes on with them
AT_ONCE = 8  # subscribers
_log = structlog.get_logger()


@dataclass(slots=True)
class Round:
    """What came of one delivery."""

    subscribers: int = 0  # to whom something was due
    messages: int = 0  # that arrived
    changes: int = 0  # in them
    failing: list[str] = field(default_factory=list)  # ids of those who did not take a message
    disabled: list[str] = field(default_factory=list)  # ids of those to whom nothing is sent any more


def deliver(settings: Settings, *, seconds: float | None = None) -> Round:
    """Deliver what is due, to everybody.

    Args:
        settings: in force.
        seconds: begin no message after that time; None: go on to the end of the feed.

    Raises:
        UsageError: a setting of webhooks means nothing.
        DirectoryError: the database cannot be used.
        StorageError: the key of the secrets cannot be read.
    """
    engine = open_engine(settings.database)
    try:
        migrations.ensure_current(engine)
        with reading(engine) as connection:
            due = webhooks.due(connection, clock.now())
        return asyncio.run(Delivery(settings, engine, seconds).to(due)) if due else Round()
    finally:
        engine.dispose()


def after_night(settings: Settings) -> None:
    """Deliver after a run; nothing that goes wrong here changes how the run ended."""
    try:
        if is_there(settings.database):
            deliver(settings, seconds=NIGHT_SECONDS)
    except RppsSyncError as error:
        _log.warning("webhooks are behind; 'rpps-sync webhooks deliver' goes on", what=error.what, mend=error.mend)


def try_out(settings: Settings, webhook: Webhook) -> str:
    """Send a subscriber a message that says nothing: why it did not arrive, empty when it did.

    Raises:
        UsageError: a setting of webhooks means nothing.
        DirectoryError: the key here is not the one that the secret was made of.
        StorageError: it cannot be read.
    """
    key, sender = signing.key_of(settings), poster_of(settings)
    signing.refuse_other_key(key, webhook)
    told = message.trial(webhook, clock.now())
    proof = signing.headers(key, webhook, told.id, told.body, at=clock.now())
    try:
        asyncio.run(sender.post(webhook.url, proof, told.body))
    except NotTaken as error:
        return error.what
    return ""


def poster_of(settings: Settings) -> Poster:
    """Who sends messages under these settings.

    Raises:
        UsageError: one of them means nothing.
    """
    return Poster(Allowed.of(settings.webhook_hosts), trust(settings.webhook_ca_file))


class Delivery:
    """One delivery to some subscribers.

    Args:
        settings: in force.
        engine: on the directory.
        seconds: begin no message after that time, when it is given.
    """

    def __init__(self, settings: Settings, engine: Engine, seconds: float | None) -> None:
        self._engine = engine
        self._key = signing.key_of(settings)
        self._poster = poster_of(settings)
        self._until = time.monotonic() + seconds if seconds is not None else float("inf")
        self._places = asyncio.Semaphore(AT_ONCE)
        self._round = Round()

    async def to(self, due: Sequence[Webhook]) -> Round:
        """Serve them side by side."""
        self._round.subscribers = len(due)
        async with asyncio.TaskGroup() as together:
            for webhook in due:
                together.create_task(self._told(webhook))
        return self._round

    async def _told(self, webhook: Webhook) -> None:
        async with self._places:
            try:
                await self._served(webhook.id)
            except Exception as error:  # noqa: BLE001 - ours, not the receiver's, and no business of the others
                self._round.failing.append(webhook.id)
                told = error if isinstance(error, RppsSyncError) else RppsSyncError(type(error).__name__)
                _log.warning("a webhook is behind", webhook=webhook.id, what=told.what, mend=told.mend)

    async def _served(self, webhook_id: str) -> None:
        taken = await asyncio.to_thread(self._take, webhook_id)
        try:
            while taken is not None and time.monotonic() < self._until:
                page, told = await asyncio.to_thread(self._next, taken)
                if page.next == taken.cursor:
                    break
                if page.changes:
                    proof = signing.headers(self._key, taken, told.id, told.body, at=clock.now())
                    await self._poster.post(taken.url, proof, told.body)
                    self._count(page)
                taken = await asyncio.to_thread(self._arrived, taken, page)
        except NotTaken as error:
            assert taken is not None
            wait = timedelta(seconds=error.wait) if error.wait is not None else None
            await asyncio.to_thread(self._refused, taken, error.what, wait=wait, final=error.gone)
        except UsageError as error:  # the feed was set back behind the subscriber: asking again finds nothing else
            assert taken is not None
            await asyncio.to_thread(self._refused, taken, error.what, wait=None, final=True)
        else:
            if taken is not None:
                await asyncio.to_thread(self._release, taken)

    def _take(self, webhook_id: str) -> Webhook | None:
        with writing(self._engine) as connection:
            taken = webhooks.take(connection, webhook_id, clock.now())
            if taken is not None:
                signing.refuse_other_key(self._key, taken)
        return taken

    def _next(self, taken: Webhook) -> tuple[Page, Message]:
        with reading(self._engine) as connection:
            wanted, about = taken.choice.wanted(connection), served(connection).about

            def made(size: int) -> tuple[Page, Message]:
                page = page_of(connection, taken.cursor, size, wanted, hide_departed=True)
                return page, message.of_changes(taken, page, about, clock.now())

            return message.fitting(made)

    def _arrived(self, taken: Webhook, page: Page) -> Webhook | None:
        with writing(self._engine) as connection:
            return webhooks.delivered(connection, taken, page.next, clock.now(), told=bool(page.changes))

    def _refused(self, taken: Webhook, failure: str, *, wait: timedelta | None, final: bool) -> None:
        with writing(self._engine) as connection:
            state = webhooks.not_delivered(connection, taken, failure, clock.now(), wait=wait, final=final)
        self._round.failing.append(taken.id)
        if state is State.DISABLED:
            self._round.disabled.append(taken.id)
        _log.warning("a webhook did not take its message", webhook=taken.id, what=failure, state=str(state))

    def _release(self, taken: Webhook) -> None:
        with writing(self._engine) as connection:
            webhooks.release(connection, taken)

    def _count(self, page: Page) -> None:
        self._round.messages += 1
        self._round.changes += len(page.changes)
