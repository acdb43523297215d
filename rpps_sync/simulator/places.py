"""Places of activity (structures): of which kind, where, and how many people work there.

Structures are sorted by kind, then by department, so that a practitioner's second structure can be found near the
first. Number 0 is the empty structure, that of the people who have none.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rpps_sync.practitioner import Structure
from rpps_sync.simulator.addresses import addresses
from rpps_sync.simulator.chances import Indexes, chance, weighted
from rpps_sync.simulator.codes import code_table
from rpps_sync.simulator.columns import at, chosen, joined, kept
from rpps_sync.simulator.communes import communes
from rpps_sync.simulator.structure_ids import identifiers
from rpps_sync.simulator.words import words

FIELDS = tuple(Structure.__dataclass_fields__)
_FEWEST = 4  # structures of each kind, however small the world


@dataclass(frozen=True, slots=True)
class PlaceKind:
    """One entry of ``structures.toml``."""

    key: str
    per_thousand: float
    spread: float
    form: str
    self_employed: float
    cedex: float
    sectors: dict[str, float]
    names: tuple[str, ...]
    subject: str
    urban: float = 1.0


@cache
def place_kinds() -> tuple[PlaceKind, ...]:
    """All kinds of places, in the order of the structures."""
    text = resources.files(__package__).joinpath("data", "structures.toml").read_text(encoding="utf-8")
    return tuple(PlaceKind(**entry | {"names": tuple(entry["names"])}) for entry in tomllib.loads(text)["kind"])


@dataclass(slots=True)
class Places:
    """All structures of a world; row 0 is the empty one."""

    frame: pl.DataFrame  # the columns of ``Structure``
    sector: NDArray[np.int8]  # index of the sector's code
    kind: NDArray[np.int8]  # position in place_kinds(), -1 for the empty structure
    overseas: NDArray[np.bool_]
    location: NDArray[np.float64]  # across the country, between 0 and 1; ascending within a kind
    starts: Indexes  # first structure of each kind, and one past the last
    reach: NDArray[
        np.float64
    ]  # ascending: kind + share of the kind's people up to that structure, itself included

    def pick(self, kinds: Indexes, homes: NDArray[np.float64]) -> Indexes:
        """The structure of each kind at a home, a position between 0 and 1 across the country."""
        found = np.searchsorted(self.reach, kinds + np.clip(homes, 1e-9, 1 - 1e-9)) + 1
        return self._within(kinds, found)

    def near(self, kinds: Indexes, locations: NDArray[np.float64], other_than: Indexes) -> Indexes:
        """The structure of each kind nearest to a location, or the next one when it is the one to avoid."""
        found = np.searchsorted(self.kind[1:] + self.location[1:], kinds + np.clip(locations, 0.0, 1.0)) + 1
        return self._within(kinds, np.where(self._within(kinds, found) == other_than, found + 1, found))

    def _within(self, kinds: Indexes, structures: Indexes) -> Indexes:
        clipped: Indexes = np.clip(structures, self.starts[kinds], self.starts[kinds + 1] - 1)
        return clipped


def build_places(rng: np.random.Generator, practitioners: int, seed: int) -> Places:
    """Invent the structures that so many practitioners share."""
    kinds = place_kinds()
    counts = np.array([max(_FEWEST, round(kind.per_thousand * practitioners / 1000)) for kind in kinds])
    kind = np.repeat(np.arange(len(kinds)), counts)
    towns = np.concatenate([_towns(rng, item, count) for item, count in zip(kinds, counts, strict=True)])
    department = communes()["department"].gather(towns).cast(pl.Int64).to_numpy()
    cells = (
        identifiers(rng, at([item.form for item in kinds], kind), department, practitioners, seed)
        | _names(rng, kind, towns)
        | addresses(rng, towns, rng.random(kind.size) < np.array([item.cedex for item in kinds])[kind])
    )
    empty = pl.DataFrame({key: [""] for key in FIELDS})
    return Places(
        frame=pl.concat([empty, pl.DataFrame(cells).select(FIELDS)]),
        sector=np.concatenate([[0], _sectors(rng, counts)]).astype(np.int8),
        kind=np.concatenate([[-1], kind]).astype(np.int8),
        overseas=np.concatenate([[False], department == 97]),
        location=np.concatenate([[0.0], _locations(rng, kind, towns)]),
        starts=np.concatenate([[0], np.cumsum(counts)]) + 1,
        reach=_reach(rng, counts),
    )


def _towns(rng: np.random.Generator, kind: PlaceKind, count: int) -> Indexes:
    """Communes by department; hospitals stand in towns more than cabinets do."""
    return np.sort(weighted(rng, (communes()["weight"] ** kind.urban).to_list(), count))


def _locations(rng: np.random.Generator, kind: Indexes, towns: Indexes) -> NDArray[np.float64]:
    """Communes laid end to end, each as long as its weight; a structure stands somewhere inside its own."""
    weights = communes()["weight"].to_numpy()
    ends = np.cumsum(weights) / weights.sum()
    inside: NDArray[np.float64] = ends[towns] - rng.random(towns.size) * weights[towns] / weights.sum()
    return inside[np.lexsort((inside, kind))]


def _sectors(rng: np.random.Generator, counts: Indexes) -> Indexes:
    table = code_table("sector")
    return np.concatenate(
        [
            table.indexes(list(kind.sectors))[weighted(rng, list(kind.sectors.values()), count)]
            for kind, count in zip(place_kinds(), counts, strict=True)
        ]
    )


def _reach(rng: np.random.Generator, counts: Indexes) -> NDArray[np.float64]:
    """Sizes are unequal (a few large hospitals), more so for the kinds with a larger spread."""
    parts = []
    for number, (kind, count) in enumerate(zip(place_kinds(), counts, strict=True)):
        sizes = 0.2 + rng.pareto(1.6, count) * kind.spread
        parts.append(number + np.cumsum(sizes) / sizes.sum())
    return np.concatenate(parts)


def _names(rng: np.random.Generator, kind: Indexes, towns: Indexes) -> dict[str, pl.Series]:
    """Corporate name (raison sociale) and, for some, trade name (enseigne)."""
    firsts = [name for item in place_kinds() for name in item.names]
    offsets = np.cumsum([0, *(len(item.names) for item in place_kinds())])
    lengths = np.array([len(item.names) for item in place_kinds()])[kind]
    first = at(firsts, offsets[kind] + (rng.random(kind.size) * lengths).astype(np.int64))
    subjects = np.array([("town", "family", "word").index(item.subject) for item in place_kinds()])[kind]
    family = at(words().family, rng.integers(0, len(words().family), kind.size))
    place = at(words().places, rng.integers(0, len(words().places), kind.size))
    subject = chosen(subjects == 0, communes()["town"].gather(towns), chosen(subjects == 1, family, place))
    return {
        "name": joined(first, " ", subject),
        "trade_name": kept(joined(subject, " SANTE"), chance(rng, 0.06, kind.size)),
    }
