"""``rpps-sync install-timer``: units for systemd, or a line for cron, that fit this installation."""

from __future__ import annotations

import getpass
import random
import shlex
from collections.abc import Iterable
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from rpps_sync.cli.output import print_json, say, settings_of
from rpps_sync.cli.schedule import program_of
from rpps_sync.errors import UsageError

if TYPE_CHECKING:
    from rpps_sync.settings import Settings

SERVICE, TIMER = "rpps-sync.service", "rpps-sync.timer"
_RUN = ("run", "--wait")


def install_timer(
    ctx: typer.Context,
    shown: Annotated[bool, typer.Option("--print", help="Print the units, or the line.")] = False,
    into: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write both units there (/etc/systemd/system).", file_okay=False),
    ] = None,
    cron: Annotated[bool, typer.Option("--cron", help="A line for crontab instead of units for systemd.")] = False,
    at: Annotated[str, typer.Option(metavar="HH:MM", help="When the night begins; it then waits.")] = "04:15",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document: file names and texts.")] = False,
) -> None:
    """Make systemd or cron do the night: 'run --wait', once a day, made up for when the machine was off."""
    if not (shown or into or as_json) or (cron and into):
        raise UsageError(
            "nothing was asked for",
            mend="--print shows what to install, --into DIR writes the two units of systemd",
        )
    hour, command = _hour(at), [*program_of(ctx), *_RUN]
    settings = settings_of(ctx)
    home = settings.home.absolute()
    texts = (
        {"crontab": cron_line(command, home, hour)} if cron else units(command, home, hour, _written_to(settings))
    )
    if into:
        _write(into, texts)
    elif as_json:
        print_json(texts)
    else:
        for name, text in texts.items():
            typer.echo(text if cron else f"# {name}\n{text}")


def units(command: list[str], home: Path, at: time, others: Iterable[Path] = ()) -> dict[str, str]:
    """The two units, by file name.

    The random delay spares the publisher the rush of everybody's full hours; ``Persistent`` makes up for a time
    when the machine was off. A night that waits for a deposit takes hours: no time-out. The night runs as the
    owner of its home, and writes nowhere else but in the ``others``, which need not be there. Between two services
    it is the weight that counts, not the niceness: whoever asks ``serve`` meanwhile goes first.
    """
    writable = " ".join([_quoted(str(home)), *(_quoted(f"-{path}") for path in others)])
    service = f"""\
[Unit]
Description=rpps-sync: the nightly copy of the RPPS directory
Documentation=https://www.data.gouv.fr/fr/datasets/annuaire-sante-extractions-des-donnees-en-libre-acces/
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User={_owner(home)}
Environment={_quoted(f"RPPS_SYNC_HOME={home}")}
ExecStart={" ".join(map(_quoted, command))}
TimeoutStartSec=infinity
TimeoutStopSec=20
Nice=10
CPUWeight=20
UMask=0027
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=strict
ReadWritePaths={writable}
"""
    timer = f"""\
[Unit]
Description=rpps-sync: every night

[Timer]
OnCalendar=*-*-* {at:%H:%M}:00 Europe/Paris
RandomizedDelaySec=15min
Persistent=true

[Install]
WantedBy=timers.target
"""
    return {SERVICE: service, TIMER: timer}


def cron_line(command: list[str], home: Path, at: time) -> str:
    """One line for ``crontab -e``: a minute of its own, drawn now, spares the publisher everybody's full hours."""
    minute = at.minute + random.randrange(15)  # noqa: S311 - a delay, no secret
    hour, minute = (at.hour + minute // 60) % 24, minute % 60
    words = " ".join(shlex.quote(word) for word in [f"RPPS_SYNC_HOME={home}", *command]).replace("%", r"\%")
    return f"{minute} {hour} * * * /usr/bin/env {words}"


def _written_to(settings: Settings) -> list[Path]:
    """The folders beyond the home that a night writes to."""
    asked = [settings.inbox, settings.metrics_textfile and settings.metrics_textfile.parent]
    embedded = settings.database.removeprefix("sqlite:///")
    if embedded != settings.database:
        asked.append(Path(embedded).parent)
    home = settings.home.absolute()
    return sorted({path.absolute() for path in asked if path and not path.absolute().is_relative_to(home)})


def _owner(home: Path) -> str:
    """Whose the home is; before there is one, or when that account has no name, whoever asks."""
    try:
        return home.owner()
    except (OSError, KeyError):
        return getpass.getuser()


def _hour(at: str) -> time:
    from pipelines.timetable import is_doubtful

    try:
        hour = time.fromisoformat(at)
    except ValueError as error:
        raise UsageError(f"'{at}' is no hour", mend="write it as 04:15") from error
    if is_doubtful(hour, ZoneInfo("Europe/Paris")):
        raise UsageError(f"{at} exists twice, or never, on the night clocks change", mend="choose another hour")
    return hour


def _quoted(word: str) -> str:
    """One word of a unit: systemd knows ``%`` and ``$``, and splits at spaces."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if " " in escaped or '"' in word else escaped


def _write(folder: Path, texts: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    say(f"{SERVICE} and {TIMER} are in {folder}; 'systemctl daemon-reload && systemctl enable --now {TIMER}'")
