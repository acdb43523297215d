from extract_builder import person
from gate_visits import SKILLS, nurses, profile, speaking, visit
from rpps_sync.extracts.wording import published_labels
from rpps_sync.limits import LIMITS
from rpps_sync.run_summary import CheckStatus

IN_FORCE = {("mode", "S"): "Salarié", ("profession", "60"): "Infirmier"}


def test_code_with_two_labels_in_one_file_is_told_with_its_rarer_lines() -> None:
    """Two versions of the nomenclature were mixed at the source."""
    results = visit(profile([*nurses(90), *nurses(4, mode_label="Salariée")]))
    assert speaking(results) == {"labels.conflict": "warning"}
    conflict = results["labels.conflict"]
    assert (conflict.samples, conflict.failing) == (("mode=S",), 4)


def test_codes_without_label_are_no_conflict() -> None:
    """An empty label says nothing against the other one."""
    assert speaking(visit(profile([*nurses(90), *nurses(4, mode_label="")]))) == {}


def test_label_that_changed_at_the_source_is_told_with_both_wordings() -> None:
    """Mode L became « Lib,indép,artis,com » without a word: code, old label, new label."""
    tonight = profile(nurses(90, mode="L", mode_label="Lib,indép,artis,com"))
    result = visit(tonight, labels={**IN_FORCE, ("mode", "L"): "Libéral"})["labels.changed"]
    assert result.samples == ("mode=L: Libéral → Lib,indép,artis,com",)
    assert (str(result.severity), result.failing, result.rows, result.file) == ("info", 1, 2, "")


def test_label_that_changed_in_several_files_is_told_once_and_not_again_the_next_night() -> None:
    """The wording of most lines of all files is put in force with the publication."""
    skill = {"skill_type": "S", "skill": "SM54", "skill_label": "Médecine générale"}
    files = (
        profile([person(n, **skill) for n in range(30)]),
        profile([person(n, **skill) for n in range(30)], SKILLS),
    )
    results = visit(*files, labels={("skill", "SM54"): "Qualifié MG"})
    assert [name for name in results if name.endswith("labels.changed")] == ["/labels.changed"]
    assert results["/labels.changed"].failing == 1
    again = visit(*files, labels=published_labels(files))
    assert again["/labels.changed"].success


def test_new_release_of_the_nomenclature_is_a_warning() -> None:
    """Five labels at once are no corrected word: the texts of applications are to be reviewed."""
    lines = [line for rank in range(1, 31) for line in nurses(3, role=f"FON-{rank:02}", role_label=f"Rôle {rank}")]
    before = {("role", f"FON-{rank:02}"): f"Role {rank}" for rank in range(1, 31)}
    result = visit(profile(lines), labels=before)["labels.changed"]
    assert (str(result.severity), result.failing) == ("warning", 30)
    assert len(result.samples) == LIMITS.samples


def test_first_load_has_no_former_label() -> None:
    """Nothing was in force: nothing changed."""
    assert visit(profile(nurses(5)))["labels.changed"].status is CheckStatus.SKIPPED


def test_code_new_or_gone_has_no_changed_label() -> None:
    """Only codes of both publications are compared."""
    result = visit(profile(nurses(5)), labels={**IN_FORCE, ("mode", "B"): "Bénévole"})["labels.changed"]
    assert (result.success, result.rows) == (True, 2)


def test_label_that_differs_from_the_nomenclature_is_information_with_both_wordings() -> None:
    """The extracts shorten labels: only codes are compared with the lists."""
    lines = [*nurses(30, mode="L", mode_label="Lib,indép,artis,com"), *nurses(10)]
    results = visit(profile(lines))
    drift = results["labels.drift.mode"]
    assert (str(drift.severity), drift.failing, drift.rows) == ("info", 30, 40)
    assert drift.samples == ("L: Lib,indép,artis,com ≠ Libéral, indépendant, artisan, commerçant",)
    assert results["labels.drift.profession"].success
    assert not any(result.to_see for name, result in results.items() if name.startswith("labels.drift"))


def test_codes_that_no_table_words_have_no_drift() -> None:
    """A code of a list that is not shipped has no reference label."""
    lines = [person(n, skill_type="CEX", skill="CEX22", skill_label="Compétence") for n in range(9)]
    assert visit(profile(lines, SKILLS))["labels.drift.skill"].observed == "no reference label for these codes"
