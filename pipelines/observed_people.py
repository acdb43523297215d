"""Who was seen in what is being taken in, however many they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

TOGETHER = 50_000  # held as Python texts, some hundred bytes each; sixteen bytes each beyond


class ObservedPeople:
    """A set of national identifiers, or of their pseudonyms, that only grows."""

    def __init__(self) -> None:
        self._new: set[str] = set()
        self._known = pl.Series(dtype=pl.String)

    def update(self, names: Iterable[str]) -> None:
        """Add some."""
        self._new.update(names)
        if len(self._new) >= TOGETHER:
            self._put_away()

    def __len__(self) -> int:
        """How many different ones."""
        self._put_away()
        return self._known.len()

    def pages(self) -> Iterator[list[str]]:
        """All of them once, in order, some at a time."""
        self._put_away()
        everybody = self._known.sort()
        for start in range(0, everybody.len(), TOGETHER):
            yield everybody.slice(start, TOGETHER).to_list()

    def _put_away(self) -> None:
        if self._new:
            self._known = pl.concat([self._known, pl.Series(list(self._new), dtype=pl.String)]).unique()
            self._new = set()
