import json

import pytest

from extract_builder import person
from gate_visits import DIPL, PA, SKILLS, night_of, nurses, profile, speaking, visit
from rpps_sync.limits import LIMITS
from rpps_sync.quality.gate import Movement, assess
from rpps_sync.run_summary import CheckStatus


def test_empty_file_is_refused_and_its_other_checks_are_skipped_not_green() -> None:
    """No row proves nothing: the count blocks, and nothing else may look healthy."""
    results = visit(profile([]), history=[night_of(profile(nurses(50)))])
    assert results["rows.lines"].blocks
    assert results["rows.lines"].observed == "0"
    others = [result for name, result in results.items() if not name.startswith("rows.") and result.file]
    assert {result.status for result in others} == {CheckStatus.SKIPPED}
    assert "codes.unknown.profession" in results


def test_empty_skills_file_does_not_silence_the_checks_of_the_other_files() -> None:
    """Each file is counted on its own."""
    results = visit(profile(nurses(30)), profile([], SKILLS))
    assert results["savoirfaire/rows.lines"].blocks
    assert results["personne-activite/keys.rpps-luhn"].success


def test_healthy_file_with_empty_department_columns_passes() -> None:
    """Both Département columns are empty on every line of the real files, and nobody is woken for it."""
    lines = nurses(300, siret="73282932000074", siren="", cedex="69003 LYON CEDEX", postal_code="69404")
    healthy = profile(lines)
    assert healthy.filled["department"] == 0
    results = visit(healthy, history=[night_of(healthy)] * 3, movement=Movement(0, 0, 300))
    assert speaking(results) == {}
    assert results["filled.rates"].success


def test_three_healthy_files_on_a_first_load_pass() -> None:
    """With no past, only the hard minima and the contracts speak."""
    dipl = profile([person(n, diploma_type="DE", diploma="DE09") for n in range(50)], DIPL)
    skills = profile([person(n, category="", skill_type="S", skill="SI04") for n in range(50)], SKILLS)
    results = visit(profile(nurses(50)), dipl, skills)
    assert speaking(results) == {}
    assert results["personne-activite/volume.lines"].status is CheckStatus.SKIPPED


def test_directory_losing_a_third_of_its_people_is_refused() -> None:
    """A fall that large is a truncated file until somebody says otherwise."""
    past = [night_of(profile(nurses(300)))] * 5
    results = visit(profile(nurses(200)), history=past, movement=Movement(0, 100, 300))
    assert {name for name, result in results.items() if result.blocks} == {
        "practitioners.departed",
        "volume.lines",
        "volume.practitioners",
    }
    assert results["volume.practitioners"].observed == "200 (-33.3%)"
    assert results["practitioners.departed"].failing == 100


def test_lost_diplomas_are_refused_although_everybody_is_still_there() -> None:
    """Each file has its own volume: half of the diplomas is not a detail."""
    people = profile(nurses(100))
    full, half = (
        profile([person(n, diploma_type="DE", diploma="DE09") for n in range(count)], DIPL) for count in (100, 50)
    )
    results = visit(people, half, history=[night_of(people, full)])
    assert results["dipl-autexerc/volume.lines"].blocks
    assert results["personne-activite/volume.lines"].success


def test_directory_growing_fast_is_told_and_published() -> None:
    """Gaining people erases nothing."""
    results = visit(profile(nurses(130)), history=[night_of(profile(nurses(100)))])
    assert speaking(results) == {"volume.lines": "warning", "volume.practitioners": "warning"}


def test_handful_of_departures_in_a_small_directory_blocks_nothing() -> None:
    """Nineteen people of a hundred are under the floor: a small directory does not cry wolf."""
    past = [night_of(profile(nurses(100)))]
    results = visit(profile(nurses(81)), history=past, movement=Movement(0, 19, 100))
    assert not any(result.blocks for result in results.values())


@pytest.mark.parametrize(
    ("departed", "severity"),
    [(3_000, None), (5_000, "error"), (25_000, "blocking")],
    ids=["a usual night", "a strange night", "a lost feed"],
)
def test_departures_of_a_real_size_directory_are_judged_as_a_share(departed: int, severity: str | None) -> None:
    """Of two million people, a few thousand leave on a usual night."""
    results = {result.name: result for result in assess({}, Movement(3_000, departed, 2_000_000), [{}], "en")}
    result = results["practitioners.departed"]
    assert (None if result.success else str(result.severity)) == severity


def test_night_when_one_practitioner_in_thirty_changes_is_told() -> None:
    """Whatever the field, and before anything is written."""
    usual, odd = (
        {result.name: result for result in assess({}, Movement(900, 800, 2_000_000, changed), [{}], "en")}
        for changed in (10_000, 66_000)
    )
    assert usual["practitioners.changed"].success
    assert str(odd["practitioners.changed"].severity) == "warning"
    assert odd["practitioners.changed"].observed == "66,000 / 2,000,000 (3.3%)"


def test_new_level_accepted_by_an_operator_is_not_refused_again_the_next_night() -> None:
    """The median still remembers the old level; the last accepted publication explains the new one."""
    before, after = night_of(profile(nurses(300))), night_of(profile(nurses(200)))
    results = visit(profile(nurses(200)), history=[before, before, before, after])
    assert results["volume.lines"].success


def test_one_odd_accepted_night_does_not_become_the_rule() -> None:
    """Back to the usual number after an inflated night is no loss."""
    usual, odd = night_of(profile(nurses(200))), night_of(profile(nurses(300)))
    results = visit(profile(nurses(200)), history=[usual, usual, usual, odd])
    assert results["volume.lines"].success


def test_file_missing_from_tonight_is_refused_by_name() -> None:
    """Without the skills file everybody would lose their skills."""
    people, skills = profile(nurses(30)), profile([person(1, skill_type="S", skill="SI04")], SKILLS)
    result = visit(people, history=[night_of(people, skills)])["publication.files"]
    assert result.blocks
    assert result.samples == ("savoirfaire",)


def test_no_file_at_all_is_refused_once_something_was_published() -> None:
    """Nothing received is not an empty success."""
    past = night_of(profile(nurses(30)))
    (result,) = (one for one in assess({}, None, [past], "en") if one.name == "publication.files")
    assert result.blocks


def test_one_unreadable_line_is_told_with_its_number() -> None:
    """Its practitioner keeps the last good version, and the file is published."""
    result = visit(profile(nurses(300), tail="8|99900000\n"))["quarantine.share"]
    assert (result.status, str(result.severity)) == (CheckStatus.WARNED, "warning")
    assert result.samples == ("302",)
    assert result.observed == "1 / 301 (0.332%): 302"


def test_file_with_too_many_unreadable_lines_is_refused() -> None:
    """Beyond one line in a hundred it is the file that is damaged."""
    results = visit(profile(nurses(300), tail="damaged\n" * 30))
    assert results["quarantine.share"].blocks
    assert len(results["quarantine.share"].samples) == LIMITS.samples


def test_lines_published_twice_are_counted_and_told() -> None:
    """A few duplicates are usual, a file assembled twice is not."""
    some, twice = profile([*nurses(200), *nurses(10)]), profile([*nurses(200), *nurses(200)])
    assert visit(some)["duplicates.share"].observed == "10 / 210 (4.8%)"
    assert visit(some)["duplicates.share"].success
    assert speaking(visit(twice)) == {"duplicates.share": "warning"}


def test_profession_that_vanished_is_named() -> None:
    """Eleven midwives yesterday, none tonight: a feed was lost or a code renamed."""
    midwives = [person(number, profession="50") for number in range(900, 911)]
    past = night_of(profile([*nurses(500), *midwives]))
    result = visit(profile(nurses(500)), history=[past])["volume.vanished.profession"]
    assert (result.status, result.samples, result.failing) == (CheckStatus.WARNED, ("50",), 11)


def test_rare_profession_may_come_and_go() -> None:
    """Ten lines or fewer are no feed."""
    past = night_of(profile([*nurses(500), person(900, profession="84")]))
    result = visit(profile(nurses(500)), history=[past])["volume.vanished.profession"]
    assert result.success
    assert result.rows == 500


def test_results_speak_the_language_asked_for() -> None:
    """Titles, figures, reasons and mends follow, and a column keeps its published name."""
    past = [night_of(profile(nurses(3000)))]
    french = visit(profile(nurses(2000)), history=past, language="fr")
    assert french["volume.lines"].observed == "2\u202f000 (-33,3 %)"
    assert french["codes.unknown.mode"].title == "Codes inconnus : Code mode exercice"
    english = visit(profile(nurses(30)))
    assert english["codes.unknown.mode"].title == "Unknown codes: Code mode exercice"
    assert english["rows.lines"].reason != french["rows.lines"].reason


def test_figures_kept_with_a_publication_survive_json() -> None:
    """The history comes back from the database as JSON, and judges as well."""
    figures = night_of(profile([*nurses(40), *nurses(2)], tail="damaged\n"))
    assert json.loads(json.dumps(figures)) == figures
    kept = figures["files"]["personne-activite"]
    assert (kept["lines"], kept["practitioners"], kept["duplicates"], kept["quarantined"]) == (42, 40, 2, 1)
    assert kept["codes"]["profession"] == {"60": 42}
    assert (kept["filled"]["family_name"], kept["filled"]["department"]) == (1.0, 0.0)


def test_column_of_garbage_does_not_swell_the_figures_kept() -> None:
    """Only the most frequent codes of a column are remembered."""
    garbage = [*nurses(3), *(person(number, mode=f"X{number}") for number in range(900))]
    codes = night_of(profile(garbage))["files"]["personne-activite"]["codes"]["mode"]
    assert (len(codes), codes["S"]) == (500, 3)


def test_figures_of_an_older_program_are_used_where_they_can_be() -> None:
    """A past publication without some figure makes its check skipped, never failed."""
    results = visit(profile(nurses(30)), history=[{"files": {"personne-activite": {"lines": 30}}}, {}])
    assert results["volume.lines"].success
    assert results["volume.practitioners"].status is CheckStatus.SKIPPED
    assert results["filled.rates"].status is CheckStatus.SKIPPED


def test_files_checked_by_hand_need_no_past() -> None:
    """``check FILE`` has no publication to compare with: those checks are skipped, the others run."""
    results = visit(profile(nurses(30)))
    assert results["practitioners.departed"].status is CheckStatus.SKIPPED
    assert results["practitioners.departed"].observed == "no former publication to compare with"
    assert PA in {result.file for result in results.values()}
