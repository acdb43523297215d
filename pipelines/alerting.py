"""Alerts: look at the ledgers, let incidents live, tell; and whatever goes wrong with telling, the night goes on.

    check(settings)              what is wrong, then what is to be told of it, then the metrics
    after_night(settings, run)   the same after a run, and the heartbeat
    cry(settings, error)         when not even the database could be used

What is to be told goes into the outbox in the transaction that changes the incident; sending comes after, without
any lock, and is tried again by the next look.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection, Engine

from pipelines import freshness, letters
from pipelines.exclusive import alone
from pipelines.figures import figures, write_textfile
from rpps_sync import clock
from rpps_sync.alerts.delivery import Channel, DeliveryFailed, channels_of
from rpps_sync.alerts.heartbeat import beat
from rpps_sync.alerts.life import Event, Happening, Incident, next_events
from rpps_sync.alerts.message import Message, Served, message_of, trial
from rpps_sync.alerts.symptoms import Cause, Symptom, Symptoms, symptoms
from rpps_sync.clock import iso
from rpps_sync.directory import incidents, jobs, ledger, migrations, webhooks
from rpps_sync.directory import letters as outbox
from rpps_sync.directory.engine import is_there, open_engine, reading, writing
from rpps_sync.errors import LockHeld, RppsSyncError
from rpps_sync.freshness.objectives import title_of
from rpps_sync.run_summary import FreshnessState, Outcome, RunSummary
from rpps_sync.settings import Settings

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Look:
    """What one look changed."""

    opened: tuple[str, ...] = ()  # causes
    closed: tuple[str, ...] = ()
    open: tuple[str, ...] = ()  # after it
    delivered: int = 0
    waiting: int = 0  # notifications and reports still to be delivered


def check(settings: Settings) -> Look:
    """Look at everything, and tell what is to be told.

    Raises:
        DirectoryError: the database cannot be used.
    """
    engine = open_engine(settings.database)
    try:
        migrations.ensure_current(engine)
        _close_dead_runs(settings, engine)
        now = clock.now()
        channels = channels_of(settings)
        with reading(engine) as connection:
            states = freshness.states(connection, now, settings.language)
        with writing(engine) as connection:
            events = _live(connection, settings, states, tuple(channels), now)
        delivered = sum(_deliver(engine, name, channel) for name, channel in channels.items())
        delivered += letters.deliver(engine, settings)
        with reading(engine) as connection:
            _tell_metrics(connection, settings, states, now)
            still_open = tuple(row.cause for row in incidents.open_ones(connection))
            waiting = incidents.waiting(connection) + outbox.waiting(connection)
    finally:
        engine.dispose()
    return Look(
        opened=tuple(event.cause for event in events if event.happening is Happening.OPENED),
        closed=tuple(event.cause for event in events if event.happening is Happening.CLOSED),
        open=still_open,
        delivered=delivered,
        waiting=waiting,
    )


def after_night(settings: Settings, run: RunSummary) -> None:
    """Look after a run; nothing that goes wrong here changes how the run ended."""
    try:
        check(settings)
        url = settings.heartbeat_url.get_secret_value()
        if url and run.outcome in (Outcome.PUBLISHED, Outcome.UNCHANGED):
            beat(url)
    except RppsSyncError as error:
        _log.warning("alerts are behind; the next look makes up for it", what=error.what, mend=error.mend)


def cry(settings: Settings, error: RppsSyncError) -> None:
    """Tell at once, past all ledgers, that the run could not even begin."""
    now = clock.now()
    event = Event(Happening.OPENED, Cause.RUN, (Symptom("run.impossible", error.what),))
    message = message_of(
        event,
        number=0,
        opened_at=now,
        now=now,
        served=Served(),
        language=settings.language,
        runbooks=settings.alert_runbook_url,
    )
    for name, channel in channels_of(settings).items():
        _sent(name, channel, message)


def try_out(settings: Settings) -> dict[str, str]:
    """Send a test message through each channel, and the heartbeat: what became of each, empty when it arrived."""
    message = trial(clock.now(), _served_now(settings), settings.language, settings.alert_runbook_url)
    told = {name: _sent(name, channel, message) for name, channel in channels_of(settings).items()}
    if url := settings.heartbeat_url.get_secret_value():
        try:
            beat(url)
            told["heartbeat"] = ""
        except DeliveryFailed as error:
            told["heartbeat"] = error.what
    return told


def _close_dead_runs(settings: Settings, engine: Engine) -> None:
    """A run that says it is at work while nobody holds its lock was killed: say so now, not tomorrow night."""
    with reading(engine) as connection:
        if not any(run["outcome"] == ledger.RUNNING for run in ledger.runs(connection, 1)):
            return
    with suppress(LockHeld), alone(settings) as own, writing(own) as connection:
        ledger.close_dead(connection, clock.now())


def _live(
    connection: Connection,
    settings: Settings,
    states: tuple[FreshnessState, ...],
    channels: tuple[str, ...],
    now: datetime,
) -> list[Event]:
    rows = incidents.open_ones(connection)
    known = [Incident(row.id, Cause(row.cause), row.opened_at, row.told_at, row.reminders) for row in rows]
    found: Symptoms = symptoms(
        ledger.last_ended(connection),
        [(state, title_of(state.objective, settings.language)) for state in states],
        jobs.last(connection, telling=True),
        {incident.cause for incident in known},
        webhooks.refused(connection, now),
    )
    events = list(next_events(known, found, now))
    served = _served(connection)
    for event in events:
        number = _record(connection, event, now)
        if event.happening is Happening.SEEN:
            continue
        message = message_of(
            event,
            number=number,
            opened_at=event.incident.opened_at if event.incident else now,
            now=now,
            served=served,
            language=settings.language,
            runbooks=settings.alert_runbook_url,
        )
        for channel in channels:
            incidents.queue(
                connection, number, channel, event=event.happening.value, message=message.to_json(), at=now
            )
    return events


def _record(connection: Connection, event: Event, now: datetime) -> int:
    told = [symptom.to_json() for symptom in event.symptoms]
    if event.incident is None:
        _log.warning("incident opened", cause=str(event.cause))
        return incidents.begin(connection, event.cause, told, now)
    if event.happening is Happening.CLOSED:
        incidents.close(connection, event.incident.id, now)
    else:
        incidents.see(connection, event.incident.id, told, now, reminded=event.happening is Happening.REMINDER)
    return event.incident.id


def _deliver(engine: Engine, name: str, channel: Channel) -> int:
    """Send what is due through a channel, oldest first; the first failure ends it for this time."""
    delivered = 0
    while True:
        now = clock.now()
        with writing(engine) as connection:
            due = incidents.take_due(connection, name, now)
        if due is None:
            return delivered
        failure = _sent(name, channel, Message.from_json(due.message))
        with writing(engine) as connection:
            if failure:
                incidents.not_delivered(connection, due, failure, now)
                return delivered
            incidents.delivered(connection, due.id, now)
        delivered += 1


def _sent(name: str, channel: Channel, message: Message) -> str:
    """Why it did not arrive; empty when it did."""
    try:
        channel.send(message)
    except DeliveryFailed as error:
        _log.warning("a message was not delivered", channel=name, what=error.what)
        return error.what
    return ""


def _tell_metrics(
    connection: Connection, settings: Settings, states: tuple[FreshnessState, ...], now: datetime
) -> None:
    if settings.metrics_textfile is None:
        return
    try:
        write_textfile(settings.metrics_textfile, figures(connection, now, states))
    except RppsSyncError as error:
        _log.warning("the metrics cannot be written", what=error.what, mend=error.mend)


def _served_now(settings: Settings) -> Served:
    if not is_there(settings.database):
        return Served()
    engine = open_engine(settings.database)
    try:
        migrations.ensure_current(engine)
        with reading(engine) as connection:
            return _served(connection)
    except RppsSyncError:
        return Served()
    finally:
        engine.dispose()


def _served(connection: Connection) -> Served:
    row = ledger.served(connection)
    return Served(row.id, iso(row.published_at), row.practitioners or 0) if row else Served()
