"""The units of systemd and the line of cron that fit an installation."""

from __future__ import annotations

import getpass
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


def directives(unit: str) -> dict[str, str]:
    """What a unit says, by name."""
    return dict(line.split("=", 1) for line in unit.splitlines() if "=" in line)


def test_timer_makes_up_for_a_machine_that_was_off_and_spares_the_full_hour(rpps_sync: Command) -> None:
    """The night is started every day, late rather than never, by the commands of this installation."""
    answer = rpps_sync("install-timer", "--json")
    timer, service = (directives(answer.json[f"rpps-sync.{kind}"]) for kind in ("timer", "service"))
    assert timer["OnCalendar"] == "*-*-* 04:15:00 Europe/Paris"
    assert (timer["Persistent"], timer["RandomizedDelaySec"]) == ("true", "15min")
    assert service["ExecStart"].endswith("--quiet run --wait")
    assert (service["TimeoutStartSec"], service["User"]) == ("infinity", getpass.getuser())


def test_night_of_systemd_may_write_its_metrics_and_empty_its_inbox(
    rpps_sync: Command, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything else is read-only to it: a folder that was forgotten would fail every night."""
    monkeypatch.setenv("RPPS_SYNC_METRICS_TEXTFILE", str(tmp_path / "node exporter" / "rpps-sync.prom"))
    monkeypatch.setenv("RPPS_SYNC_CLAIMS_INBOX", str(tmp_path / "inbox"))
    monkeypatch.setenv("RPPS_SYNC_DATABASE_URL", f"sqlite:///{tmp_path / 'base' / 'directory.sqlite'}")
    service = directives(rpps_sync("install-timer", "--json").json["rpps-sync.service"])
    writable = [str(home), *(f"-{tmp_path / name}" for name in ("base", "inbox", "node exporter"))]
    assert shlex.split(service["ReadWritePaths"]) == writable


def test_hour_that_clock_changes_double_is_refused_to_a_timer_as_to_the_scheduler(rpps_sync: Command) -> None:
    """Half past two comes twice in October, and not at all in March."""
    answer = rpps_sync("install-timer", "--print", "--at", "02:30")
    assert answer.code == 2
    assert "twice, or never" in answer.err


def test_cron_line_holds_the_home_and_a_minute_of_its_own(rpps_sync: Command, home: Path) -> None:
    """Cron knows no variable of ours; the minute is drawn within a quarter of an hour."""
    minute, hour, *_, line = rpps_sync("install-timer", "--print", "--cron").out.split(" ", 5)
    assert (15 <= int(minute) < 30, hour) == (True, "4")
    assert shlex.split(line)[:2] == ["/usr/bin/env", f"RPPS_SYNC_HOME={home}"]
