"""Progress, as the stories see it: a bar for each step, which somebody may or may not be watching."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Bar(Protocol):
    """What shows how far a step has come."""

    def advance(self, amount: int, /) -> None:
        """So much more was done."""


class Bars(Protocol):
    """What makes a bar for a step: its description, and how much there is to do (None: unknown)."""

    def __call__(self, description: str, total: int | None = None, /) -> AbstractContextManager[Bar]:
        """A bar, shown while the block runs."""


class _NoBar:
    def advance(self, amount: int, /) -> None:
        """Nobody is watching."""


def no_bars(_description: str, _total: int | None = None, /) -> AbstractContextManager[Bar]:
    """No bars: nobody is watching."""
    return nullcontext(_NoBar())
