"""What people and machines read."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rpps_sync.cli import output


def test_json_document_holds_dates_paths_and_accents(capsys: pytest.CaptureFixture[str]) -> None:
    """Dates become ISO text, paths become text, accents survive."""
    output.print_json(
        {
            "at": datetime(2026, 11, 20, 8, tzinfo=UTC),
            "day": date(2026, 11, 20),
            "where": Path("x"),
            "été": {"b", "a"},
        }
    )
    assert json.loads(capsys.readouterr().out) == {
        "at": "2026-11-20T08:00:00Z",
        "day": "2026-11-20",
        "where": "x",
        "été": ["a", "b"],
    }


def test_json_stays_readable_on_a_terminal_without_utf8(monkeypatch: pytest.MonkeyPatch) -> None:
    """An old locale gets escapes instead of an encoding error."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr(sys, "stdout", stream)
    output.print_line({"name": "Œuvre – Łódź"})
    stream.flush()
    assert json.loads(stream.buffer.getvalue()) == {"name": "Œuvre – Łódź"}


def test_value_without_json_form_is_a_mistake_told_at_once() -> None:
    """No object is silently written as its representation."""
    with pytest.raises(TypeError, match="object has no place"):
        output.print_json({"value": object()})


def test_table_shows_escape_sequences_as_dots(capsys: pytest.CaptureFixture[str]) -> None:
    """A name from an extract cannot drive the terminal, and is no markup either."""
    output.table("t", ("name",), [("\x1b[31mRED[bold]",), (None,)])
    shown = capsys.readouterr().out
    assert "·[31mRED[bold]" in shown
    assert "\x1b" not in shown


def test_table_in_a_pipe_cuts_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """A long cell stays on one line when nobody looks at a terminal."""
    output.table("", ("path",), [("x" * 300,)])
    assert "x" * 300 in capsys.readouterr().out


def test_quiet_silences_notes_but_not_errors(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under ``--quiet`` only complaints reach standard error."""
    monkeypatch.setattr(output, "_invocation", output.Invocation(quiet=True))
    output.say("a note")
    output.complain("an error")
    assert capsys.readouterr() == ("", "an error\n")


def test_progress_is_silent_when_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    """Under cron a bar would fill the mailbox."""
    with output.progress("working", total=2) as bar:
        bar.advance(2)
    assert capsys.readouterr() == ("", "")


def test_progress_is_drawn_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person watching sees what is being done."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with output.progress("reading [lines]", total=2) as bar:
        bar.advance(2)
    assert "reading [lines]" in terminal.getvalue()
