"""Finding people and enriching tables at the command line."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extract_builder import hospital, national_id, person, rpps, world, write
from rpps_sync.publication import ExtractKind

PEOPLE = [
    person(1, family_name="LE GOFF", given_name="ANAÏS", **hospital(1)),
    person(2, family_name="=CMD()", given_name="ZOE", **hospital(2)),
]


class Site:
    """A home with one night of twenty people, two of them with names of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        lines = world(20)
        lines[ExtractKind.PERSONNE_ACTIVITE][1:3] = PEOPLE
        published = write(folder / "published", "202611200515", lines)
        assert self.run("run", "--from", str(published)).returncode == 0

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command in its own process."""
        return subprocess.run(
            [sys.executable, "-m", "rpps_sync", *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env={
                **os.environ,
                "RPPS_SYNC_HOME": str(self.folder / "home"),
                "RPPS_SYNC_NOW": "2026-11-20T20:00:00Z",
            },
        )

    def json(self, *arguments: str) -> Any:
        """What a command answers to a machine."""
        return json.loads(self.run(*arguments, "--json").stdout)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A night already run."""
    return Site(tmp_path_factory.mktemp("site"))


def test_a_person_is_found_as_people_type_names(site: Site) -> None:
    """The table shows who, what, where and why; the document tells the reasons."""
    shown = site.run("search", "anais", "legof", "--department", "69")
    assert "LE GOFF ANAÏS" in shown.stdout
    assert "family name begins with LEGOF" in shown.stdout
    (found,) = site.json("search", "anais", "legof")["results"]
    assert found["national_id"] == national_id(1)
    assert [reason["how"] for reason in found["reasons"]] == ["exact", "prefix"]


def test_nobody_answers_is_no_failure_and_nothing_asked_is_wrong_usage(site: Site) -> None:
    """Exit code 0 with a hint, 2 with a mend."""
    nobody = site.run("search", "inconnu")
    assert (nobody.returncode, nobody.stdout) == (0, "")
    assert "nobody answers" in nobody.stderr
    assert site.run("search").returncode == 2


@pytest.mark.parametrize(("separator", "encoding"), [(";", "cp1252"), (",", "utf-8"), ("\t", "utf-16")])
def test_a_csv_of_any_usual_kind_gets_its_columns(site: Site, separator: str, encoding: str) -> None:
    """Rows keep their place and their cells; formulas are made harmless whoever wrote them."""
    source, target = site.folder / f"in-{encoding}.csv", site.folder / f"out-{encoding}.csv"
    rows = [["prénom", "RPPS", "note"], ["é", rpps(2), "=1+1"], ["b", "12", "-5"], ["c", national_id(1), ""]]
    source.write_text("\n".join(separator.join(row) for row in rows), encoding=encoding)
    summary = site.json("enrich", str(source), "-o", str(target), "--id-column", "rpps")
    assert (summary["rows"], summary["by_status"]["found"], summary["by_status"]["malformed"]) == (3, 2, 1)
    with target.open(encoding="utf-8-sig", newline="") as file:
        told = list(csv.DictReader(file, delimiter=separator))
    assert [row["prénom"] for row in told] == ["é", "b", "c"]
    assert [row["note"] for row in told] == ["'=1+1", "-5", ""]
    assert [row["rpps_family_name"] for row in told] == ["'=CMD()", "", "LE GOFF"]
    assert [row["rpps_department"] for row in told] == ["69", "", "69"]


def test_a_workbook_and_a_parquet_file_are_written_from_one_another(site: Site) -> None:
    """Numbers of a spreadsheet are identifiers; Parquet keeps types and alters nothing."""
    book = openpyxl.Workbook()
    for row in (["id", "since"], [int(rpps(1)), 2020], [float(rpps(2)), 2021], [None, 2022]):
        book.active.append(row)
    book.save(site.folder / "in.xlsx")
    assert site.run("enrich", "in.xlsx", "-o", "mid.parquet", "--id-column", "id").returncode == 0
    assert pq.read_table(site.folder / "mid.parquet")["rpps_family_name"].to_pylist() == ["LE GOFF", "=CMD()", ""]
    pq.write_table(pa.table({"id": [rpps(1)], "beds": pa.array([7], pa.int16())}), site.folder / "in.parquet")
    assert site.run("enrich", "in.parquet", "-o", "out.parquet", "--id-column", "id").returncode == 0
    out = pq.read_table(site.folder / "out.parquet")
    assert (out.schema.field("beds").type, out["rpps_status"].to_pylist()) == (pa.int16(), ["found"])
    assert site.run("enrich", "in.parquet", "-o", "out.xlsx", "--id-column", "id").returncode == 0
    sheet = openpyxl.load_workbook(site.folder / "out.xlsx").active
    assert sheet.max_row == 2


def test_what_cannot_be_enriched_leaves_nothing_behind(site: Site) -> None:
    """A column that is not there, a row with too many cells, a file that exists: one sentence, exit 2, no file."""
    (site.folder / "bad.csv").write_text(f"id,x\n{rpps(1)},1\n{rpps(1)},1,2\n")
    before = sorted(site.folder.iterdir())
    for arguments, told in (
        (("bad.csv", "-o", "new.csv", "--id-column", "rpps"), "its columns are: id, x"),
        (("bad.csv", "-o", "new.csv", "--id-column", "id"), "row 3: 3 cells"),
        (("bad.csv", "-o", "bad.csv", "--id-column", "id"), "exists"),
        (("bad.csv", "-o", "new.ods", "--id-column", "id"), "*.xlsx"),
    ):
        failed = site.run("enrich", *arguments)
        assert failed.returncode == 2
        assert told in failed.stderr
    assert sorted(site.folder.iterdir()) == before


def test_rows_without_a_known_identifier_are_matched_by_name(site: Site) -> None:
    """The identifier first; then names, with the verdict beside; formulas stay harmless."""
    source = site.folder / "unnamed.csv"
    source.write_text(f"Nom;Prénom;RPPS\nLe Goff;Anais;\nNobody;Atall;12\n;;{rpps(2)}\n", encoding="utf-8")
    target = site.folder / "named.csv"
    told = site.json(
        "enrich", str(source), "-o", str(target), "--id-column", "RPPS", "--match", "family=Nom,given=Prénom"
    )
    with target.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert [row["rpps_national_id"] for row in rows][::2] in (
        [national_id(1), national_id(2)],
        ["", national_id(2)],
    )
    assert [row["rpps_match"] for row in rows][1:] == ["none", ""]
    assert rows[0]["rpps_candidates"] == national_id(1)
    assert sum(told["by_match"].values()) == 2


def test_an_order_that_names_nobody_is_refused(site: Site) -> None:
    """Neither a column of identifiers nor one of family names; or one that is no trait."""
    source = site.folder / "nobody.csv"
    source.write_text("Nom\nX\n", encoding="utf-8")
    for match in ((), ("--match", "given=Nom"), ("--match", "nom=Nom"), ("--match", "family")):
        done = site.run("enrich", str(source), "-o", str(site.folder / "out.csv"), *match)
        assert done.returncode == 2
        assert "mend:" in done.stderr
    assert not (site.folder / "out.csv").exists()
