"""Differences told in words."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from rpps_sync.comparison.fields import IDENTITY, PRACTITIONER, STAKES, STRUCTURE
from rpps_sync.comparison.wording import Difference, sentences
from rpps_sync.finding import QUIET_VERDICTS, Verdict
from rpps_sync.locales import day

SINCE, SEEN = date(2026, 11, 12), date(2026, 11, 20)
LOUD = [Verdict.TOKEN_STALE, Verdict.DIRECTORY_STALE, Verdict.PENDING, Verdict.CONFLICT]


def test_profession_the_directory_dropped_is_told_by_its_label_and_both_dates() -> None:
    """Who left what, when, and who still says it, in both languages."""
    told = sentences(Difference("exercise.profession", "10", Verdict.TOKEN_STALE, SINCE, "10", "", SEEN))
    assert told == {
        "fr": "Profession : l'annuaire a quitté « Médecin » le 12 novembre 2026 ; "
        "le jeton du 20 novembre 2026 le dit encore.",
        "en": "Profession: the directory left 'Médecin' on 12 November 2026; "
        "the token of 20 November 2026 still says it.",
    }


def test_skill_is_told_by_its_label_on_both_sides() -> None:
    """Codes are for machines."""
    told = sentences(Difference("skill", "10/S/SM26", Verdict.DIRECTORY_STALE, SINCE, "S/SM54", "S/SM26", SEEN))
    assert "Médecine générale" in told["fr"]
    assert "SM" not in told["en"]


def test_code_that_the_nomenclature_does_not_know_is_told_as_it_is() -> None:
    """Nothing is hidden behind a missing label."""
    told = sentences(Difference("activity.kind", "F1", Verdict.CONFLICT, SINCE, "GENR99X", "GENR01", SEEN))
    assert "GENR99X" in told["en"]


@pytest.mark.parametrize(("field", "verdict"), list(product([*STAKES, IDENTITY], LOUD)))
def test_every_difference_can_be_told_in_both_languages(field: str, verdict: Verdict) -> None:
    """No field and no verdict without its sentence, with either side alone too."""
    if field == PRACTITIONER and verdict in (Verdict.TOKEN_STALE, Verdict.DIRECTORY_STALE, Verdict.CONFLICT):
        verdict = Verdict.DEPARTED_PRACTITIONER
    element = IDENTITY if field == IDENTITY else ""
    name = PRACTITIONER if field == IDENTITY else field
    for claim, directory in (("x", "y"), ("x", ""), ("", "y")):
        told = sentences(Difference(name, element, verdict, SINCE, claim, directory, SEEN))
        assert set(told) == {"fr", "en"}
        assert all(text.endswith(".") and "{" not in text and "2026" in text for text in told.values())


def test_person_outside_the_directory_is_told_without_a_value() -> None:
    """Departed, unknown, pending and out of scope."""
    for verdict in set(Verdict) - set(LOUD) - (QUIET_VERDICTS - {Verdict.OUT_OF_SCOPE}) | {Verdict.PENDING}:
        told = sentences(Difference(PRACTITIONER, "", verdict, SINCE, "", "", SEEN))
        assert told["fr"].startswith("Professionnel : ")


def test_place_that_only_one_side_names_is_told_from_that_side() -> None:
    """A gain of the directory and a gain of the token do not read alike."""
    gained = sentences(Difference(STRUCTURE, "F1", Verdict.TOKEN_STALE, SINCE, "", "F1", SEEN))
    ahead = sentences(Difference(STRUCTURE, "F1", Verdict.DIRECTORY_STALE, SINCE, "F1", "", SEEN))
    assert gained["en"] == (
        "Structure: the directory has said 'F1' since 12 November 2026; "
        "the token of 20 November 2026 does not say it yet."
    )
    assert ahead["en"] == (
        "Structure: the token has said 'F1' since 12 November 2026; the directory does not say it yet."
    )


def test_first_of_the_month_is_ordinal_in_french_only() -> None:
    """1er novembre, 1 November."""
    assert (day(date(2026, 11, 1), "fr"), day(date(2026, 11, 1), "en")) == ("1er novembre 2026", "1 November 2026")
