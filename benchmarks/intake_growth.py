"""What taking observations in costs as they pile up: memory of the process, and room in the database.

    python benchmarks/intake_growth.py --lines 1000000 --people 10000
    python benchmarks/intake_growth.py --lines 1000000 --people 1000000

One application, attested lines, made while they are read, so that neither a file nor its cache is measured. Each
person signs in again and again over thirty days and changes once, on the fifteenth. A row for every tenth of the
lines: memory now and its peak, states of claims, digests of lines, bytes of both in the file.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, func, select

from pipelines.claims_intake import take_in
from rpps_sync import clock, logs
from rpps_sync.directory import migrations
from rpps_sync.directory.engine import open_engine, reading
from rpps_sync.directory.tables import INTAKE, OBSERVATIONS
from rpps_sync.psc.keys import Keys
from rpps_sync.psc.tokens import Verifier

DAYS = 30
FIRST = datetime(2026, 11, 1, 8, tzinfo=UTC)
CHANGE = 15  # day on which everybody changes sector
ROWS = 10


class SignIns(io.RawIOBase):
    """A stream of JSON lines that exist only while they are read."""

    def __init__(self, lines: int, people: int) -> None:
        super().__init__()
        self._lines = _lines(lines, people)
        self._rest = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] - the library's own is wider
        """The next bytes."""
        while not self._rest:
            line = next(self._lines, None)
            if line is None:
                return 0
            self._rest = line
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _lines(lines: int, people: int) -> Iterator[bytes]:
    for number in range(lines):
        day, who = number * DAYS // lines, number * 7_919 % people
        instant = FIRST + timedelta(days=day, milliseconds=number)
        yield json.dumps(_observation(who, instant, moved=day >= CHANGE), separators=(",", ":")).encode() + b"\n"


def _observation(who: int, instant: datetime, *, moved: bool) -> dict[str, object]:
    activity = {
        "codeModeExercice": "S",
        "codeSecteurDactivite": "SA02" if moved else "SA01",
        "identifiantTechniqueDeLaStructure": f"F{who % 5_000:09}",
        "numeroVoie": str(who % 200 + 1),
        "codeTypeDeVoie": "R",
        "libelleVoie": "DES LILAS",
        "codePostal": f"{10_000 + who % 80_000}",
        "telephone": f"01990{who % 100_000:05}",
        "autoriteDenregistrement": "CNOM/CNOM/ARS",
    }
    exercise = {
        "codeProfession": "10",
        "codeCategorieProfessionnelle": "C",
        "nomDexercice": f"EXEMPLE {who % 9_973}",
        "prenomDexercice": "CAMILLE",
        "activities": [activity],
    }
    userinfo = {"sub": f"s{who}", "SubjectNameID": _national_id(who), "SubjectRefPro": {"exercices": [exercise]}}
    return {"observed_at": instant.isoformat(), "source": "dpi", "userinfo": userinfo}


def _national_id(who: int) -> str:
    digits = f"999{who:07}"
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits))]
    return f"8{digits}{-sum(value // 10 + value % 10 for value in doubled) % 10}"


def main() -> None:
    """Take the lines in, and print the rows."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--lines", type=int, default=100_000)
    asked.add_argument("--people", type=int, default=10_000)
    options = asked.parse_args()
    logs.configure(quiet=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "directory.sqlite"
        engine = open_engine(f"sqlite:///{file}")
        migrations.upgrade(engine)
        print("| lines | RSS MB | peak MB | states | digests | MB of states | MB of digests | CPU s |")
        print("|---|---|---|---|---|---|---|---|")
        _row(engine, 0)
        taken, step = 0, max(1, options.lines // ROWS)

        def progress(more: int) -> None:
            nonlocal taken
            taken += more
            if taken // step > (taken - more) // step:
                _row(engine, taken)

        stream = io.BufferedReader(SignIns(options.lines, options.people), 1 << 20)
        verifier = Verifier("https://issuer.invalid", "", Keys("", issuer="https://issuer.invalid"))
        with clock.pinned(FIRST + timedelta(days=DAYS)):
            summary = take_in(engine, stream, verifier, grace=3, progress=progress)
        assert summary.accepted == options.lines, summary.refused
        _row(engine, taken)
        engine.dispose()


def _row(engine: Engine, taken: int) -> None:
    with reading(engine) as connection:
        states, digests = (
            connection.scalar(select(func.count()).select_from(table)) for table in (OBSERVATIONS, INTAKE)
        )
        pages = connection.exec_driver_sql("SELECT name, sum(pgsize) FROM dbstat GROUP BY name")
        sizes: dict[str, int] = {name: size for name, size in pages}  # noqa: C416 - rows are no pairs to dict()
    rooms = [
        sum(size for name, size in sizes.items() if name == table.name or f"_{table.name}_" in f"{name}_")
        for table in (OBSERVATIONS, INTAKE)
    ]
    now = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    cells = [taken, now, peak, states, digests, *(room / 1e6 for room in rooms), time.process_time()]
    print("| " + " | ".join(f"{cell:,.0f}" for cell in cells) + " |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
