"""Identifiers of structures, in the forms that the files hold, with valid keys.

A technical identifier is F + FINESS, C + SIRET or R + a number. The former identifier is 1 + FINESS, 3 + SIRET,
4 + RPPS + rank, or 0 + ADELI + rank.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from rpps_sync.simulator.chances import Indexes, Mask, chance
from rpps_sync.simulator.columns import chosen, joined, kept
from rpps_sync.simulator.keyed_numbers import (
    digits,
    finess_numbers,
    rpps_numbers,
    siren_numbers,
    siret_numbers,
    with_key,
)

_LOST = 0.012  # share of structures that miss their technical identifier


def identifiers(
    rng: np.random.Generator, forms: pl.Series, departments: Indexes, practitioners: int, seed: int
) -> dict[str, pl.Series]:
    """The six identifier columns of structures.

    Args:
        rng: where chance comes from.
        forms: ``finess``, ``siret`` or ``number``, one per structure.
        departments: their departments, as numbers of two digits.
        practitioners: how many RPPS numbers exist that an old cabinet can be named after.
        seed: that of the world, which the RPPS numbers depend on.
    """
    size = departments.size
    finess_form, siret_form = ((forms == form).to_numpy() for form in ("finess", "siret"))
    number_form = ~finess_form & ~siret_form
    finess, legal = _finess(departments)
    siren, siret = _sirets(rng, size)
    owner = digits(rpps_numbers(rng.integers(0, practitioners, size), seed), 11)
    by_owner = number_form & chance(rng, 0.72, size)
    by_adeli = number_form & ~by_owner & chance(rng, 0.4, size)
    former = {
        "1": (finess, finess_form & chance(rng, 0.85, size)),
        "3": (siret, siret_form & chance(rng, 0.9, size)),
        "4": (joined(owner, digits(1 + np.arange(size) % 999, 3)), by_owner),
        "0": (_adeli(rng, departments), by_adeli),
    }
    former_id = joined(*(kept(joined(prefix, value), where) for prefix, (value, where) in former.items()))
    former_id = kept(former_id, former_id.is_first_distinct().to_numpy())
    named = chance(rng, 1 - _LOST, size) | (former_id == "").to_numpy()
    with_siret = siret_form | chance(rng, 0.3, size) & finess_form | chance(rng, 0.12, size) & number_form
    return {
        "technical_id": kept(_technical(rng, finess_form, siret_form, finess, siret), named),
        "former_id": former_id,
        "finess": kept(finess, finess_form & chance(rng, 0.86, size)),
        "finess_legal": kept(legal, finess_form & chance(rng, 0.6, size)),
        "siret": kept(siret, with_siret),
        "siren": kept(siren, with_siret & chance(rng, 0.75, size)),
    }


def _technical(
    rng: np.random.Generator, finess_form: Mask, siret_form: Mask, finess: pl.Series, siret: pl.Series
) -> pl.Series:
    """R numbers have 14 digits, a few have kept their short form of the first years."""
    ranks = np.arange(finess_form.size, dtype=np.int64)
    short = chance(rng, 0.12, ranks.size)
    numbers = chosen(short, digits(90_000 + ranks, 5), digits(10_000_900_000_000 + ranks * 7, 14))
    return chosen(finess_form, joined("F", finess), chosen(siret_form, joined("C", siret), joined("R", numbers)))


def _finess(departments: Indexes) -> tuple[pl.Series, pl.Series]:
    """Numbers of the site and of the legal entity; entities own some three sites of their department."""
    rank = (
        pl.DataFrame({"department": departments})
        .select(pl.int_range(pl.len()).over("department").alias("rank"))["rank"]
        .to_numpy()
    )
    sites = digits(finess_numbers(departments, rank), 9)
    entities = digits(finess_numbers(departments, 6_000 + rank // 3), 9)
    return sites, entities


def _sirets(rng: np.random.Generator, size: int) -> tuple[pl.Series, pl.Series]:
    sirens = siren_numbers(rng.permutation(size).astype(np.int64))
    return digits(sirens, 9), digits(siret_numbers(sirens, rng.integers(1, 60, size)), 14)


def _adeli(rng: np.random.Generator, departments: Indexes) -> pl.Series:
    """ADELI numbers (department, profession, serial, key) with the rank of the cabinet in two digits."""
    professions = np.array([60, 70, 80, 91, 92, 93, 0])[rng.integers(0, 7, departments.size)]
    serials = rng.integers(0, 10_000, departments.size)
    numbers = with_key(departments * 1_000_000 + professions * 10_000 + serials)
    return joined(digits(numbers, 9), digits(rng.integers(1, 9, departments.size), 2))
