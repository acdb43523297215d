"""The schema's revisions: apply them, and refuse to work with a database they do not describe."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.search import postings
from rpps_sync.errors import DirectoryError

_INSTALLED = Path(__file__).parent / "_alembic"  # where a wheel carries them
_CHECKOUT = Path(__file__).parents[2] / "alembic"


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest revision, and fill what follows from the rest, in one transaction.

    Raises:
        DirectoryError: the database is newer than this program, or cannot be written.
    """
    refuse_newer(current(engine))
    config = _config()
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        postings.ensure(connection)


def current(engine: Engine) -> str:
    """The revision the database is at; empty for a database without schema."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def head() -> str:
    """The newest revision this program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def ensure_current(engine: Engine) -> None:
    """Check that the schema is the one this program was written for.

    Raises:
        DirectoryError: no schema yet, an older one, or a newer one; the mend says which command to run.
    """
    found = current(engine)
    if found == head():
        return
    refuse_newer(found)
    what = "has no schema yet" if not found else f"is at revision {found}, this program needs {head()}"
    raise DirectoryError(
        f"the database {what}", mend="run 'rpps-sync db upgrade' (the first 'rpps-sync run' does it too)"
    )


def refuse_newer(found: str) -> None:
    """Check that this program knows a revision.

    Raises:
        DirectoryError: it does not.
    """
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found and found not in known:
        raise DirectoryError(
            f"the database is at revision {found}, which this version of rpps-sync does not know: it is newer",
            mend="install the version of rpps-sync that wrote it, or a later one; nothing was changed",
            reason="database-newer",
        )


def _config() -> Config:
    config = Config()
    location = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    config.set_main_option("script_location", str(location).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
