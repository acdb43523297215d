"""Rows: tables held as columns of small integers, one array per column; a row's number is its place in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Self, get_type_hints

import numpy as np
from numpy.typing import NDArray

from rpps_sync.simulator.chances import Indexes, Mask

Int8 = Annotated[NDArray[Any], np.int8]
Int16 = Annotated[NDArray[Any], np.int16]
Int32 = Annotated[NDArray[Any], np.int32]
Float64 = Annotated[NDArray[Any], np.float64]
Truth = Annotated[NDArray[Any], np.bool_]


@dataclass(slots=True, eq=False)
class Rows:
    """So many rows; subclasses declare columns of the types above, and what is put there is cast to them."""

    def __post_init__(self) -> None:
        for name, dtype in self.types().items():
            setattr(self, name, np.asarray(getattr(self, name)).astype(dtype, copy=False))

    def __len__(self) -> int:
        return int(getattr(self, next(iter(self.types()))).size)

    @classmethod
    def types(cls) -> dict[str, type[np.generic]]:
        """The type of each column, in order."""
        hints = get_type_hints(cls, include_extras=True)
        return {name: hint.__metadata__[0] for name, hint in hints.items()}

    @classmethod
    def none(cls) -> Self:
        """No row."""
        return cls(**{name: np.empty(0, dtype) for name, dtype in cls.types().items()})

    def where(self, chosen: Mask | Indexes) -> Self:
        """A copy of the chosen rows."""
        return type(self)(**{name: getattr(self, name)[chosen] for name in self.types()})

    def followed_by(self, other: Self) -> Self:
        """These rows, then the others."""
        columns: dict[str, NDArray[Any]] = {
            name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in self.types()
        }
        return type(self)(**columns)
