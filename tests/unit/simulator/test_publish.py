import hashlib
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from rpps_sync import clock
from rpps_sync.errors import UsageError
from rpps_sync.identifiers import is_rpps_number
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.catalogue import resource
from rpps_sync.publisher.layouts import layout, read_header
from rpps_sync.simulator.codes import code_table
from rpps_sync.simulator.communes import communes
from rpps_sync.simulator.publish import default_start, publish
from simulated_days import FIRST_DAY, read


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()
    }


def test_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    """Everything under the folder is identical, catalogue and script included."""
    for name in ("a", "b"):
        publish(tmp_path / name, practitioners=400, first_day=FIRST_DAY, days=3, seed=9)
    assert _contents(tmp_path / "a") == _contents(tmp_path / "b")


def test_another_seed_invents_other_people(tmp_path: Path) -> None:
    """The seed decides who there is."""
    for seed in (1, 2):
        publish(tmp_path / str(seed), practitioners=200, first_day=FIRST_DAY, days=1, seed=seed)
    first, second = (set(read(tmp_path / str(seed) / "day-1")["family_name"]) for seed in (1, 2))
    assert first != second


@pytest.mark.parametrize("kind", list(ExtractKind))
def test_headers_are_those_of_the_newest_vintage(simulation: Path, kind: ExtractKind) -> None:
    """The first line is the layout's header, without a trailing pipe, and every line has as many fields."""
    with (simulation / "day-1" / layout(kind).file_name).open(encoding="utf-8", newline="") as file:
        header, *lines = file.read().split("\n")[:-1]
    assert header == layout(kind).header
    assert read_header(kind, header).vintage == layout(kind).vintages[-1][0]
    assert {line.count("|") for line in lines} == {header.count("|")}
    assert not any("\r" in line for line in lines)


def test_identifiers_are_well_formed_and_agree_with_one_another(simulation: Path) -> None:
    """The national identifier is the type followed by an RPPS number with a valid key."""
    lines = read(simulation / "day-1")
    assert (lines["national_id"] == lines["id_type"] + lines["identifier"]).all()
    assert all(is_rpps_number(number) for number in lines["identifier"].unique())


def test_nobody_has_more_than_six_lines(simulation: Path) -> None:
    """Practitioners have one to six lines, and some have several."""
    sizes = read(simulation / "day-1")["national_id"].value_counts()["count"]
    assert 2 <= sizes.max() <= 6


def test_some_lines_stand_twice_and_are_identical(simulation: Path) -> None:
    """Exact duplicates exist, as in the real file."""
    assert 5 < read(simulation / "day-1").is_duplicated().sum() < 100


def test_two_fifths_of_the_lines_have_no_structure(simulation: Path) -> None:
    """Some 43 % of the lines name no structure and no place."""
    lines = read(simulation / "day-1")
    alone = lines.filter(pl.all_horizontal(pl.col("technical_id", "former_id", "finess", "commune_label") == ""))
    assert 0.38 < alone.height / lines.height < 0.48


def test_professions_come_in_the_proportions_of_the_real_file(simulation: Path) -> None:
    """Nurses are a third, doctors a sixth, and more than twenty professions are there."""
    people = read(simulation / "day-1").unique(["national_id", "profession"])
    shares = {code: count / people.height for code, count in people["profession"].value_counts().iter_rows()}
    assert 0.31 < shares["60"] < 0.41
    assert 0.14 < shares["10"] < 0.22
    assert len(shares) > 20


def test_people_have_students_titles_skills_and_second_professions(simulation: Path) -> None:
    """Categories, several skills and two professions all occur."""
    lines = read(simulation / "day-1")
    assert set(lines["category"].unique()) >= {"C", "E", "M"}
    assert set(lines["skill_type"].unique()) >= {"", "S", "DNQ", "SH"}
    by_person = lines.group_by("national_id").agg(pl.col("profession", "skill").n_unique())
    assert (by_person["profession"] > 1).sum() > 5
    assert (by_person["skill"] > 1).sum() > 20


def test_structures_are_shared_and_named_in_every_form(simulation: Path) -> None:
    """Technical identifiers are F, C or R; former ones 0, 1, 3 or 4; several people share one."""
    lines = read(simulation / "day-1").filter(pl.col("technical_id") != "")
    assert set(lines["technical_id"].str.head(1)) == {"F", "C", "R"}
    assert set(lines["former_id"].str.head(1)) == {"", "0", "1", "3", "4"}
    assert lines.group_by("technical_id").agg(pl.col("national_id").n_unique())["national_id"].max() > 20
    sited = lines.filter((pl.col("finess") != "") & (pl.col("technical_id").str.starts_with("F")))
    assert (sited["technical_id"] == "F" + sited["finess"]).all()


def test_addresses_have_the_traps_of_the_real_file(simulation: Path) -> None:
    """No department, CEDEX codes, communes without code, streets with their type inside."""
    lines = read(simulation / "day-1").filter(pl.col("technical_id") != "")
    assert set(lines["department"]) | set(lines["department_label"]) == {""}
    assert lines["cedex"].str.contains("CEDEX").any()
    assert ((lines["commune"] == "") & (lines["commune_label"] != "")).sum() > 20
    assert ((lines["street_type_label"] == "") & lines["street"].str.starts_with("RUE ")).any()
    assert (lines["country"] == "").any()
    assert (lines["country"] == "99000").any()
    real = set(communes()["code"])
    assert set(lines["commune"]) - {""} <= real
    assert lines["commune_label"].str.contains("  Arrondissement").any()


def test_names_hold_quotes_and_backslashes_as_they_are(tmp_path: Path) -> None:
    """There is no quoting in these files: a quote is a character like another."""
    publish(tmp_path / "days", practitioners=40_000, first_day=FIRST_DAY, days=1, seed=2)
    names = read(tmp_path / "days" / "day-1")["family_name"]
    assert names.str.contains('"', literal=True).any()
    assert names.str.contains("\\", literal=True).any()
    assert names.str.contains("É").any()


def test_labels_are_those_of_the_files_not_of_the_nomenclature(simulation: Path) -> None:
    """Codes are of the nomenclature, labels often older or shorter."""
    lines = read(simulation / "day-1")
    shown = dict(lines.select("mode", "mode_label").unique().iter_rows())
    assert shown["L"] == "Lib,indép,artis,com"
    assert set(lines["profession"]) <= set(code_table("profession").codes)


def test_diplomas_and_skills_speak_of_the_same_people(simulation: Path) -> None:
    """Skills are those of personne-activite; some people with a diploma have no activity line."""
    lines = read(simulation / "day-1")
    papers = read(simulation / "day-1", ExtractKind.DIPL_AUTEXERC)
    skills = read(simulation / "day-1", ExtractKind.SAVOIRFAIRE)
    known = set(lines.select("national_id", "skill").iter_rows())
    assert set(skills.select("national_id", "skill").iter_rows()) <= known
    assert 0.01 < len(set(papers["national_id"]) - set(lines["national_id"])) / 6_000 < 0.05
    assert (skills["category"] == "").any()
    assert (papers["authorisation_type"] != "").any()
    assert set(papers["diploma_type"]) >= {"DE", "DESC1", "AU"}


def test_catalogue_describes_the_files_beside_it(simulation: Path) -> None:
    """Sizes and checksums are those of the files; each deposit has its own instant and dated address."""
    datasets = json.loads((simulation / "day-2" / "catalog.json").read_text(encoding="utf-8"))["data"]
    placed = {item["id"]: (dataset["id"], item) for dataset in datasets for item in dataset["resources"]}
    assert {key: dataset for key, (dataset, _) in placed.items()} == {
        resource(kind).id: resource(kind).dataset for kind in ExtractKind
    }
    assert len({dataset["slug"] for dataset in datasets}) == len(datasets) == 2
    for kind in ExtractKind:
        item = placed[resource(kind).id][1]
        content = (simulation / "day-2" / layout(kind).file_name).read_bytes()
        assert item["filesize"] == len(content)
        assert item["checksum"] == {
            "type": "sha1",
            "value": hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        }
        stamp = clock.parse_instant(item["last_modified"])
        assert stamp.date() == date(2026, 11, 19)
        assert f"{stamp:%Y%m%d-%H%M%S}" in item["url"]
    assert len({item["last_modified"] for _, item in placed.values()}) == len(ExtractKind)


def test_analysis_of_a_later_day_still_describes_the_former_file(simulation: Path) -> None:
    """The extras are computed after the deposit: they are not to be trusted."""
    first, second = (
        json.loads((simulation / day / "catalog.json").read_text(encoding="utf-8"))["data"][0]["resources"][0]
        for day in ("day-1", "day-2")
    )
    assert second["extras"]["analysis:checksum"] == first["checksum"]["value"]


def test_days_end_on_the_newest_deposit_that_is_past(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the hour of the deposit the last day is yesterday, afterwards today."""
    monkeypatch.setenv(clock.CLOCK_VARIABLE, "2026-11-23T02:00:00Z")
    assert default_start(3) == date(2026, 11, 20)
    monkeypatch.setenv(clock.CLOCK_VARIABLE, "2026-11-23T09:00:00Z")
    assert default_start(3) == date(2026, 11, 21)


def test_folder_that_holds_a_simulation_is_left_alone(simulation: Path) -> None:
    """Nothing is overwritten."""
    with pytest.raises(UsageError, match="already holds"):
        publish(simulation, practitioners=200, first_day=FIRST_DAY, days=1, seed=1)


@pytest.mark.parametrize(("practitioners", "days", "rate"), [(10, 1, 0.01), (200, 0, 0.01), (200, 1, 0.9)])
def test_impossible_numbers_are_refused(tmp_path: Path, practitioners: int, days: int, rate: float) -> None:
    """Too few people, no day, or a world that changes altogether."""
    with pytest.raises(UsageError):
        publish(
            tmp_path / "days",
            practitioners=practitioners,
            first_day=FIRST_DAY,
            days=days,
            seed=1,
            change_rate=rate,
        )
