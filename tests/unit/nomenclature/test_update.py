import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rpps_sync.errors import NotFound, StorageError, UsageError
from rpps_sync.nomenclature import known_codes, label, retired_codes, table, use, wordings
from rpps_sync.nomenclature.update import Relabelled, TableUpdate, update

TODAY = date(2026, 11, 20)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Path]:
    """Where newer tables are kept, for the time of a test."""
    use(tmp_path / "kept")
    yield tmp_path / "kept"
    use(None)


@pytest.fixture
def nos(tmp_path: Path) -> Path:
    """An empty folder of NOS files."""
    folder = tmp_path / "nos"
    folder.mkdir()
    return folder


def _concept(code: str, display: str, **dates: str) -> dict[str, Any]:
    properties = [{"code": name, "valueDateTime": value} for name, value in dates.items()]
    return {"code": code, "display": display, "property": properties}


MODES = (
    _concept("S", "Salarié", dateValid="2007-07-25T15:04:43+01:00"),
    _concept("L", "Libéral", dateMaj="2026-02-02T12:00:00+01:00"),
    _concept("B", "Bénévole", dateFin="2026-06-30T00:00:00+01:00"),
    _concept("R", "Remplaçant", dateValid="2026-02-02T12:00:00+01:00"),
)


def _publish(folder: Path, *concepts: Any, name: str = "R23-ModeExercice", **changed: Any) -> Path:
    """A code system as the terminology guide of the ANS writes it."""
    document = {
        "resourceType": "CodeSystem",
        "id": f"TRE-{name}",
        "url": f"https://mos.esante.gouv.fr/NOS/TRE_{name}/FHIR/TRE-{name}",
        "version": "1.13.0",
        "date": "2026-09-30T12:00:00+01:00",
        "content": "complete",
        "concept": list(concepts),
    } | changed
    path = folder / f"CodeSystem-TRE-{name}.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def _only(folder: Path, kept: Path, **options: bool) -> TableUpdate:
    (change,) = update(folder, kept, TODAY, **options).tables
    return change


def test_published_table_is_taken_in_and_told_code_by_code(nos: Path, kept: Path) -> None:
    """A mode arrives, another ends, a third is reworded, and one is no longer listed."""
    _publish(nos, *MODES)
    change = _only(nos, kept)
    assert (change.table, change.version, change.date, change.codes) == ("R23", "1.13.0", "2026-09-30", 5)
    assert (change.added, change.ended, change.resumed) == (("R",), ("B", "I"), ())
    assert change.relabelled == (Relabelled("L", "Libéral, indépendant, artisan, commerçant", "Libéral"),)
    assert label("mode", "L") == "Libéral"
    assert retired_codes("mode") == {"B", "I"}


def test_code_that_is_no_longer_listed_stays_known(nos: Path, kept: Path) -> None:
    """Old lines keep it: it has ended, it is no unknown code."""
    _publish(nos, *MODES)
    update(nos, kept, TODAY)
    assert "I" in known_codes("mode")


def test_end_date_that_has_not_come_yet_ends_nothing(nos: Path, kept: Path) -> None:
    """A code announced to end next year is in use."""
    _publish(
        nos, *MODES[:2], _concept("B", "Bénévole", dateFin="2027-01-01T00:00:00+01:00"), _concept("I", "Indirect")
    )
    assert _only(nos, kept).ended == ()


@pytest.mark.parametrize(
    "property_",
    [
        {"code": "status", "valueCode": "retired"},
        {"code": "inactive", "valueBoolean": True},
        {"code": "deprecationDate", "valueDateTime": "2025-01-01"},
    ],
    ids=["status", "inactive", "deprecation"],
)
def test_code_that_fhir_calls_over_has_ended(nos: Path, kept: Path, property_: dict[str, Any]) -> None:
    """Besides the end date of the ANS, the words of the standard are understood."""
    over = {"code": "B", "display": "Bénévole", "property": [property_]}
    _publish(nos, *MODES[:2], over, _concept("I", "Indirect"))
    assert _only(nos, kept).ended == ("B",)


def test_code_in_use_again_is_told(nos: Path, kept: Path) -> None:
    """Category F, ended in 2026, could come back."""
    _publish(nos, *(_concept(code, "") for code in "CEFM"), name="R09-CategorieProfessionnelle")
    change = _only(nos, kept)
    assert (change.resumed, change.relabelled) == (("F",), ())
    assert label("category", "C") == "Civil"


def test_concepts_below_others_are_codes_too(nos: Path, kept: Path) -> None:
    """A hierarchy is one list."""
    _publish(nos, {**MODES[0], "concept": [{**MODES[1], "concept": list(MODES[2:])}]})
    assert _only(nos, kept).added == ("R",)


def test_dry_run_changes_nothing(nos: Path, kept: Path) -> None:
    """What would change is told, and the tables of the package stay in force."""
    _publish(nos, *MODES)
    assert _only(nos, kept, dry_run=True).added == ("R",)
    assert not kept.exists()
    assert "R" not in known_codes("mode")


def test_removing_the_kept_file_undoes_the_update(nos: Path, kept: Path) -> None:
    """The package is still there underneath."""
    _publish(nos, *MODES)
    update(nos, kept, TODAY)
    assert table("R23").origin == "update"
    (kept / "R23.json").unlink()
    use(None)
    use(kept)
    assert (table("R23").origin, "R" in known_codes("mode")) == ("package", False)


def test_table_that_lost_most_of_its_codes_is_refused_and_no_other_is_taken_in(nos: Path, kept: Path) -> None:
    """A part of a table, or another table under its name: all or none."""
    _publish(nos, *MODES)
    _publish(nos, _concept("10", "Médecin"), name="G15-ProfessionSante")
    with pytest.raises(UsageError, match="lists 1 of the 30 known codes of table G15") as refused:
        update(nos, kept, TODAY)
    assert refused.value.reason == "doubtful-table"
    assert not kept.exists()
    assert {change.table for change in update(nos, kept, TODAY, force=True).tables} == {"R23", "G15"}


def test_fragment_of_a_table_is_refused(nos: Path, kept: Path) -> None:
    """It says itself that codes are missing; forced, it makes no code unknown."""
    _publish(nos, *MODES, content="fragment")
    with pytest.raises(UsageError, match="not the whole of table R23"):
        update(nos, kept, TODAY)
    update(nos, kept, TODAY, force=True)
    assert not table("R23").complete


def test_older_table_than_the_one_taken_in_before_is_refused(nos: Path, kept: Path) -> None:
    """Last year's folder would bring ended codes back."""
    _publish(nos, *MODES)
    update(nos, kept, TODAY)
    _publish(nos, *MODES, date="2025-03-28")
    with pytest.raises(UsageError, match=r"of 2025-03-28, older than the table R23 in force \(2026-09-30\)"):
        update(nos, kept, TODAY)


def test_table_in_the_shape_of_the_package_is_read(nos: Path, kept: Path) -> None:
    """What somebody copied by hand; a wording nobody is sure of stays out."""
    rows = (
        "code,label,status\nS,Salarié,active\nL,libéral (shortened),active\nB,Bénévole ?,active\nX,Autre,active\n"
    )
    (nos / "TRE_R23-ModeExercice.csv").write_text(rows, encoding="utf-8-sig")
    change = _only(nos, kept)
    assert (change.added, change.relabelled) == (("X",), ())
    assert label("mode", "B") == "Bénévole"


def test_partial_table_stays_partial_until_a_whole_one_comes(nos: Path, kept: Path) -> None:
    """A CSV does not say whether it is complete, and abbreviated labels stay out of comparisons."""
    shipped = table("R48")
    rows = "".join(f"{code},{text},active\n" for code, text in shipped.labels.items())
    (nos / "TRE_R48-DiplomeEtatFrancais.csv").write_text(f"code,label,status\n{rows}", encoding="utf-8")
    update(nos, kept, TODAY)
    assert (table("R48").complete, wordings("diploma")) == (False, {})
    (nos / "TRE_R48-DiplomeEtatFrancais.csv").unlink()
    _publish(nos, *(_concept(code, "Diplôme d'Etat") for code in shipped.labels), name="R48-DiplomeEtatFrancais")
    update(nos, kept, TODAY)
    assert table("R48").complete
    assert wordings("diploma")["DE09"] == "Diplôme d'Etat"


def test_files_that_are_no_table_of_ours_are_left_alone_and_named(nos: Path, kept: Path) -> None:
    """A folder of the guide holds ninety other tables, value sets and notes."""
    _publish(nos, *MODES)
    _publish(nos, *MODES, name="R249-Sexe")
    _publish(nos, resourceType="ValueSet", name="R11-CiviliteExercice")
    (nos / "TRE_R38-SpecialiteOrdinale.tabs").write_text("SM01", encoding="utf-8")
    left = {alone.file.name: alone.why for alone in update(nos, kept, TODAY).left_alone}
    assert left == {
        "CodeSystem-TRE-R249-Sexe.json": "no column of the extracts uses table R249",
        "CodeSystem-TRE-R11-CiviliteExercice.json": "not a FHIR CodeSystem",
        "TRE_R38-SpecialiteOrdinale.tabs": "neither a CSV nor the JSON of a table (TRE)",
    }


@pytest.mark.parametrize(
    ("concepts", "changed", "told"),
    [
        ((*MODES, MODES[0]), {}, "lists twice: S"),
        ((), {}, "has no code"),
        (({"display": "?"},), {}, "a concept without a code"),
        ((_concept(" ", ""),), {}, "an empty code"),
        (MODES, {"url": "https://mos.esante.gouv.fr/NOS/TRE_R22-GenreActivite"}, "not table R23"),
        ((_concept("S", "", dateFin="soon"),), {}, "an end date that is none: soon"),
    ],
)
def test_damaged_code_system_is_refused_by_name(
    nos: Path, kept: Path, concepts: tuple[Any, ...], changed: dict[str, Any], told: str
) -> None:
    """Nothing is guessed, and nothing is written."""
    _publish(nos, *concepts, **changed)
    with pytest.raises(UsageError, match="TRE-R23-ModeExercice") as refused:
        update(nos, kept, TODAY, force=True)
    assert told in refused.value.what
    assert not kept.exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"code;label\nS;x\n", "has not the columns"),
        (b"code,label,status\nS,x,perhaps\n", "line 2"),
        (b"code,label,status\nS,x,active\nL,x\n", "line 3"),
        (b"code,label,status\nS,x,active\nL,x,active,more\n", "line 3"),
        (b"code,label,status\nS,\xe9,active\n", "not UTF-8"),
    ],
)
def test_damaged_csv_is_refused_by_line(nos: Path, kept: Path, text: bytes, told: str) -> None:
    """A shifted column would rename every code."""
    (nos / "TRE_R23-ModeExercice.csv").write_bytes(text)
    with pytest.raises(UsageError) as refused:
        update(nos, kept, TODAY)
    assert told in refused.value.what


def test_json_cut_in_the_middle_is_refused(nos: Path, kept: Path) -> None:
    """A download that stopped."""
    path = _publish(nos, *MODES)
    path.write_text(path.read_text(encoding="utf-8")[:200], encoding="utf-8")
    with pytest.raises(UsageError, match="is not JSON"):
        update(nos, kept, TODAY)


def test_two_files_of_one_table_are_refused(nos: Path, kept: Path) -> None:
    """Nobody knows which is the newer."""
    path = _publish(nos, *MODES)
    path.with_name("CodeSystem-TRE-R23-ModeExercice-old.json").write_bytes(path.read_bytes())
    with pytest.raises(UsageError, match="are both table R23"):
        update(nos, kept, TODAY)


def test_folder_without_any_table_is_refused(nos: Path, kept: Path) -> None:
    """An empty folder, or the wrong one, is not an update."""
    with pytest.raises(UsageError, match="holds no table"):
        update(nos, kept, TODAY)
    with pytest.raises(UsageError, match="there is no folder"):
        update(nos / "nowhere", kept, TODAY)


def test_disk_that_refuses_leaves_the_tables_in_force(nos: Path, kept: Path) -> None:
    """A file stands where the folder should be."""
    kept.write_text("", encoding="utf-8")
    _publish(nos, *MODES)
    with pytest.raises(StorageError, match="cannot be written"):
        update(nos, kept, TODAY)
    assert "R" not in known_codes("mode")


@pytest.mark.parametrize("text", ["{", "[]", '{"version": "1"}', '{"codes": [{}]}'])
def test_kept_table_that_was_damaged_is_named_rather_than_passed_over(kept: Path, text: str) -> None:
    """Falling back on older tables in silence would call new codes unknown."""
    kept.mkdir()
    (kept / "R23.json").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"R23\.json") as refused:
        known_codes("mode")
    assert "remove that file" in refused.value.mend


def test_table_that_no_column_uses_is_not_there() -> None:
    """A wrong number says where the right ones are."""
    with pytest.raises(NotFound, match="R999"):
        table("R999")
