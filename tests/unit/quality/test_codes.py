from extract_builder import hospital, person
from gate_visits import SKILLS, night_of, nurses, profile, speaking, visit
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
        ("67 (7)",),
    )
    assert unknown.observed == "7 / 307 (2.3%): 67 (7)"


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
    assert unknown.samples[0] == "FON-129 (30)"
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
    assert (unknown.samples, unknown.rows) == (("SM99 (1)",), 1)


def test_retired_code_in_a_few_old_lines_is_information_with_its_count() -> None:
    """Nobody rewrites old lines: the same handful is told every night, and wakes nobody."""
    result = visit(profile([*nurses(400), *nurses(30, category="F", category_label="Fonctionnaire")]))[
        "codes.retired"
    ]
    assert (str(result.severity), result.failing, result.samples) == ("info", 30, ("category=F (30)",))
    assert not result.to_see


def test_retired_code_on_many_lines_is_a_warning() -> None:
    """An application that dropped category F would lose a third of these people."""
    results = visit(profile([*nurses(400), *nurses(200, category="F", category_label="Fonctionnaire")]))
    assert speaking(results) == {"codes.retired": "warning"}
    assert results["codes.retired"].samples == ("category=F (200)",)


def test_code_that_moved_from_one_table_to_another_has_not_ended() -> None:
    """Psychologists left the health professions for the protected titles, under the same code."""
    result = visit(profile(nurses(60, profession="93", profession_label="Psychologue")))["codes.retired"]
    assert result.success


def test_half_of_the_people_turned_liberal_overnight_is_told_once() -> None:
    """A mass correction of one column is one line of the report, not a hundred."""
    before = night_of(profile(nurses(400)))
    liberal = (
        person(number, **hospital(number % 10), mode="L", mode_label="Libéral") for number in range(200, 400)
    )
    results = visit(profile([*nurses(200), *liberal]), history=[before])
    shifted = results["codes.shifted"]
    assert speaking(results) == {"codes.shifted": "warning"}
    assert shifted.observed == "mode: 200 / 400 (50.0%): L +50.0 pt, S -50.0 pt"


def test_people_who_change_mode_one_by_one_are_no_shift() -> None:
    """Five of four hundred are life."""
    before = night_of(profile(nurses(400)))
    tonight = profile([*nurses(395), *(person(number, mode="L") for number in range(395, 400))])
    assert visit(tonight, history=[before])["codes.shifted"].success


def test_column_that_empties_is_a_matter_of_fill_rates_not_of_shifts() -> None:
    """Half of the modes lost at random: those that remain are spread as before."""
    before = night_of(profile(nurses(400)))
    results = visit(
        profile([*nurses(200), *(person(n, mode="", mode_label="") for n in range(200, 400))]), history=[before]
    )
    assert results["codes.shifted"].success
    assert results["filled.rates"].to_see
