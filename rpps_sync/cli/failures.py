"""What people and machines see when a command cannot do its work: a sentence, the mend, and an exit code.

Nobody sees a traceback. An error nobody foresaw leaves one in a file under the home folder, with identifiers and
tokens taken out, and its path is told.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

import typer

from rpps_sync.cli.output import complain, print_line
from rpps_sync.errors import EXIT_FAILED, EXIT_USAGE, RppsSyncError


def tell(error: BaseException, *, as_json: bool) -> int:
    """Say what went wrong on standard error, and on standard output as JSON when that was asked for.

    Returns:
        The exit code (docs/exit-codes.md).
    """
    if isinstance(error, RppsSyncError):
        return _told(error.what, error.mend, error.reason, error.exit_code, as_json=as_json)
    if isinstance(error, typer.TyperException):
        return _told(error.format_message(), _where_to_read(error), "usage", EXIT_USAGE, as_json=as_json)
    if _is_database_error(error):
        return _told(
            f"the database refused: {getattr(error, 'orig', None) or type(error).__name__}",
            "run 'rpps-sync doctor'; another program may hold the database, or its disk may be full",
            "database",
            EXIT_FAILED,
            as_json=as_json,
        )
    if isinstance(error, OSError) and error.filename is not None:
        return _told(
            f"{error.filename}: {error.strerror}",
            "check the path, its permissions and the free space; 'rpps-sync doctor' looks at all three",
            "file-system",
            EXIT_FAILED,
            as_json=as_json,
        )
    return _told(
        f"this should not have happened ({type(error).__name__}); the details are in {_kept(error)}",
        "send that file with your report; it holds neither tokens nor identifiers",
        "unexpected",
        EXIT_FAILED,
        as_json=as_json,
    )


def _told(what: str, mend: str, reason: str, exit_code: int, *, as_json: bool) -> int:
    complain(f"error: {what}")
    if mend:
        complain(f"mend: {mend}")
    if as_json:
        print_line({"error": {"what": what, "mend": mend, "reason": reason, "exit_code": exit_code}})
    return exit_code


def _where_to_read(error: typer.TyperException) -> str:
    ctx = getattr(error, "ctx", None)
    return f"see '{ctx.command_path if ctx else 'rpps-sync'} --help'"


def _is_database_error(error: BaseException) -> bool:
    # Looked up, not imported: a command that never touched the database must not pay for SQLAlchemy here.
    library = sys.modules.get("sqlalchemy.exc")
    return library is not None and isinstance(error, library.DBAPIError)


def _kept(error: BaseException) -> Path:
    from rpps_sync.logs import redacted

    text = redacted("".join(traceback.format_exception(error)))
    name = f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
    try:
        return _written(_home() / "crashes" / name, text)
    except (OSError, RppsSyncError):
        return _written(Path(tempfile.gettempdir()) / f"rpps-sync-{name}", text)


def _home() -> Path:
    from rpps_sync.settings import load

    return load().home


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
