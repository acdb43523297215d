"""E-mail by SMTP: STARTTLS unless told otherwise, certificates always checked, one thread for each incident."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime

import structlog

from rpps_sync.alerts.delivery import SECONDS, DeliveryFailed
from rpps_sync.alerts.message import Message
from rpps_sync.clock import parse_instant
from rpps_sync.settings import Settings

_log = structlog.get_logger()

_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class Mail:
    """Sends each message to everybody of ``ALERT_TO``."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._port = settings.smtp_port or _PORTS[settings.smtp_security]

    def send(self, message: Message) -> None:
        """Send it; see ``Channel.send``."""
        self.post(self._letter(message))

    @property
    def sender(self) -> str:
        """From whom letters come."""
        return self._settings.smtp_from or f"rpps-sync@{self._settings.smtp_host}"

    def post(self, letter: EmailMessage) -> None:
        """Hand a letter to the server.

        Raises:
            DeliveryFailed: it was not taken.
        """
        try:
            with self._connection() as server:
                if self._settings.smtp_user:
                    server.login(self._settings.smtp_user, self._settings.smtp_password.get_secret_value())
                if refused := server.send_message(letter):
                    _log.warning(
                        "the mail server refused some recipients; the others were told", count=len(refused)
                    )
        except (smtplib.SMTPException, OSError, ValueError) as error:
            where = f"{self._settings.smtp_host}:{self._port}"
            raise DeliveryFailed(f"the mail server {where} did not take it: {_why(error)}") from error

    def _connection(self) -> smtplib.SMTP:
        host, security = self._settings.smtp_host, self._settings.smtp_security
        if security == "none":
            return smtplib.SMTP(host, self._port, timeout=SECONDS)
        trusted = ssl.create_default_context(cafile=self._settings.smtp_ca_file)
        if security == "tls":
            return smtplib.SMTP_SSL(host, self._port, timeout=SECONDS, context=trusted)
        server = smtplib.SMTP(host, self._port, timeout=SECONDS)
        try:
            server.starttls(context=trusted)
        except BaseException:
            server.close()
            raise
        return server

    def _letter(self, message: Message) -> EmailMessage:
        letter = EmailMessage()
        sender = self.sender
        letter["From"] = sender
        letter["To"] = ", ".join(self._settings.alert_to)
        letter["Subject"] = message.subject
        letter["Date"] = format_datetime(parse_instant(message.at))
        letter["Auto-Submitted"] = "auto-generated"  # no out-of-office answers
        # The same message tried twice bears the same name, and later ones belong to the thread of the first.
        domain = sender.rpartition("@")[2].rstrip(">")
        letter["Message-ID"] = f"<{message.incident}.{message.event}.{message.at}@{domain}>".replace(":", "")
        if message.event in ("reminder", "closed"):
            letter["References"] = f"<{message.incident}.opened.{message.since}@{domain}>".replace(":", "")
        letter.set_content(message.text)
        return letter


def _why(error: Exception) -> str:
    """What went wrong, without what the server repeats of our words."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it answered {error.smtp_code}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not to be believed ({error.verify_message}); see RPPS_SYNC_SMTP_CA_FILE"
    return type(error).__name__ if not isinstance(error, OSError) else error.strerror or type(error).__name__
