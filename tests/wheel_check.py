"""Build the wheel, look inside, and run it in an empty environment, in an empty folder.

    make wheel-check

A script rather than a test: installing everything takes a minute.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]

INSIDE = (
    "rpps_sync/py.typed",
    "rpps_sync/directory/_alembic/env.py",
    "rpps_sync/directory/_alembic/versions/0001_directory.py",
    "rpps_sync/publisher/layouts.toml",
    "rpps_sync/publisher/resources.toml",
    "rpps_sync/nomenclature/systems.toml",
    "rpps_sync/nomenclature/data/tables.toml",
    "rpps_sync/reporting/templates/report.html.j2",
    "rpps_sync/reporting/catalogues/fr.toml",
    "pipelines/nightly.py",
    "dashboards/app.py",
    "dashboards/catalogues/fr.toml",
    "dashboards/maps/departments.geojson",
    "dashboards/maps/SOURCES.md",
)
FOLDERS = {"pipelines": "*.toml", "rpps_sync/nomenclature/data": "*.csv", "rpps_sync/simulator/data": "*"}


def main() -> None:
    """Stop with a sentence at the first thing that is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        run(
            sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, str(ROOT), at=here
        )
        (wheel,) = here.glob("rpps_sync-*.whl")
        look_inside(wheel)
        python = here / "environment" / "bin" / "python"
        run(sys.executable, "-m", "venv", str(python.parents[1]), at=here)
        run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel), at=here)
        empty = here / "empty"
        empty.mkdir()
        for arguments in (["--help"], ["doctor"], ["demo"]):
            run(str(python.with_name("rpps-sync")), *arguments, at=empty)
    print(f"{wheel.name} works in an empty environment")  # noqa: T201 - a script that people read


def look_inside(wheel: Path) -> None:
    """Everything that is not Python must have travelled too, and nothing of the tests."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    expected = set(INSIDE)
    for folder, pattern in FOLDERS.items():
        expected |= {str(path.relative_to(ROOT)) for path in (ROOT / folder).glob(pattern) if path.is_file()}
    if missing := sorted(expected - names):
        sys.exit(f"not in the wheel: {', '.join(missing)}")
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    if strangers := tops - {"rpps_sync", "pipelines", "dashboards"}:
        sys.exit(f"should not be in the wheel: {', '.join(sorted(strangers))}")


def run(*command: str, at: Path) -> None:
    """Run a command in a folder, and stop when it fails."""
    environment = {**os.environ, "RPPS_SYNC_HOME": str(at / "home")}
    if (code := subprocess.run(command, cwd=at, env=environment, check=False).returncode) != 0:
        sys.exit(f"{' '.join(command)} ended with {code}")


if __name__ == "__main__":
    main()
