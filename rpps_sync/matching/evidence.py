"""How far one practitioner agrees with a description, in bits, each with its reason.

The weights are those of Fellegi and Sunter (A Theory for Record Linkage, 1969). An agreement weighs log2(m/u):
m is how often the field agrees when it is the same person, u how often it does by chance; a rare name therefore
weighs more than a frequent one. What is not told, or not known, weighs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import log2

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from rpps_sync.matching.description import Candidate, Described, Frequencies, Site
from rpps_sync.names import LINKS, PARTICLES, compatible, compatible_given, normalised

NEARLY = 0.90  # Jaro-Winkler similarity of two spellings of one name
SAME_STRUCTURE = 85  # token-set ratio of two ways to write the name of one place

# How often a field agrees when it is the same person: files of others are as dirty as that.
_AGREES = {"name": 0.85, "profession": 0.97, "skill": 0.85, "place": 0.70, "department": 0.85}
_DIFFERS = {"family": -6.0, "given": -6.0, "profession": -6.0, "skill": -2.0, "place": -1.5, "structure": -0.5}
_COMPATIBLE, _SIMILAR, _SWAPPED = -1.5, -3.0, -1.0  # bits off a full agreement
_SAME_IDENTIFIER, _SAME_NAME = 8.0, 5.0  # of a structure


class How(StrEnum):
    """How two values agree."""

    SAME = "same"
    COMPATIBLE = "compatible"  # a double name of which one side has a part, an initial, a particle left out
    SIMILAR = "similar"  # a typo
    SWAPPED = "swapped"  # family and given name changed places
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Reason:
    """What one field says for or against a candidate."""

    field: str
    told: str
    found: str
    how: How
    bits: float


def reasons(told: Described, candidate: Candidate, common: Frequencies) -> tuple[Reason, ...]:
    """What speaks for and against a candidate; fields that are not told have no reason."""
    found = [
        *_names(told, candidate, common),
        _coded("profession", told.profession, candidate.professions, common.profession),
        _coded("skill", told.skill, candidate.skills, common.skill),
        _place(told, candidate.sites, common),
        _structure(told, candidate.sites),
    ]
    return tuple(one for one in found if one is not None)


def _names(told: Described, candidate: Candidate, common: Frequencies) -> list[Reason]:
    straight = [
        *_best_family(told.names, candidate.family, common),
        *_given(told.given, candidate.given, common),
    ]
    if not told.given or not told.names:
        return straight
    crossed = [
        *_best_family((told.given,), candidate.family, common),
        *_given(told.names[0], candidate.given, common),
    ]
    both = all(one.how is not How.DIFFERENT for one in crossed) and len(crossed) == 2
    if both and sum(one.bits for one in crossed) + 2 * _SWAPPED > sum(one.bits for one in straight):
        return [Reason(one.field, one.told, one.found, How.SWAPPED, one.bits + _SWAPPED) for one in crossed]
    return straight


def _best_family(told: tuple[str, ...], found: str, common: Frequencies) -> list[Reason]:
    every = [_name("family", "f", one, found, common, alike=compatible(one, found)) for one in told]
    return [max(every, key=lambda one: one.bits)] if every and found else []


def _given(told: str, found: str, common: Frequencies) -> list[Reason]:
    if not told.strip() or not found:
        return []
    return [_name("given", "g", told, found, common, alike=compatible_given(told, found))]


def _name(field: str, kind: str, told: str, found: str, common: Frequencies, *, alike: bool) -> Reason:
    full = log2(_AGREES["name"] / common.of_name(kind, words_of(found)))
    one, other = normalised(told).replace(" ", ""), normalised(found).replace(" ", "")
    if one == other and one:
        return Reason(field, told, found, How.SAME, full)
    if alike:
        return Reason(field, told, found, How.COMPATIBLE, full + _COMPATIBLE)
    if JaroWinkler.similarity(one, other) >= NEARLY:
        return Reason(field, told, found, How.SIMILAR, full + _SIMILAR)
    return Reason(field, told, found, How.DIFFERENT, _DIFFERS[field])


def words_of(name: str) -> tuple[str, ...]:
    """The words that bear a name, particles and links left out unless there is nothing else."""
    words = tuple(normalised(name).split())
    return tuple(word for word in words if word not in LINKS | PARTICLES) or words


def _coded(field: str, told: str, found: frozenset[str], chance: float) -> Reason | None:
    """``told`` is a code, or several that one label may mean, separated by spaces."""
    if not told or not found:
        return None
    shared = sorted(found & set(told.split()))
    if shared:
        return Reason(field, told, shared[0], How.SAME, log2(_AGREES[field] / max(chance, 1e-6)))
    return Reason(field, told, " ".join(sorted(found)), How.DIFFERENT, _DIFFERS[field])


def _place(told: Described, sites: tuple[Site, ...], common: Frequencies) -> Reason | None:
    """The narrowest of postal code, commune and department that agrees with one of the places."""
    if not sites or not (told.postal_code or told.commune or told.department):
        return None
    every = [reason for site in sites for reason in _same_place(told, site, common)]
    if every:
        return max(every, key=lambda one: one.bits)
    given = told.postal_code or told.commune or told.department
    return Reason("place", given, sites[0].postal_code or sites[0].department, How.DIFFERENT, _DIFFERS["place"])


def _same_place(told: Described, site: Site, common: Frequencies) -> list[Reason]:
    communes = {site.commune, _town(site.commune_label)} - {""}
    asked = (
        (told.postal_code, {site.postal_code}, "place", common.postal_code),
        (told.commune.upper(), communes, "place", common.commune),
        (_town(told.commune), communes, "place", common.commune),
        (told.department, {site.department}, "department", common.department),
    )
    return [
        Reason("place", value, value, How.SAME, log2(_AGREES[kind] / max(chance, 1e-6)))
        for value, known, kind, chance in asked
        if value and value in known
    ]


def _town(label: str) -> str:
    """The name of a commune without what tells its districts and its cedex apart."""
    return normalised(label).split(" CEDEX")[0].rstrip("0123456789 ")


def _structure(told: Described, sites: tuple[Site, ...]) -> Reason | None:
    if not sites or not (told.structure or told.finess or told.siret):
        return None
    for field in ("finess", "siret"):
        value = getattr(told, field)
        if value and any(value == getattr(site, field) for site in sites):
            return Reason("structure", value, value, How.SAME, _SAME_IDENTIFIER)
    names = {name for site in sites for name in (site.name, site.trade_name) if name}
    if not told.structure or not names:
        return None
    wanted = normalised(told.structure)
    best = max(sorted(names), key=lambda name: fuzz.token_set_ratio(wanted, normalised(name)))
    if fuzz.token_set_ratio(wanted, normalised(best)) >= SAME_STRUCTURE:
        return Reason("structure", told.structure, best, How.SIMILAR, _SAME_NAME)
    return Reason("structure", told.structure, best, How.DIFFERENT, _DIFFERS["structure"])
