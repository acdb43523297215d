import numpy as np
from stdnum import luhn

from rpps_sync.identifiers import is_rpps_number
from rpps_sync.simulator.keyed_numbers import (
    RPPS_NUMBERS,
    digits,
    finess_numbers,
    rpps_numbers,
    siren_numbers,
    siret_numbers,
)


def test_every_simulated_rpps_number_starts_with_999_and_carries_a_valid_key() -> None:
    """The numbers pass the check of real ones and stand outside the range in use."""
    numbers = digits(rpps_numbers(np.arange(2_000), seed=3), 11)
    assert all(is_rpps_number(number) and number.startswith("999") for number in numbers)


def test_no_rpps_number_is_given_twice_in_ten_million() -> None:
    """Ranks and numbers correspond one to one."""
    ranks = np.arange(0, RPPS_NUMBERS, 7)
    assert np.unique(rpps_numbers(ranks, seed=5)).size == ranks.size


def test_numbers_of_structures_carry_valid_keys() -> None:
    """FINESS, SIREN and SIRET numbers pass the Luhn check at their width."""
    serials = np.arange(500)
    siren = siren_numbers(serials)
    for numbers, width in (
        (finess_numbers(np.full(500, 1), serials), 9),
        (siren, 9),
        (siret_numbers(siren, serials), 14),
    ):
        texts = digits(numbers, width)
        assert all(len(text) == width and luhn.is_valid(text) for text in texts)
