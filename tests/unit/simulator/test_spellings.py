"""Other ways to write a value: each is another text, and none of another value."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from rpps_sync.simulator.spellings import (
    EMAILS,
    FAMILY_NAMES,
    GIVEN_NAMES,
    PHONES,
    SORTING_OFFICE,
    STREETS,
    TOWNS,
    Respell,
    draw_spellings,
    respelt_activity,
    respelt_names,
)

PLACE = {
    "street_number": "12",
    "street_repetition": "B",
    "street_type": "R",
    "street_type_label": "Rue",
    "street": "DU GENERAL DE GAULLE",
    "postal_code": "75013",
    "cedex": "75013 PARIS",
    "commune": "75113",
    "phone": "0199001234",
    "email": "contact@sante.example",
}


@pytest.mark.parametrize(
    ("known", "written"),
    [
        (FAMILY_NAMES, "LE GOFF-D'ÉTÉ"),
        (GIVEN_NAMES, "ANNE-HÉLÈNE"),
        (PHONES, "0199001234"),
        (EMAILS, "contact@sante.example"),
    ],
)
def test_each_spelling_is_another_text(known: Mapping[str, Respell], written: str) -> None:
    """No two ways of writing a value give the same."""
    told = [spelling(written) for spelling in known.values()]
    assert len({written, *told}) == 1 + len(known)


@pytest.mark.parametrize("value", ["street", "town"])
def test_each_spelling_of_an_address_changes_it_in_its_own_way(value: str) -> None:
    """Types, numbers, offices and cities move or change; telephone and e-mail stay."""
    known = STREETS if value == "street" else TOWNS
    told = [respelt_activity(PLACE, {value: name}) for name in known]
    assert all(one != PLACE for one in told)
    assert len({tuple(one.values()) for one in told}) == len(known)
    assert {(one["phone"], one["email"]) for one in told} == {(PLACE["phone"], PLACE["email"])}


def test_address_without_number_or_type_stays_as_it_is() -> None:
    """What is not there cannot be written in another place."""
    bare = PLACE | {"street_number": "", "street_repetition": "", "street_type": "", "street_type_label": ""}
    for name in ("number in the name", "zeros before the number", "type in full", "repetition in full"):
        assert respelt_activity(bare, {"street": name}) == bare


def test_unknown_names_are_never_invented() -> None:
    """An empty name is written as an empty name."""
    empty = {"family_name": "", "given_name": ""}
    assert respelt_names(empty, {"family_name": "married", "given_name": "one more"}) == ("", "")


def test_token_of_2021_never_tells_a_sorting_office() -> None:
    """It has no bureau cedex, without which the code would be another town's."""
    rng = np.random.default_rng(1)
    drawn = [draw_spellings(rng, old=True) for _ in range(300)]
    assert SORTING_OFFICE not in {one.get("town") for one in drawn}
    assert {"title case", "née"} <= {one.get("family_name") for one in drawn}
