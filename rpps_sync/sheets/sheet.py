"""A table whatever its file: a header, and rows of cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Cells = Sequence[Any]
Write = Callable[[Cells], None]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")


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


def harmless(cell: Any) -> Any:
    """The cell, so that no spreadsheet takes a text for a formula: an apostrophe goes before it.

    A text that is a plain number (``-5``, ``+33123456789``) is none.

    >>> harmless("=HYPERLINK(1)"), harmless("-5"), harmless("MARTIN")
    ("'=HYPERLINK(1)", '-5', 'MARTIN')
    """
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
