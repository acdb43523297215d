import random

import polars as pl

from extract_builder import hospital, national_id, person, stream
from rpps_sync.extracts.fold import Folded, fold
from rpps_sync.extracts.lines import LineReader
from rpps_sync.extracts.parse import columns_of
from rpps_sync.publication import ExtractKind

PA, SF, DIPL = ExtractKind.PERSONNE_ACTIVITE, ExtractKind.SAVOIRFAIRE, ExtractKind.DIPL_AUTEXERC


def folded(**lines: list[dict[str, str]]) -> Folded:
    """Small extracts, named pa, sf and dipl, folded."""
    kinds = {"pa": PA, "sf": SF, "dipl": DIPL}
    columns = {}
    for name, rows in lines.items():
        reader = LineReader(stream(kinds[name], rows), kinds[name])
        blocks = [columns_of(block.frame["line"], reader.header) for block in reader.blocks()]
        columns[kinds[name]] = pl.concat(blocks)
    return fold(columns)


def test_order_and_repetition_of_lines_mean_nothing() -> None:
    """The same lines shuffled and repeated fold into the same document."""
    lines = [person(1, **hospital(number), skill_type="S", skill=f"SM{number:02}") for number in range(5)]
    shuffled = [*lines, *lines[:2]]
    random.Random(4).shuffle(shuffled)
    assert folded(pa=lines).practitioners.equals(folded(pa=shuffled).practitioners)


def test_two_professions_make_two_exercises() -> None:
    """A person with two professions has an exercise for each, with its own activities."""
    result = folded(pa=[person(1, **hospital(1)), person(1, profession="10", **hospital(2))])
    assert result.exercises.height == 2
    assert result.activities["profession"].n_unique() == 2


def test_a_person_without_structure_has_an_activity_without_structure() -> None:
    """Empty structure columns give no structure, but the way of exercising is kept."""
    result = folded(pa=[person(1)])
    assert result.structures.is_empty()
    assert result.activities["structure_id"].to_list() == [0]


def test_a_shared_structure_is_stored_once() -> None:
    """Two practitioners of the same hospital refer to one description of it."""
    assert folded(pa=[person(1, **hospital(1)), person(2, **hospital(1))]).structures.height == 1


def test_skills_of_both_extracts_meet() -> None:
    """A skill given by the activity lines and by the skills extract counts once; others add up."""
    skills = [person(1, skill_type="S", skill="SM26"), person(1, skill_type="C", skill="C01")]
    result = folded(pa=[person(1, skill_type="S", skill="SM26")], sf=skills)
    assert sorted(result.skills["code"]) == ["C01", "SM26"]


def test_a_skill_without_category_joins_the_exercise_of_its_profession() -> None:
    """The skills extract may leave the category empty: the profession's own category is taken."""
    result = folded(pa=[person(1, category="M")], sf=[person(1, category="", skill_type="S", skill="SM26")])
    assert result.skills.select("category", "code").rows() == [("M", "SM26")]
    assert result.exercises.height == 1


def test_diplomas_of_strangers_are_left_out() -> None:
    """Somebody the activity extract does not contain is no practitioner of the directory."""
    result = folded(pa=[person(1)], dipl=[person(2, diploma_type="DE", diploma="DE09")])
    assert result.practitioners["national_id"].to_list() == [national_id(1)]
    assert result.diplomas.is_empty()


def test_the_most_frequent_name_wins() -> None:
    """When a person's lines disagree on the name, most lines decide."""
    lines = [person(1, family_name=name, skill=f"X{n}") for n, name in enumerate(("ANCIEN", "NOUVEAU", "NOUVEAU"))]
    assert folded(pa=lines).practitioners["family_name"].to_list() == ["NOUVEAU"]


def test_any_change_moves_the_fingerprint() -> None:
    """A diploma, a phone number or a skill more gives the document another fingerprint."""
    pa = [person(1, **hospital(1))]
    base = folded(pa=pa).practitioners["fingerprint"][0]
    others = [
        folded(pa=pa, dipl=[person(1, diploma_type="DE", diploma="DE09")]),
        folded(pa=[person(1, **hospital(1, phone="0102030405"))]),
        folded(pa=pa, sf=[person(1, skill_type="S", skill="SM26")]),
    ]
    assert len({base, *(other.practitioners["fingerprint"][0] for other in others)}) == 4
