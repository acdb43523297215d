"""How the command line starts, fails and stops."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rpps_sync import __version__

HEAVY = ("pandas", "polars", "great_expectations", "sqlalchemy", "httpx", "pyarrow", "joserfc", "pydantic")

# A program that is rpps-sync with one more command, so that failures nobody foresaw can be provoked.
WITH_A_COMMAND = """
import sys, time
from rpps_sync.cli import app, main
from rpps_sync.cli.output import print_line

@app.command()
def provoked() -> None:
    {body}

sys.argv[1:] = ["provoked", *sys.argv[1:]]
main()
"""

Command = Callable[..., Any]


def provoke(body: str, home: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start rpps-sync with a command that does ``body``."""
    return subprocess.Popen(
        [sys.executable, "-c", WITH_A_COMMAND.format(body=body), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "RPPS_SYNC_HOME": str(home)},
    )


def test_help_imports_none_of_the_heavy_libraries() -> None:
    """Asking for help costs no engine, no database layer and no network client."""
    program = (
        "import sys; from rpps_sync.cli import _run; code = _run(['--help']);"
        f"print([name for name in {HEAVY!r} if name in sys.modules], code, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[] 0"
    assert "lookup" in done.stdout


def test_version_is_told_and_nothing_else(rpps_sync: Command) -> None:
    """``--version`` prints one line."""
    assert rpps_sync("--version").out == f"rpps-sync {__version__}\n"


def test_unknown_option_is_wrong_usage(rpps_sync: Command) -> None:
    """A mistyped option exits with 2 and says where to read."""
    answer = rpps_sync("runs", "--nonsense")
    assert answer.code == 2
    assert "--nonsense" in answer.err
    assert "mend: see 'rpps-sync runs --help'" in answer.err
    assert answer.out == ""


def test_error_is_a_json_document_when_json_was_asked(rpps_sync: Command) -> None:
    """A machine reads the same sentence, the mend, the reason and the exit code on standard output."""
    answer = rpps_sync("lookup", "12", "--json")
    assert answer.code == 2
    assert answer.json["error"]["exit_code"] == 2
    assert answer.json["error"]["reason"] == "malformed"
    assert answer.json["error"]["what"] in answer.err


def test_missing_settings_file_is_named(rpps_sync: Command) -> None:
    """``--config`` with a wrong path exits with 2 and names the path."""
    answer = rpps_sync("--config", "nowhere.toml", "config", "show")
    assert answer.code == 2
    assert "nowhere.toml" in answer.err


def test_unforeseen_error_leaves_a_crash_log_without_identifiers(tmp_path: Path) -> None:
    """One sentence with the path of a file; the file has the traceback and no RPPS number."""
    process = provoke("raise ZeroDivisionError('99900000003 divided')", tmp_path)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Traceback" not in err + out
    (log,) = (tmp_path / "crashes").iterdir()
    assert str(log) in err
    assert "ZeroDivisionError: *** divided" in log.read_text()


def test_crash_log_goes_elsewhere_when_home_cannot_be_written(tmp_path: Path) -> None:
    """A home that is a file does not hide the error."""
    home = tmp_path / "home"
    home.write_text("not a folder")
    process = provoke("raise ZeroDivisionError", home)
    _, err = process.communicate(timeout=30)
    path = Path(err.split("the details are in ")[1].splitlines()[0])
    assert path.is_file()
    path.unlink()


def test_sigterm_ends_cleanly_with_143(tmp_path: Path) -> None:
    """A stopped service unwinds, says so in one line and exits with 143."""
    process = provoke("print('ready', flush=True); time.sleep(60)", tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 143
    assert err == "stopped by SIGTERM; what was served before is still served\n"


def test_ctrl_c_ends_cleanly_with_130(tmp_path: Path) -> None:
    """A person who stops a command sees no traceback."""
    process = provoke("print('ready', flush=True); time.sleep(60)", tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err


def test_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    """``rpps-sync changes | head`` ends in silence."""
    process = provoke("[print_line({'number': n}) for n in range(50_000)]", tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == '{"number": 0}\n'
    process.stdout.close()
    process.wait(timeout=30)
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.returncode == 0


def test_no_color_is_respected(rpps_sync: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under NO_COLOR no escape sequence is written, even where colour is forced by the terminal."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in rpps_sync("--help").out
