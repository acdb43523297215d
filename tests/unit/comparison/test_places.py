"""Structures recognised by whichever identifiers both sides have."""

from __future__ import annotations

from itertools import permutations

from rpps_sync.comparison.places import Places
from rpps_sync.practitioner import Structure

FULL = Structure(technical_id="F750000001", former_id="1750000001", finess="750000001", siret="99900000100011")
OLD_STYLE = Structure(finess="750000001")
NEIGHBOUR = Structure(technical_id="F750000002", finess="750000002", siret="99900000100011")


def names(*structures: Structure) -> list[str]:
    """The name of the place of each structure, once all are known."""
    places = Places()
    places.add(structures)
    return [places.name(structure) for structure in structures]


def test_first_structure_gives_its_place_a_name_that_all_its_others_share() -> None:
    """A token of 2021 names the place of the directory."""
    assert names(FULL, OLD_STYLE) == ["F750000001", "F750000001"]


def test_two_sites_of_one_company_stay_two_places() -> None:
    """A shared SIRET does not join what FINESS numbers keep apart."""
    assert names(FULL, NEIGHBOUR) == ["F750000001", "F750000002"]


def test_structure_that_fits_two_sites_makes_them_one() -> None:
    """What cannot be told apart is not reported as different, in whichever order it comes."""
    vague = Structure(siret="99900000100011")
    for order in permutations((FULL, NEIGHBOUR, vague)):
        assert len(set(names(*order))) == 1


def test_former_document_links_two_identifiers() -> None:
    """The number of today and that of yesterday are one place when one document had both."""
    today, yesterday = Structure(technical_id="R95141"), Structure(former_id="499900000001001")
    both = Structure(technical_id="R95141", former_id="499900000001001")
    assert len(set(names(today, yesterday))) == 2
    assert len(set(names(today, yesterday, both))) == 1


def test_structure_without_identifier_has_no_name() -> None:
    """The legal entity and the SIREN are not identifiers of a site."""
    assert names(Structure(finess_legal="750000009", siren="999000001", street="DES LILAS")) == [""]
