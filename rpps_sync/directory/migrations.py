"""The schema's revisions: apply them, and refuse to work with a database they do not describe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text

from rpps_sync.directory.engine import reading, writing
from rpps_sync.errors import DirectoryError

if TYPE_CHECKING:
    from alembic.config import Config

_INSTALLED = Path(__file__).parent / "_alembic"  # where a wheel carries them
_CHECKOUT = Path(__file__).parents[2] / "alembic"


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest revision, and fill what follows from the rest, in one transaction.

    Raises:
        DirectoryError: the database is newer than this program, or cannot be written.
    """
    from alembic import command  # noqa: PLC0415 - heavy, and an upgrade is rare

    from rpps_sync.directory import organizations  # noqa: PLC0415 - idem
    from rpps_sync.directory.search import postings  # noqa: PLC0415 - idem

    refuse_newer(current(engine))
    config = _config()
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        postings.ensure(connection)
        organizations.ensure(connection)


def current(engine: Engine) -> str:
    """The revision the database is at; empty for a database without schema."""
    with reading(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def head() -> str:
    """The newest revision this program knows."""
    return max(_known())


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
    if found and found not in _known():
        raise DirectoryError(
            f"the database is at revision {found}, which this version of rpps-sync does not know: it is newer",
            mend="install the version of rpps-sync that wrote it, or a later one; nothing was changed",
            reason="database-newer",
        )


def _location() -> Path:
    return _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT


def _known() -> set[str]:
    """The revisions: the numbers that their files begin with. Asking Alembic would load it every night."""
    return {path.name[:4] for path in (_location() / "versions").glob("[0-9]*.py")}


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415 - only an upgrade needs it

    config = Config()
    config.set_main_option("script_location", str(_location()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
