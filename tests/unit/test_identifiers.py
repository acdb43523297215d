"""Identifiers of practitioners."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from rpps_sync.errors import UsageError
from rpps_sync.identifiers import is_national_id, is_rpps_number, national_id_of, rpps_of

RPPS = "99900000003"
ADELI = "0759912345"


@pytest.mark.parametrize("text", [RPPS, f"8{RPPS}", " 999 0000 0003 ", "999.0000.0003", f"8-{RPPS}"])
def test_number_is_read_as_people_type_it(text: str) -> None:
    """Eleven or twelve digits, with spaces, dots or hyphens."""
    assert national_id_of(text) == f"8{RPPS}"


def test_adeli_left_over_is_read() -> None:
    """An identifier of the closed register still appears in the extracts."""
    assert national_id_of(ADELI) == ADELI
    assert rpps_of(ADELI) == ""


@pytest.mark.parametrize("text", ["", "12", "9990000000", "999000000031", "x9900000003", "8" * 13, "٩٩٩٠٠٠٠٠٠٠٣"])
def test_what_is_no_identifier_is_refused_in_words(text: str) -> None:
    """The sentence says how many digits were expected."""
    with pytest.raises(UsageError, match="expected 11 digits") as refused:
        national_id_of(text)
    assert refused.value.reason == "malformed"


@given(st.integers(0, 10), st.integers(1, 9))
def test_one_mistyped_digit_is_noticed(position: int, shift: int) -> None:
    """The Luhn key catches every single wrong digit, in both forms."""
    wrong = RPPS[:position] + str((int(RPPS[position]) + shift) % 10) + RPPS[position + 1 :]
    for text in (wrong, f"8{wrong}"):
        with pytest.raises(UsageError, match="key of this RPPS number is wrong"):
            national_id_of(text)


@given(st.integers(0, 9_999_999))
def test_number_with_its_key_is_accepted(number: int) -> None:
    """Every number of the invented range with the right key passes, and comes back from its national form."""
    body = f"999{number:07d}"
    rpps = body + luhn.calc_check_digit(body)
    assert is_rpps_number(rpps)
    assert rpps_of(national_id_of(rpps)) == rpps


def test_key_is_computed_without_the_type_digit() -> None:
    """The type digit 8 is no part of the key."""
    assert is_national_id("899900000001")  # the shape alone
    assert not is_rpps_number("99900000001")
    assert not is_rpps_number(f"8{RPPS}")


def test_full_width_digits_are_no_digits() -> None:
    """Digits of other alphabets have no place in an identifier."""
    assert not is_rpps_number("９９９０００００００３")
