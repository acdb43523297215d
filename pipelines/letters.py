"""Reports by mail: who is sent which edition in which language, tried again where the server was not there.

mail(settings, "week", "2026-11-22")      into the outbox, then out
after_night(settings, run)                the same for the report of a run; nothing here fails it
deliver(engine, settings)                 whatever is due; 'alerts check' calls it every quarter of an hour
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Row

from pipelines.editions import model_of
from pipelines.reporting import night_model
from rpps_sync import clock
from rpps_sync.alerts.mail import Mail
from rpps_sync.clock import parse_instant
from rpps_sync.directory import letters as outbox
from rpps_sync.directory import migrations
from rpps_sync.directory.engine import open_engine, reading, writing
from rpps_sync.errors import NotFound, RppsSyncError, UsageError
from rpps_sync.locales import LANGUAGES
from rpps_sync.logs import redacted
from rpps_sync.reporting import html as night_html
from rpps_sync.reporting.cover import Cover, of_night, of_period
from rpps_sync.reporting.editions import html as period_html
from rpps_sync.reporting.editions.model import PeriodModel
from rpps_sync.reporting.editions.period import Edition, period_of
from rpps_sync.reporting.letter import write
from rpps_sync.reporting.model import ReportModel
from rpps_sync.reporting.unnamed import unnamed
from rpps_sync.run_summary import RunSummary
from rpps_sync.settings import Settings

_log = structlog.get_logger()


def recipients(settings: Settings, edition: str) -> Mapping[str, tuple[str, ...]]:
    """Addresses by language: ``en:audit@hopital.fr`` is written to in English, others in the LANGUAGE setting."""
    told: dict[str, list[str]] = {}
    for entry in getattr(settings, f"report_{edition}_to"):
        language, colon, address = entry.partition(":")
        named = bool(colon) and language in LANGUAGES
        told.setdefault(language if named else settings.language, []).append(address if named else entry)
    return {language: tuple(addresses) for language, addresses in told.items()}


def mail(settings: Settings, edition: str, reference: str) -> dict[str, int]:
    """Send an edition to everybody whom the settings name; nobody, or no mail server, is no error.

    Returns:
        How many letters were ``delivered`` now, and how many are ``waiting`` for another attempt.

    Raises:
        DirectoryError: the database cannot be used.
    """
    languages = recipients(settings, edition) if settings.smtp_host else {}
    engine = open_engine(settings.database)
    try:
        migrations.ensure_current(engine)
        with writing(engine) as connection:
            for language in languages:
                outbox.queue(connection, edition, reference, language, clock.now())
        sent = deliver(engine, settings)
        with reading(engine) as connection:
            return {"delivered": sent, "waiting": outbox.waiting(connection)}
    finally:
        engine.dispose()


def after_night(settings: Settings, run: RunSummary) -> None:
    """Send the report of a run that has just ended; nothing that goes wrong here changes how it ended."""
    if not (settings.smtp_host and settings.report_night_to):
        return
    try:
        mail(settings, Edition.NIGHT, run.run_id)
    except RppsSyncError as error:
        _log.warning("the report was not mailed", what=error.what, mend=error.mend)


def deliver(engine: Engine, settings: Settings) -> int:
    """Send the letters that are due, oldest first; a server that is not there ends it for this time."""
    sent = 0
    while settings.smtp_host:
        with writing(engine) as connection:
            due = outbox.take_due(connection, clock.now())
        if due is None:
            break
        failure, again = _failure(engine, settings, due)
        with writing(engine) as connection:
            if failure:
                _log.warning("a report was not mailed", edition=due.edition, what=failure)
                outbox.not_delivered(connection, due, failure, clock.now(), again=again)
            else:
                outbox.delivered(connection, due, clock.now())
                sent += 1
        if failure and again:
            break
    return sent


def _failure(engine: Engine, settings: Settings, due: Row[Any]) -> tuple[str, bool]:
    """Why a letter did not arrive, and whether another attempt can mend that; empty when it arrived."""
    addresses = recipients(settings, due.edition).get(due.language)
    if not addresses:
        return f"the settings no longer name anybody for REPORT_{due.edition.upper()}_TO", False
    try:
        with reading(engine) as connection:
            letter = _letter(connection, settings, due, addresses)
        Mail(settings).post(letter)
    except NotFound as error:  # the run is no longer in the ledger
        return error.what, False
    except RppsSyncError as error:
        return error.what, True
    return "", True


def _letter(connection: Connection, settings: Settings, due: Row[Any], addresses: tuple[str, ...]) -> EmailMessage:
    cover, page = _edition(connection, settings, due)
    told, sender = write(cover), Mail(settings).sender
    letter = EmailMessage()
    letter["From"] = sender
    letter["To"] = ", ".join(addresses)
    letter["Subject"] = told.subject
    letter["Date"] = format_datetime(parse_instant(told.at))
    letter["Auto-Submitted"] = "auto-generated"  # no out-of-office answers
    letter["Message-ID"] = f"<report.{told.id}.{due.id}@{sender.rpartition('@')[2].rstrip('>')}>"
    letter.set_content(told.text)
    letter.add_alternative(told.html, subtype="html")
    if settings.report_pdf:
        _attach(letter, page, f"{cover.id}.pdf")
    return letter


def _edition(connection: Connection, settings: Settings, due: Row[Any]) -> tuple[Cover, str]:
    """What the letter says, and the whole report as a page."""
    if due.edition == Edition.NIGHT:
        night: ReportModel = night_model(connection, due.reference, due.language)
        named = settings.report_identifiers
        page = night_html.render(night) if named else redacted(night_html.render(unnamed(night)))
        return of_night(night, identifiers=named), page
    period = period_of(Edition(due.edition), date.fromisoformat(due.reference))
    model: PeriodModel = model_of(connection, period, due.language)
    return of_period(model), period_html.render(model)


def _attach(letter: EmailMessage, page: str, name: str) -> None:
    """The report on paper; a machine that cannot lay it out sends the letter without it."""
    from rpps_sync.reporting.pdf import printed  # noqa: PLC0415 - slow to import, and rarely asked for

    try:
        letter.add_attachment(printed(page), maintype="application", subtype="pdf", filename=name)
    except UsageError as error:
        _log.warning("the report is mailed without its PDF", what=error.what, mend=error.mend)
