"""The lines of personne-activite, as columns of small integers.

One line is one situation: a person in a profession and category, with one skill, in one activity at one structure.
Values are indexes: of people, of structures, of codes (see ``codes``), of registration authorities.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from rpps_sync.simulator.chances import Indexes, Mask

TYPES: dict[str, type[np.generic]] = {
    "person": np.int32,
    "profession": np.int8,
    "category": np.int8,
    "exercise_civility": np.int8,
    "skill": np.int16,
    "structure": np.int32,
    "mode": np.int8,
    "sector": np.int8,
    "pharmacist_section": np.int8,
    "role": np.int8,
    "kind": np.int8,
    "authority": np.int8,
    "position": np.float64,
}


@dataclass(slots=True)
class Lines:
    """So many lines, one array per column."""

    person: NDArray[Any]
    profession: NDArray[Any]
    category: NDArray[Any]
    exercise_civility: NDArray[Any]
    skill: NDArray[Any]
    structure: NDArray[Any]  # 0 for none
    mode: NDArray[Any]
    sector: NDArray[Any]
    pharmacist_section: NDArray[Any]
    role: NDArray[Any]
    kind: NDArray[Any]
    authority: NDArray[Any]
    position: NDArray[Any]  # where the line stands in the file: lines are written in ascending order

    def __post_init__(self) -> None:
        for name, dtype in TYPES.items():
            setattr(self, name, np.asarray(getattr(self, name)).astype(dtype, copy=False))

    def __len__(self) -> int:
        return int(self.person.size)

    def where(self, chosen: Mask | Indexes) -> Self:
        """A copy of the chosen lines."""
        return self._each(lambda column: column[chosen])

    def followed_by(self, other: Lines) -> Lines:
        """These lines, then the others."""
        return Lines(**{name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in TYPES})

    def of(self, people: Indexes) -> Mask:
        """Which lines are those people's."""
        return np.isin(self.person, people)

    def in_order(self) -> Indexes:
        """The rows in the order of the file."""
        return np.argsort(self.position, kind="stable")

    def _each(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Self:
        return type(self)(**{field.name: change(getattr(self, field.name)) for field in fields(self)})
