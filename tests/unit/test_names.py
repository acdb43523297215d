"""Names brought to one form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpps_sync.names import compatible, normalised


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("  Le  Goff-d’Été ", "LE GOFF D ETE"),
        ("O'BRIEN", "O BRIEN"),
        ("Ste-Marie", "SAINTE MARIE"),
        ("ST JEAN", "SAINT JEAN"),
        ("Cœur", "COEUR"),
        ("Nuñez–Ça", "NUNEZ CA"),
        ("", ""),
        ("--", ""),
    ],
)
def test_spellings_of_one_name_share_a_form(written: str, form: str) -> None:
    """Case, accents, ligatures, hyphens, apostrophes and ST do not distinguish people."""
    assert normalised(written) == form


@given(st.text(max_size=40))
def test_form_of_a_form_is_itself(name: str) -> None:
    """Normalising twice changes nothing."""
    assert normalised(normalised(name)) == normalised(name)


def test_double_name_is_compatible_with_one_of_its_halves() -> None:
    """One side often carries the married name only."""
    assert compatible("MARTIN", "MARTIN EP DURAND")
    assert compatible("Dupont-Martin", "MARTIN DUPONT")


def test_different_or_missing_names_are_not_compatible() -> None:
    """A part of a word is not a word, and nothing is compatible with nothing."""
    assert not compatible("MARTIN", "MARTINEZ")
    assert not compatible("MARTIN DURAND", "MARTIN DUPONT")
    assert not compatible("", "")
    assert not compatible("", "MARTIN")
