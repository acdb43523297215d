"""Coordinates of structures, with the oddities of the files.

Commune labels without code, streets with their type inside, CEDEX codes that no table of postal codes holds,
``CP VILLE`` in the bureau cedex, departments always empty, France written or left out, a few places abroad.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from rpps_sync.simulator.chances import Indexes, Mask, chance, weighted
from rpps_sync.simulator.codes import code_table
from rpps_sync.simulator.columns import at, chosen, joined, kept
from rpps_sync.simulator.communes import communes
from rpps_sync.simulator.keyed_numbers import digits
from rpps_sync.simulator.words import words

_STREET_TYPES = {"R": 52, "AV": 17, "BD": 8, "RTE": 6, "PL": 7, "CHE": 4, "ALL": 4, "FG": 1, "LD": 1}
_INSIDE = {"R": "RUE ", "AV": "AV ", "BD": "BD ", "RTE": "RTE ", "PL": "PL ", "CHE": "CHE ", "ALL": "ALL "}
_PHONES = ("019900", "026191", "035301", "046571", "053649")  # ranges that ARCEP keeps for fiction
_LOCATIONS = ("BATIMENT A", "2EME ETAGE", "ZA DES PLATANES", "CENTRE COMMERCIAL", "RESIDENCE LE PARC", "ENTREE B")
_DISTRIBUTIONS = ("BP 12", "BP 90", "CS 40001", "CS 70125", "BP 5", "TSA 30004")


def addresses(rng: np.random.Generator, towns: Indexes, cedex: Mask) -> dict[str, pl.Series]:
    """The coordinates of so many structures, by column key.

    Args:
        rng: where chance comes from.
        towns: their communes, positions in ``communes()``.
        cedex: which ones get their mail through a CEDEX office.
    """
    foreign = chance(rng, 0.0006, towns.size)
    return _street(rng, towns.size) | _post(rng, towns, cedex, foreign) | _contacts(rng, towns.size)


def _street(rng: np.random.Generator, size: int) -> dict[str, pl.Series]:
    table = code_table("street_type")
    numbers = rng.integers(1, 180, size)
    letters = chance(rng, 0.002, size)  # a number may be a letter
    types = table.indexes(list(_STREET_TYPES))[weighted(rng, list(_STREET_TYPES.values()), size)]
    names = at(words().streets, rng.integers(0, len(words().streets), size))
    inside = chance(rng, 0.11, size)
    coded = ~inside & chance(rng, 0.93, size)
    prefix = at([_INSIDE.get(code, "") for code in table.codes], types)
    number = kept(
        chosen(letters, at(["P"], np.zeros(size, np.int64)), pl.Series(numbers).cast(pl.String)),
        chance(rng, 0.86, size),
    )
    return {
        "recipient": kept(at(["SERVICE DE CONSULTATION"], np.zeros(size, np.int64)), chance(rng, 0.02, size)),
        "location": kept(at(_LOCATIONS, rng.integers(0, len(_LOCATIONS), size)), chance(rng, 0.12, size)),
        "street_number": number,
        "street_repetition": kept(at(("B", "T", "Q"), weighted(rng, (8, 2, 1), size)), chance(rng, 0.04, size)),
        "street_type": kept(table.code_column().gather(types), coded),
        "street_type_label": kept(at(table.labels, types), ~inside),
        "street": joined(kept(prefix, inside), names),
        "distribution": kept(
            at(_DISTRIBUTIONS, rng.integers(0, len(_DISTRIBUTIONS), size)), chance(rng, 0.07, size)
        ),
    }


def _post(rng: np.random.Generator, towns: Indexes, cedex: Mask, foreign: Mask) -> dict[str, pl.Series]:
    table = communes()
    size = towns.size
    town = table["town"].gather(towns)
    plain_code = table["postal_code"].gather(towns)
    cedex_code = joined(
        plain_code.str.head(2), digits(rng.integers(0, 90, size) * 10 + rng.integers(1, 10, size), 3)
    )
    postal_code = chosen(foreign, at(["GL"], np.zeros(size, np.int64)), chosen(cedex, cedex_code, plain_code))
    suffix = kept(at([" CEDEX", " CEDEX 2", " CEDEX 5", " CEDEX 9"], rng.integers(0, 4, size)), cedex)
    bureau = joined(postal_code, " ", town, suffix)
    only_town = chance(rng, 0.05, size)
    no_code = chance(rng, 0.07, size) | foreign  # the label of the commune without its code
    france = chance(rng, 0.7, size)
    country = chosen(
        foreign, at(["99132"], np.zeros(size, np.int64)), kept(at(["99000"], np.zeros(size, np.int64)), france)
    )
    country_label = chosen(
        foreign,
        at(["Angleterre"], np.zeros(size, np.int64)),
        kept(at(["France"], np.zeros(size, np.int64)), france),
    )
    return {
        "cedex": kept(chosen(only_town, joined(town, suffix), bureau), chance(rng, 0.88, size) & ~foreign),
        "postal_code": postal_code,
        "commune": kept(table["code"].gather(towns), ~no_code),
        "commune_label": kept(table["label"].gather(towns), ~foreign),
        "country": country,
        "country_label": country_label,
        "department": kept(town, np.zeros(size, bool)),
        "department_label": kept(town, np.zeros(size, bool)),
    }


def _contacts(rng: np.random.Generator, size: int) -> dict[str, pl.Series]:
    def phones(share: float) -> pl.Series:
        numbers = joined(
            at(_PHONES, rng.integers(0, len(_PHONES), size)), digits(rng.integers(0, 10_000, size), 4)
        )
        return kept(numbers, chance(rng, share, size))

    mailboxes = joined("contact", digits(rng.integers(0, 10_000_000, size), 7), "@sante.example")
    return {
        "phone": phones(0.66),
        "phone2": phones(0.05),
        "fax": phones(0.28),
        "email": kept(mailboxes, chance(rng, 0.14, size)),
    }
