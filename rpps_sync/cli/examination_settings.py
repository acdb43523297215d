"""What ``doctor`` finds in settings that are readable one by one, and do not fit together or this machine."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rpps_sync.cli.symptom import Symptom
from rpps_sync.errors import RppsSyncError

if TYPE_CHECKING:
    from rpps_sync.settings import Settings

SECRETS = ("database_url", "smtp_password", "alert_webhook_url", "heartbeat_url")


def examine_settings(settings: Settings, file: Path | None) -> Iterator[Symptom]:
    """Everything that can be said without looking at the database.

    Args:
        settings: in force.
        file: where they were read from, if from a file.
    """
    yield from _file(settings, file)
    yield from _publisher(settings)
    yield from _issuer(settings)
    yield from _mail(settings)
    yield from _webhook(settings)
    yield from _told(settings)
    yield from _textfile(settings)
    yield _timetable(settings)


def _file(settings: Settings, file: Path | None) -> Iterator[Symptom]:
    if file is None:
        return
    written = tomllib.loads(file.read_text(encoding="utf-8"))
    if any(written.get(key) for key in SECRETS) and stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield Symptom("settings file", "wrong", f"{file} holds secrets that others can read", f"chmod 600 {file}")
    shadowed = settings.home / file.name
    if shadowed.is_file() and not shadowed.samefile(file):
        yield Symptom(
            "settings file", "warn", f"{file} hides {shadowed}, which is not read", "keep one of the two"
        )


def _publisher(settings: Settings) -> Iterator[Symptom]:
    from rpps_sync.publication import ExtractKind
    from rpps_sync.settings import ChannelName

    if _in_clear(settings.catalog_url):
        mend = "write https://: an extract that anybody on the way can change proves nothing"
        yield Symptom("catalogue", "wrong", f"{settings.catalog_url} is not encrypted", mend)
    if ExtractKind.PERSONNE_ACTIVITE not in settings.extracts:
        mend = "add personne-activite to RPPS_SYNC_EXTRACTS: the others only complete it"
        yield Symptom("extracts", "wrong", "the activity extract is left out", mend)
    if ChannelName.ANS not in settings.channels or urlsplit(settings.catalog_url).hostname == "127.0.0.1":
        return
    if settings.ans_ca_file is None:
        mend = "set RPPS_SYNC_ANS_CA_FILE to the IGC-Santé root, or leave 'ans' out of RPPS_SYNC_CHANNELS"
        yield Symptom("ans channel", "warn", "the ANS cannot be believed without its root certificate", mend)
    else:
        yield from _certificate("ans certificate", settings.ans_ca_file, "RPPS_SYNC_ANS_CA_FILE")


def _issuer(settings: Settings) -> Iterator[Symptom]:
    url = settings.psc_jwks_url
    if url and "://" not in url and not Path(url).is_file():
        yield Symptom("issuer keys", "wrong", f"{url} is not there", "mend RPPS_SYNC_PSC_JWKS_URL")
    elif _in_clear(url):
        yield Symptom(
            "issuer keys", "wrong", f"{url} is not encrypted", "write https:// in RPPS_SYNC_PSC_JWKS_URL"
        )


def _mail(settings: Settings) -> Iterator[Symptom]:
    readers = [getattr(settings, name) for name in ("report_night_to", "report_week_to", "report_month_to")]
    addresses = [*settings.alert_to, *(address for several in readers for address in several)]
    if settings.smtp_host and not addresses:
        yield Symptom("mail", "wrong", "a mail server, and nobody to write to", "set RPPS_SYNC_ALERT_TO")
    if addresses and not settings.smtp_host:
        yield Symptom("mail", "wrong", "addresses, and no mail server", "set RPPS_SYNC_SMTP_HOST")
    if strange := [address for address in addresses if address.count("@") != 1]:
        mend = "mend RPPS_SYNC_ALERT_TO, or the RPPS_SYNC_REPORT_…_TO"
        yield Symptom("mail", "wrong", f"no address: {', '.join(strange)}", mend)
    if settings.smtp_security == "none" and settings.smtp_host not in ("", "localhost", "127.0.0.1", "::1"):
        mend = "set RPPS_SYNC_SMTP_SECURITY to starttls or tls"
        yield Symptom("mail", "wrong", f"mails to {settings.smtp_host} are not encrypted", mend)
    if bool(settings.smtp_user) != bool(settings.smtp_password.get_secret_value()):
        mend = "set both RPPS_SYNC_SMTP_USER and RPPS_SYNC_SMTP_PASSWORD, or neither"
        yield Symptom("mail", "wrong", "half of a login", mend)
    if settings.smtp_ca_file:
        yield from _certificate("mail certificate", settings.smtp_ca_file, "RPPS_SYNC_SMTP_CA_FILE")


def _webhook(settings: Settings) -> Iterator[Symptom]:
    for name in ("alert_webhook_url", "heartbeat_url"):
        url: str = getattr(settings, name).get_secret_value()
        variable = f"RPPS_SYNC_{name.upper()}"
        if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
            yield Symptom(variable, "wrong", "it is no address", "write https://…")
        elif _in_clear(url):
            yield Symptom(
                variable, "warn", f"messages to {urlsplit(url).hostname} are not encrypted", "use https://"
            )


def _told(settings: Settings) -> Iterator[Symptom]:
    if not settings.alert_webhook_url.get_secret_value() and not (settings.smtp_host and settings.alert_to):
        mend = "set RPPS_SYNC_ALERT_WEBHOOK_URL, or RPPS_SYNC_SMTP_HOST and RPPS_SYNC_ALERT_TO; docs/alerts.md"
        yield Symptom("alerts", "warn", "nobody is told when a night fails", mend)
    else:
        yield Symptom("alerts", "ok", "set up; 'rpps-sync alerts test' tries them out")
    if not settings.heartbeat_url.get_secret_value():
        mend = "set RPPS_SYNC_HEARTBEAT_URL: a machine that is off cannot tell by itself"
        yield Symptom("heartbeat", "warn", "nobody notices when this machine is off", mend)


def _textfile(settings: Settings) -> Iterator[Symptom]:
    path = settings.metrics_textfile
    if path is None:
        return
    if path.suffix != ".prom":
        yield Symptom("metrics", "wrong", f"node_exporter does not read {path.name}", "name it rpps-sync.prom")
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        mend = "make the folder and give it to this account, or mend RPPS_SYNC_METRICS_TEXTFILE"
        yield Symptom("metrics", "wrong", f"{path.parent} is not there or not writable", mend)


def _timetable(settings: Settings) -> Symptom:
    from pipelines.timetable import NIGHT, load_timetable

    try:
        jobs = load_timetable(settings.schedule_file).jobs
    except RppsSyncError as error:
        return Symptom("timetable", "wrong", error.what, error.mend)
    if not any(job.id == NIGHT for job in jobs):
        return Symptom(
            "timetable", "wrong", f"no job is named '{NIGHT}'", "declare it: see pipelines/schedule.toml"
        )
    return Symptom("timetable", "ok", f"{len(jobs)} jobs")


def _certificate(subject: str, file: Path, variable: str) -> Iterator[Symptom]:
    from cryptography import x509

    try:
        found = x509.load_pem_x509_certificates(file.read_bytes())
    except OSError as error:
        yield Symptom(subject, "wrong", f"{file}: {error.strerror}", f"mend {variable}")
        return
    except ValueError:
        yield Symptom(subject, "wrong", f"{file} holds no certificate", f"give a PEM file in {variable}")
        return
    ends = max(one.not_valid_after_utc for one in found)
    if ends < datetime.now(UTC):
        yield Symptom(subject, "wrong", f"{file} expired on {ends:%Y-%m-%d}", f"give the newer one in {variable}")


def _in_clear(url: str) -> bool:
    """Whether an address leads beyond this machine without encryption."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1")
