from extract_builder import person
from gate_visits import SKILLS, nurses, profile, speaking, visit
from rpps_sync.limits import LIMITS
from rpps_sync.run_summary import CheckStatus


def test_unknown_profession_code_is_a_warning_with_its_count() -> None:
    """The weight of a new code is counted in lines, and the publication goes on."""
    results = visit(profile([*nurses(300), *nurses(7, profession="67", profession_label="Nouveau métier")]))
    assert speaking(results) == {"codes.unknown.profession": "warning"}
    unknown = results["codes.unknown.profession"]
    assert (unknown.status, unknown.failing, unknown.rows, unknown.samples) == (
        CheckStatus.WARNED,
        7,
        307,
        ("67",),
    )
    assert unknown.observed == "7 / 307 (2.3%): 67"


def test_column_full_of_unknown_codes_is_an_error_that_blocks_nothing() -> None:
    """A shifted column is grave, and the codes are still told as published."""
    results = visit(profile(nurses(100, mode="ZZ", mode_label="?")))
    assert speaking(results) == {"codes.unknown.mode": "error"}
    assert results["codes.unknown.mode"].status is CheckStatus.FAILED


def test_most_frequent_unknown_codes_come_first_and_samples_are_bounded() -> None:
    """Thirty new roles fill no report."""
    lines = [line for rank in range(30) for line in nurses(rank + 1, role=f"FON-{rank + 100}")]
    unknown = visit(profile(lines))["codes.unknown.role"]
    assert len(unknown.samples) == LIMITS.samples
    assert unknown.samples[0] == "FON-129"
    assert unknown.failing == len(lines)


def test_codes_of_partial_lists_are_never_called_unknown() -> None:
    """Street types, exclusive competences and diplomas are only known from what was seen."""
    assert speaking(visit(profile(nurses(30, street_type="IMP", skill_type="CEX", skill="CEX22")))) == {}
    results = visit(profile([person(1, skill_type="CEX", skill="CEX22")], SKILLS))
    assert results["codes.unknown.skill"].status is CheckStatus.SKIPPED
    assert results["codes.unknown.skill"].observed == "no complete list to judge these codes by"


def test_new_ordinal_speciality_is_unknown_among_competences_that_cannot_be_judged() -> None:
    """SM99 belongs to a complete list, CEX22 does not."""
    lines = [person(1, skill_type="S", skill="SM99"), person(2, skill_type="CEX", skill="CEX22")]
    unknown = visit(profile(lines, SKILLS))["codes.unknown.skill"]
    assert (unknown.samples, unknown.rows) == (("SM99",), 1)


def test_retired_code_still_in_use_is_known() -> None:
    """Category F ended in 2026 and stays in old lines."""
    assert speaking(visit(profile(nurses(30, category="F", category_label="Fonctionnaire")))) == {}


def test_label_that_differs_from_the_nomenclature_is_no_fault() -> None:
    """The extracts shorten labels: only codes are compared with the lists."""
    assert speaking(visit(profile(nurses(30, mode="L", mode_label="Lib,indép,artis,com")))) == {}


def test_code_with_two_labels_in_one_file_is_told_with_its_rarer_lines() -> None:
    """Two versions of the nomenclature were mixed at the source."""
    results = visit(profile([*nurses(90), *nurses(4, mode_label="Salariée")]))
    assert speaking(results) == {"labels.conflict": "warning"}
    conflict = results["labels.conflict"]
    assert (conflict.samples, conflict.failing) == (("mode=S",), 4)


def test_codes_without_label_are_no_conflict() -> None:
    """An empty label says nothing against the other one."""
    assert speaking(visit(profile([*nurses(90), *nurses(4, mode_label="")]))) == {}
