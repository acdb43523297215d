"""Every misconfiguration that ``doctor`` finds, made for real; docs/operations.md lists them."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from databases import writing
from rpps_sync import clock
from rpps_sync.directory import incidents, jobs, ledger, webhooks
from rpps_sync.directory.choice import Choice
from rpps_sync.directory.jobs import JobOutcome
from rpps_sync.directory.tables import PUBLICATIONS
from rpps_sync.run_summary import Outcome, RunSummary
from rpps_sync.settings import load
from rpps_sync.webhooks import signing

Command = Callable[..., Any]
PAGE = Path(__file__).parents[3] / "docs" / "operations.md"


@dataclass
class Machine:
    """A home, its settings, and the ledgers once there are some."""

    home: Path
    embedded: Path
    monkeypatch: pytest.MonkeyPatch

    def set(self, **values: object) -> None:
        """Settings, as environment variables."""
        for name, value in values.items():
            self.monkeypatch.setenv(f"RPPS_SYNC_{name.upper()}", str(value))

    def lived(self) -> str:
        """A database at the newest revision; its address."""
        self.home.mkdir(exist_ok=True)
        self.home.chmod(0o700)
        shutil.copy(self.embedded, self.home / "rpps-sync.sqlite")
        return f"sqlite:///{self.home / 'rpps-sync.sqlite'}"


@pytest.fixture
def machine(home: Path, embedded: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine on which nothing ran yet."""
    return Machine(home, embedded, monkeypatch)


def file_(path: Path, text: str = "", mode: int = 0o600) -> Path:
    """A file with a content, in a folder made for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def open_secrets(machine: Machine) -> None:
    """A password in a settings file that everybody can read."""
    file_(machine.home.parent / "rpps-sync.toml", 'smtp_password = "x"\nsmtp_user = "y"\n', 0o644)


def hidden_file(machine: Machine) -> None:
    """Two settings files, of which one is read."""
    file_(machine.home.parent / "rpps-sync.toml")
    file_(machine.home / "rpps-sync.toml")


def no_certificate(machine: Machine) -> None:
    """A text in place of a certificate."""
    machine.set(ans_ca_file=file_(machine.home.parent / "root.pem", "hello"))


def expired_certificate(machine: Machine) -> None:
    """An authority of former days."""
    from cryptography import x509  # noqa: PLC0415 - only this case makes a certificate
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 - idem
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - idem

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "invented")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    made = builder.not_valid_after(datetime(2021, 1, 1, tzinfo=UTC)).sign(key, hashes.SHA256())
    path = file_(machine.home.parent / "root.pem")
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    machine.set(smtp_ca_file=path)


def wrong_hour(machine: Machine) -> None:
    """A timetable with an hour that clock changes double."""
    text = Path("pipelines/schedule.toml")
    text = Path(__file__).parents[3] / text
    changed = text.read_text(encoding="utf-8").replace('at = "04:15"', 'at = "02:30"')
    machine.set(schedule_file=file_(machine.home.parent / "schedule.toml", changed))


def no_night(machine: Machine) -> None:
    """A timetable that forgets the night."""
    text = (Path(__file__).parents[3] / "pipelines/schedule.toml").read_text(encoding="utf-8")
    changed = text.replace('id = "night"', 'id = "evening"')
    machine.set(schedule_file=file_(machine.home.parent / "schedule.toml", changed))


def everybody_reads(machine: Machine) -> None:
    """A database that other accounts of the machine can read."""
    machine.lived()
    (machine.home / "rpps-sync.sqlite").chmod(0o644)
    machine.home.chmod(0o755)


def damaged_manifest(machine: Machine) -> None:
    """A publication of the archive that tells nothing of itself."""
    file_(machine.home / "archive" / "2026-11-20-a1b2c3" / "manifest.json", "{")


def large_archive(machine: Machine) -> None:
    """An archive that takes more than it was granted."""
    manifest = {"schema": 1, "id": "2026-11-20-a1b2c3", "published_at": "2026-11-20T05:15:00Z"}
    manifest |= {"sequence": 1, "files": []}
    file_(machine.home / "archive" / "2026-11-20-a1b2c3" / "manifest.json", json.dumps(manifest))
    machine.set(archive_max="10B")


def crashed(machine: Machine) -> None:
    """An error nobody foresaw."""
    file_(machine.home / "crashes" / "crash-20261120T020000-1.log")


def inbox_is_a_file(machine: Machine) -> None:
    """A file where applications should leave theirs."""
    file_(machine.home / "claims.inbox")


def waiting_file(machine: Machine) -> None:
    """Observations that no night took."""
    path = file_(machine.home / "claims.inbox" / "old.jsonl")
    os.utime(path, (time.time() - 3 * 86_400,) * 2)


def refused_lines(machine: Machine) -> None:
    """Observations with refused lines."""
    file_(machine.home / "claims.inbox" / "refused" / "a.20261120T020000.jsonl")


def no_schema(machine: Machine) -> None:
    """A revision older than this program."""
    with writing(machine.lived()) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")


def ended(machine: Machine, outcome: Outcome, hours_ago: float) -> str:
    """A run in the ledger."""
    at, url = clock.now() - timedelta(hours=hours_ago), machine.lived()
    with writing(url) as connection:
        ledger.begin_run(connection, "r", at)
        ledger.finish_run(connection, RunSummary("r", at, at, outcome))
    return url


def failed_run(machine: Machine) -> None:
    """The last run failed."""
    ended(machine, Outcome.FAILED, 1)


def no_run_for_days(machine: Machine) -> None:
    """Nothing starts the night any more."""
    ended(machine, Outcome.UNCHANGED, 60)


def dead_run(machine: Machine) -> None:
    """A run that was killed."""
    with writing(machine.lived()) as connection:
        ledger.begin_run(connection, "r", clock.now() - timedelta(hours=1))


def lost_archive(machine: Machine) -> None:
    """A publication is served that the archive does not hold."""
    at, url = clock.now(), machine.lived()
    row = {"id": "2026-11-20-a1b2c3", "seq": 1, "status": "published", "published_at": at, "recorded_at": at}
    row |= {"run_id": "r", "files": [], "metrics": {}, "reasons": [], "practitioners": 0}
    with writing(url) as connection:
        connection.execute(PUBLICATIONS.insert().values(**row))


def open_incident(machine: Machine) -> None:
    """Somebody was told, and nothing was mended."""
    with writing(machine.lived()) as connection:
        incidents.begin(connection, "gate", [], clock.now())


def stuck_message(machine: Machine) -> None:
    """A message that did not arrive."""
    now = clock.now()
    with writing(machine.lived()) as connection:
        incidents.queue(connection, 1, "mail", event="opened", message={}, at=now)
        found = incidents.take_due(connection, "mail", now)
        assert found is not None
        incidents.not_delivered(connection, found, "it answered 451", now)


def failed_job(machine: Machine) -> None:
    """A job of the scheduler failed."""
    now = clock.now()
    with writing(machine.lived()) as connection:
        jobs.finish(connection, jobs.begin(connection, "retention", now), JobOutcome.FAILED, now, exit_code=1)


def refusing(machine: Machine, *, final: bool = False) -> Path:
    """A subscriber whose receiver answered 500; the file of the key."""
    url = machine.lived()
    check = signing.check_of(signing.key_of(load(home=machine.home)))
    with writing(url) as connection:
        made = webhooks.create(
            connection, "dpi", "https://dpi.invalid/", Choice(), cursor=0, key_check=check, by="tests"
        )
        now = clock.now()
        taken = webhooks.take(connection, made.id, now)
        assert taken is not None
        webhooks.not_delivered(connection, taken, "it answered 500", now, final=final)
    return machine.home / signing.FILE


def broken_file(machine: Machine) -> None:
    """A settings file that is no TOML."""
    file_(machine.home.parent / "rpps-sync.toml", "language = fr\n")


def setting(**values: object) -> Callable[[Machine], None]:
    """Only settings."""
    return lambda machine: machine.set(**values)


WEBHOOK = "RPPS_SYNC_ALERT_WEBHOOK_URL"
CASES: dict[str, tuple[Callable[[Machine], None], str, str]] = {
    "unknown variable": (setting(grace_publication=4), "variable RPPS_SYNC_GRACE_PUBLICATION", "warn"),
    "pinned clock": (setting(now="2026-11-20T02:00:00Z"), "clock", "warn"),
    "unreadable settings": (broken_file, "settings", "wrong"),
    "secrets that others can read": (open_secrets, "settings file", "wrong"),
    "two settings files": (hidden_file, "settings file", "warn"),
    "home that is a file": (lambda machine: file_(machine.home) and None, "home", "wrong"),
    "catalogue in clear": (setting(catalog_url="http://www.data.gouv.fr/api/1"), "catalogue", "wrong"),
    "no activity extract": (setting(extracts="savoirfaire"), "extracts", "wrong"),
    "ANS without its root": (setting(channels="data-gouv,ans"), "ans channel", "warn"),
    "ANS root missing": (setting(ans_ca_file="nowhere.pem"), "ans certificate", "wrong"),
    "ANS root no certificate": (no_certificate, "ans certificate", "wrong"),
    "authority expired": (expired_certificate, "mail certificate", "wrong"),
    "issuer's keys missing": (setting(psc_jwks_url="keys.json"), "issuer keys", "wrong"),
    "issuer's keys in clear": (setting(psc_jwks_url="http://psc.invalid/keys"), "issuer keys", "wrong"),
    "nobody to write to": (setting(smtp_host="mail.invalid"), "mail", "wrong"),
    "no mail server": (setting(alert_to="a@b.invalid"), "mail", "wrong"),
    "no mail address": (setting(alert_to="nobody", smtp_host="mail.invalid"), "mail", "wrong"),
    "mail in clear": (
        setting(smtp_security="none", smtp_host="mail.invalid", alert_to="a@b.invalid"), "mail", "wrong",
    ),
    "half of a login": (setting(smtp_user="x", smtp_host="mail.invalid", alert_to="a@b.invalid"), "mail", "wrong"),
    "webhook no address": (setting(alert_webhook_url="hooks.slack.com/x"), WEBHOOK, "wrong"),
    "webhook in clear": (setting(alert_webhook_url="http://chat.invalid/x"), WEBHOOK, "warn"),
    "nobody told": (setting(), "alerts", "warn"),
    "no heartbeat": (setting(), "heartbeat", "warn"),
    "metrics under another name": (setting(metrics_textfile="rpps-sync.txt"), "metrics", "wrong"),
    "metrics without a folder": (setting(metrics_textfile="nowhere/rpps-sync.prom"), "metrics", "wrong"),
    "hour that clock changes double": (wrong_hour, "timetable", "wrong"),
    "timetable without a night": (no_night, "timetable", "wrong"),
    "database open to everybody": (everybody_reads, "permissions", "warn"),
    "inbox that is a file": (inbox_is_a_file, "inbox", "wrong"),
    "observations waiting": (waiting_file, "inbox", "warn"),
    "observations refused": (refused_lines, "inbox", "warn"),
    "crash reports": (crashed, "crashes", "warn"),
    "damaged archive": (damaged_manifest, "archive", "wrong"),
    "archive too large": (large_archive, "archive", "warn"),
    "database address": (setting(database_url="nonsense"), "database", "wrong"),
    "schema of an older version": (no_schema, "database", "wrong"),
    "last run failed": (failed_run, "last run", "warn"),
    "no success for a day": (no_run_for_days, "last success", "warn"),
    "run killed": (dead_run, "runs", "warn"),
    "archive lost": (lost_archive, "archive", "warn"),
    "open incident": (open_incident, "incidents", "warn"),
    "messages not delivered": (stuck_message, "outbox", "wrong"),
    "job failed": (failed_job, "job retention", "warn"),
    "receiver that fails": (lambda machine: refusing(machine) and None, "webhook dpi", "warn"),
    "receiver given up": (lambda machine: refusing(machine, final=True) and None, "webhook dpi", "wrong"),
    "webhook key lost": (lambda machine: refusing(machine).unlink(), "webhook key", "wrong"),
    "webhook key open to others": (lambda machine: refusing(machine).chmod(0o644), "webhook key", "warn"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_doctor_finds_it_and_tells_the_mend(name: str, machine: Machine, rpps_sync: Command) -> None:
    """Made for real, it is found under its subject, with what was seen and what to do."""
    provoke, subject, state = CASES[name]
    provoke(machine)
    answer = rpps_sync("doctor", "--json")
    found = [item for item in answer.json["checks"] if item["name"] == subject and item["state"] == state]
    assert found, answer.out
    assert all(item["observed"] and item["mend"] for item in found)
    assert answer.code == int(any(item["state"] == "wrong" for item in answer.json["checks"]))


def test_every_finding_of_doctor_is_documented() -> None:
    """The page lists what is provoked here, and nothing else."""
    documented = re.findall(r"^\| ([^|]+) \| `([^`]+)` \| (?:wrong|look) \|", PAGE.read_text(), re.MULTILINE)
    assert dict(documented) == {name: subject for name, (_, subject, _state) in CASES.items()}
