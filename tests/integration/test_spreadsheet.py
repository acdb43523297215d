"""The lines behind a failed check, opened by a real spreadsheet program."""

import csv
import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest

from rpps_sync.quality.rows import write_csv

HOSTILE = ["=1+1", "+1+1", "-1+1", "@SUM(1;1)", ' =HYPERLINK("http://x.invalid")', "\t=1+1", "DUPONT"]


def opened(file: Path, office: str) -> list[list[str]]:
    """What the program shows in the cells of a file: formulas as the values it computed."""
    profile = f"-env:UserInstallation=file://{file.parent / 'profile'}"
    shown = file.parent / "shown"
    # Semicolons, double quotes, UTF-8, formulas evaluated where there are some; then the cells as shown.
    options = ["--infilter=CSV:59,34,76,1,,0,false,true,false,false,false,-1,true", "--convert-to", "csv"]
    subprocess.run(
        [office, profile, "--headless", *options, "--outdir", str(shown), str(file)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    (made,) = shown.glob("*.csv")
    with made.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def test_no_cell_of_an_export_is_computed_by_a_spreadsheet(tmp_path: Path) -> None:
    """Whatever a publisher wrote into a name, LibreOffice shows it as text."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed (apt-get install libreoffice-calc)")
    naive = tmp_path / "naive" / "rows.csv"
    naive.parent.mkdir()
    naive.write_text('"family_name"\n=1+1\n', encoding="utf-8")
    assert opened(naive, office)[1:] == [["2"]], "this program computes what it is given"
    file = tmp_path / "rows.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        write_csv([pl.DataFrame({"family_name": HOSTILE})], stream)
    cells = [row[0] for row in opened(file, office)[1:]]
    assert [cell.lstrip("'").strip() for cell in cells] == [text.strip() for text in HOSTILE]
