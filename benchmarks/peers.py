"""The activity extract into a database: what people do today, and a first load of ours, in the same run.

    python benchmarks/peers.py [--lines 229000] [--runs 3]

Theirs put text into one table, without history, checks, archive or report. They are installed into an environment
of their own. Each is told that the format knows no quotes, where it can be told. ``psql`` runs against a private
server.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

from measure import Cost, run

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from postgres_server import Server, libpq, serving

LINES_A_PRACTITIONER = 1.17
PROGRAM = [sys.executable, "-m", "rpps_sync", "--quiet"]
PANDAS = """
import sqlite3, sys
import pandas
into = sqlite3.connect(sys.argv[2])
for part in pandas.read_csv(sys.argv[1], sep="|", dtype=str, quoting=3, keep_default_na=False, chunksize=50_000):
    part.to_sql("activities", into, if_exists="append", index=False)
"""


def main() -> None:
    """Measure, and print the table of RESULTS.md."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--lines", type=int, default=229_000)
    asked.add_argument("--runs", type=int, default=3)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as name, serving() as server:
        folder = Path(name)
        people = str(int(options.lines / LINES_A_PRACTITIONER))
        days = ["simulate", "publish", "--out", str(folder / "world"), "--practitioners", people, "--days", "1"]
        run([*PROGRAM, *days, "--start", "2026-11-19"])
        file = next((folder / "world" / "day-1").glob("*personne*"))
        print(
            f"{file.stat().st_size / 1e6:.0f} MB of activities\n\n| way | wall s | CPU s | peak RSS MB | ratio |"
        )
        print("|---|---|---|---|---|")
        ours: Cost | None = None
        for way, command, environment in _ways(folder, file, server):
            cost = Cost.median([_afresh(folder, command, environment) for _ in range(options.runs)])
            ours = ours or cost
            told = "" if cost.exit_code == 0 else f" (exit code {cost.exit_code})"
            print(
                f"| {way}{told} | {cost.wall:.1f} | {cost.cpu:.1f} | {cost.peak_rss / 1e6:.0f} "
                f"| {cost.wall / ours.wall:.2f} |",
                flush=True,
            )


def _afresh(folder: Path, command: list[str], environment: dict[str, str]) -> Cost:
    for left in ("home", "theirs.sqlite"):
        subprocess.run(["/bin/rm", "-rf", str(folder / left)], check=True)
    return run(command, environment)


def _ways(folder: Path, file: Path, server: Server) -> Iterator[tuple[str, list[str], dict[str, str]]]:
    theirs, into = folder / "venv" / "bin", str(folder / "theirs.sqlite")
    venv.create(folder / "venv", with_pip=True)
    packages = ["sqlite-utils", "csvs-to-sqlite"]
    subprocess.run([str(theirs / "python"), "-m", "pip", "install", "-q", *packages], check=True)
    settings = {
        "RPPS_SYNC_HOME": str(folder / "home"),
        "RPPS_SYNC_EXTRACTS": "personne-activite",
        "RPPS_SYNC_NOW": "2026-11-19T20:00:00Z",
    }
    yield "rpps-sync run, first load", [*PROGRAM, "run", "--from", str(file.parent)], settings
    yield "pandas.read_csv and to_sql", [sys.executable, "-c", PANDAS, str(file), into], {}
    flags = ["--csv", "--delimiter", "|", "--quotechar", "\x01"]
    yield (
        "sqlite-utils insert",
        [str(theirs / "sqlite-utils"), "insert", into, "activities", str(file), *flags],
        {},
    )
    yield "csvs-to-sqlite", [str(theirs / "csvs-to-sqlite"), "-s", "|", "-q", "3", str(file), into], {}
    url = libpq(server.empty())
    columns = ", ".join(
        f"c{number} text" for number in range(file.open(encoding="utf-8").readline().count("|") + 1)
    )
    script = (
        f"DROP TABLE IF EXISTS a; CREATE TABLE a ({columns});\n"
        f"\\copy a FROM '{file}' WITH (FORMAT csv, HEADER, DELIMITER '|', QUOTE E'\\x01')\n"
    )
    (folder / "copy.sql").write_text(script, encoding="utf-8")
    yield "psql \\copy", ["psql", "-q", "-v", "ON_ERROR_STOP=1", url, "-f", str(folder / "copy.sql")], {}


if __name__ == "__main__":
    main()
