"""A table whatever its file: a header, and rows of cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Cells = Sequence[Any]
Write = Callable[[Cells], None]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table being read.

    Args:
        header: the names of the columns.
        rows: the cells of each row, as many as the header has.
        origin: what the writer of the same kind keeps of it: separator, schema.
    """

    header: list[str]
    rows: Iterator[Cells]
    origin: Any = None
