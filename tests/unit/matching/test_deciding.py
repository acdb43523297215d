"""From evidence to a verdict, without a database."""

from __future__ import annotations

import pytest

from rpps_sync.matching.decision import Verdict, decide
from rpps_sync.matching.description import Candidate, Described, Frequencies, Site
from rpps_sync.matching.evidence import How, reasons

RARE = {"f:LEGUENNEC": 2e-6, "f:GUENNEC": 2e-6, "f:MARTIN": 0.004, "g:ANAIS": 0.002, "g:CLAIRE": 0.006}
COMMON = Frequencies(1_000_000, RARE)
BREST = Site(
    name="CH DE BREST",
    finess="290000017",
    postal_code="29200",
    commune="29019",
    commune_label="Brest",
    department="29",
)
ANAIS = Candidate("899900000011", "LE GUENNEC", "ANAÏS", frozenset({"60"}), frozenset(), (BREST,))
CLAIRE = Candidate("899900000029", "MARTIN", "CLAIRE", frozenset({"10"}), frozenset(), (BREST,))


def hows(told: Described, candidate: Candidate = ANAIS) -> dict[str, How]:
    """How each field that was told agrees."""
    return {one.field: one.how for one in reasons(told, candidate, COMMON)}


@pytest.mark.parametrize(
    ("told", "how"),
    [
        (Described("Le Guennec", "Anais"), How.SAME),
        (Described("Leguennec", "Anaïs"), How.SAME),
        (Described("LE GUENNEC-PETIT", "Anaïs"), How.COMPATIBLE),
        (Described("Le Guenec", "Anaïs"), How.SIMILAR),
        (Described("Anaïs", "Le Guennec"), How.SWAPPED),
        (Described("Durand", "Anaïs"), How.DIFFERENT),
        (Described("Durand", "Anaïs", birth_name="Le Guennec"), How.SAME),
    ],
)
def test_a_family_name_agrees_in_degrees(told: Described, how: How) -> None:
    """Accents, particles, double names, typos, swapped names, a name of birth."""
    assert hows(told)["family"] is how


def test_what_is_not_told_says_nothing_for_or_against() -> None:
    """A file without professions or places loses no one for that."""
    assert set(hows(Described("Le Guennec"))) == {"family"}
    full = Described(
        "Le Guennec", "Anaïs", profession="60", postal_code="29200", structure="Centre hospitalier Brest"
    )
    assert set(hows(full)) == {"family", "given", "profession", "place", "structure"}


def test_a_rare_name_is_certain_where_a_common_one_is_not() -> None:
    """The same two fields are enough for one person and not for the other."""
    rare = decide(Described("Le Guennec", "Anaïs", postal_code="29200"), [ANAIS], COMMON)
    common = decide(Described("Martin", "Claire"), [CLAIRE], COMMON)
    assert (rare.verdict, rare.chosen and rare.chosen.candidate) == (Verdict.CERTAIN, ANAIS)
    assert common.verdict is not Verdict.CERTAIN


def test_two_namesakes_are_several_until_something_tells_them_apart() -> None:
    """Nobody is guessed; the structure decides when it is told."""
    elsewhere = Site(name="CLINIQUE DES LILAS", finess="750000018", postal_code="75010", department="75")
    twin = Candidate("899900000037", "LE GUENNEC", "ANAÏS", frozenset({"60"}), frozenset(), (elsewhere,))
    told = Described("Le Guennec", "Anaïs", profession="60")
    assert decide(told, [ANAIS, twin], COMMON).verdict is Verdict.SEVERAL
    at_brest = Described("Le Guennec", "Anaïs", profession="60", finess="290000017", postal_code="29200")
    decided = decide(at_brest, [ANAIS, twin], COMMON)
    assert decided.chosen is not None
    assert decided.chosen.candidate == ANAIS


def test_a_name_that_agrees_by_half_names_nobody() -> None:
    """Another given name, another profession, elsewhere: none, whatever the family name."""
    told = Described("Martin", "Bernard", profession="60", postal_code="13001")
    assert decide(told, [CLAIRE], COMMON).verdict is Verdict.NONE
    assert decide(told, [], COMMON).ranked == ()


def test_the_place_may_be_a_district_a_name_or_a_department() -> None:
    """People write Brest, Brest Cedex 2, 29 or 29200."""
    for told in (
        {"commune": "Brest cedex 2"},
        {"commune": "29019"},
        {"department": "29"},
        {"postal_code": "29200"},
    ):
        assert hows(Described("Le Guennec", **told))["place"] is How.SAME
    assert hows(Described("Le Guennec", department="75"))["place"] is How.DIFFERENT
