"""Places: which structures (structures d'activité) are one, whichever identifiers each side knows of them.

A token of 2021 names a hospital by its FINESS number alone, one of today by its technical identifier, the
directory by both. Two structures are compared by the best that both have: the technical identifier, if of the same
form (F, C, R), else the former one, else the FINESS number, else the SIRET, which several sites may share. A
structure that fits two places makes them one: what cannot be told apart is not reported as different.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from rpps_sync.identifiers import structure_identifiers
from rpps_sync.practitioner import Structure

_KINDS = ("technical", "former", "finess", "siret")
_NUMBERS = 2  # from this kind on, any two values are of one form
_NONE: frozenset[str] = frozenset()
Keys = tuple[frozenset[str], ...]  # one set per kind, in the order of _KINDS


@lru_cache(65_536)
def _keys(technical_id: str, former_id: str, finess: str, siret: str) -> Keys:
    found = structure_identifiers(technical_id=technical_id, former_id=former_id, finess=finess, siret=siret)
    return tuple(found.get(kind, _NONE) for kind in _KINDS)


def keys_of(structure: Structure) -> Keys:
    """The identifiers of a structure by kind: technical, former, FINESS, SIRET."""
    return _keys(structure.technical_id, structure.former_id, structure.finess, structure.siret)


def same_place(left: Keys, right: Keys) -> bool:
    """Whether two structures are one, by the best identifier that both have."""
    for kind, (mine, yours) in enumerate(zip(left, right, strict=True)):
        if mine and yours and (kind >= _NUMBERS or _form(mine) == _form(yours)):
            return not mine.isdisjoint(yours)
    return False


def _form(identifier: frozenset[str]) -> str:
    return next(iter(identifier))[0]


class Places:
    """The name of each place: that of the first structure seen of it."""

    def __init__(self) -> None:
        self._places: dict[Keys, list[Keys]] = {}  # the structures of the same place, in a list they share
        self._names: dict[Keys, str] = {}

    def add(self, structures: Iterable[Structure]) -> None:
        """Make structures known; who comes first gives the name."""
        for structure in structures:
            self.name(structure)

    def name(self, structure: Structure) -> str:
        """The place's name, or an empty string for a structure without any identifier."""
        keys = keys_of(structure)
        if not any(keys):
            return ""
        if keys not in self._places:
            self._names[keys] = structure.key
            self._settle(keys)
        return self._names[self._places[keys][0]]

    def _settle(self, keys: Keys) -> None:
        """Put a structure with all those it is one with."""
        fitting = {id(place): place for known, place in self._places.items() if same_place(known, keys)}
        joined = [*chain.from_iterable(fitting.values()), keys]
        self._places |= dict.fromkeys(joined, joined)
