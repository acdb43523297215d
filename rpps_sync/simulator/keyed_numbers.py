"""Identifiers of invented people and places, by whole columns, with valid keys and outside the ranges in use.

RPPS numbers start with 999 (ten million of them), SIREN numbers with 00, FINESS numbers hold 99 after the
department.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

Integers = NDArray[np.int64]

RPPS_NUMBERS = 10_000_000  # how many RPPS numbers start with 999
_RPPS_START = 999 * RPPS_NUMBERS
_STEP = 6_180_339  # prime to ten million: consecutive ranks give numbers that look unrelated, never the same twice


def luhn_keys(payloads: Integers) -> Integers:
    """The Luhn key of each payload (the digits before the key; leading zeros do not count)."""
    total = np.zeros_like(payloads)
    rest = payloads.copy()
    doubled = True
    while rest.any():
        digits = rest % 10
        if doubled:
            digits = digits * 2 - 9 * (digits > 4)
        total += digits
        rest //= 10
        doubled = not doubled
    return (10 - total % 10) % 10


def with_key(payloads: Integers) -> Integers:
    """Each payload followed by its Luhn key."""
    return payloads * 10 + luhn_keys(payloads)


def rpps_numbers(ranks: Integers, seed: int) -> Integers:
    """The RPPS number of each rank below ``RPPS_NUMBERS``: 11 digits, one number per rank for a given seed."""
    serials = (ranks * _STEP + seed * 7_919) % RPPS_NUMBERS
    return with_key(_RPPS_START + serials)


def finess_numbers(departments: Integers, serials: Integers) -> Integers:
    """FINESS numbers: department (2 digits), 99, serial (4 digits), key."""
    return with_key(departments * 1_000_000 + 990_000 + serials % 10_000)


def siren_numbers(serials: Integers) -> Integers:
    """SIREN numbers from 000000018 up: 9 digits once padded."""
    return with_key(1 + serials)


def siret_numbers(sirens: Integers, sites: Integers) -> Integers:
    """SIRET numbers: SIREN, site number (4 digits), key over the 14 digits."""
    return with_key(sirens * 10_000 + sites % 10_000)


def digits(numbers: Integers, width: int) -> pl.Series:
    """Numbers as text, padded with zeros on the left."""
    return pl.Series(numbers).cast(pl.String).str.zfill(width)
