"""How every command speaks: results on standard output, everything else on standard error.

    print_json(value)            one JSON document, for ``--json``
    print_line(value)            one JSON document on one line, for feeds (NDJSON)
    table(title, columns, rows)  a table for people
    say(text)                    a note for people, silent under ``--quiet``
    progress(description, total) a bar on a terminal, nothing elsewhere
    settings_of(ctx)             the settings in force for this invocation

Text that comes from files is shown with its control characters replaced: an extract must not drive a terminal.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rpps_sync.settings import Settings

PIPE_WIDTH = 1000  # columns of a table that no terminal shows: wide enough to cut nothing


@dataclass(frozen=True, slots=True)
class Invocation:
    """The options given before the name of the command."""

    config: Path | None = None
    quiet: bool = False
    verbose: bool = False


_invocation = Invocation()


def begin(invocation: Invocation) -> None:
    """Remember the global options of this process; called once, before any command."""
    global _invocation  # noqa: PLW0603 - one process runs one command
    _invocation = invocation


def is_quiet() -> bool:
    """Whether ``--quiet`` was given."""
    return _invocation.quiet


def settings_of(ctx: typer.Context) -> Settings:
    """The settings in force: defaults, file (``--config``), environment.

    Raises:
        UsageError: a setting is not acceptable, or the file cannot be read.
    """
    from rpps_sync.settings import load

    given = ctx.find_root().obj
    return load(given.config if isinstance(given, Invocation) else None)


def print_json(value: Any) -> None:
    """Write one JSON document on standard output; dates and paths become text."""
    _write(_json(value, indent=2))


def print_line(value: Any) -> None:
    """Write one JSON document on one line of standard output."""
    _write(_json(value, indent=None))


def say(text: str) -> None:
    """Tell people something on standard error, unless ``--quiet``."""
    if not _invocation.quiet:
        complain(text)


def complain(text: str) -> None:
    """Write a line on standard error, ``--quiet`` or not."""
    sys.stderr.write("\n".join(printable(line) for line in text.splitlines()) + "\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Show a table on standard output; empty cells for None, nothing cut when the output is a pipe.

    A tuple in a cell is shown as lines, one under the other.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(title=Text(printable(title)) if title else None, box=box.SIMPLE_HEAD, title_justify="left")
    for column in columns:
        shown.add_column(Text(column), overflow="fold")
    for row in rows:
        shown.add_row(*(Text(_lines(cell)) for cell in row))
    Console(width=None if sys.stdout.isatty() else PIPE_WIDTH).print(shown)


def _lines(cell: object) -> str:
    parts = cell if isinstance(cell, tuple) else (cell,)
    return "\n".join(printable("" if part is None else str(part)) for part in parts)


def printable(text: str) -> str:
    """The text with control characters (escape sequences, direction overrides) replaced by a middle dot."""
    return "".join(char if char.isprintable() else "·" for char in text)


@dataclass(frozen=True, slots=True)
class Bar:
    """What ``progress`` hands out."""

    advance: Callable[[int], None]


@contextmanager
def progress(description: str, total: int | None = None) -> Iterator[Bar]:
    """Show a bar on standard error while the block runs, when a person is watching.

    Args:
        description: what is being done, in a few words.
        total: how much there is to do, in the unit of ``advance``; None when nobody knows.
    """
    if _invocation.quiet or not sys.stderr.isatty():
        yield Bar(advance=lambda _: None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(printable(description), total=total)
        yield Bar(advance=lambda amount: bars.advance(task, amount))


def leave_pipe() -> None:
    """Point standard output at nothing: its reader left (``| head``), and Python would complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(line: str) -> None:
    try:
        sys.stdout.write(line + "\n")
    except BrokenPipeError as error:
        leave_pipe()
        raise typer.Exit from error


def _json(value: Any, *, indent: int | None) -> str:
    speaks_utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    return json.dumps(value, indent=indent, ensure_ascii=not speaks_utf8, default=_plain)


def _plain(value: object) -> object:
    from collections.abc import Set as AbstractSet
    from datetime import date, datetime

    from rpps_sync.clock import iso

    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, AbstractSet):
        return sorted(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a JSON document")
