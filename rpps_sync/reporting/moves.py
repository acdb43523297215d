"""Moves of figures: which way is better, and in which order they are told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from rpps_sync.reporting.model import Move, Turn, Unit
from rpps_sync.reporting.words import Words

Sides = tuple[float | None, float | None]  # before, now


class Better(StrEnum):
    """Which way of a figure is good news."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


_THEMES = ("nights", "directory", "checks", "quarantine", "freshness", "incidents", "findings", "lags", "scores")


def compared(theme: str, subject: str, sides: Sides, better: Better, unit: Unit = Unit.NUMBER) -> Iterator[Move]:
    """The move of one figure; none where it did not move, or is not known on one side."""
    before, now = sides
    if before is None or now is None or before == now:
        return
    turn = Turn.MOVED
    if better is not Better.NEITHER:
        turn = Turn.BETTER if (now > before) == (better is Better.HIGHER) else Turn.WORSE
    yield Move(turn, theme, subject, before, now, unit)


def in_order(moves: Iterable[Move]) -> tuple[Move, ...]:
    """What appeared or got worse first, then what got better or is gone; themes in the order of the report."""
    turns = list(Turn)
    return tuple(sorted(moves, key=lambda move: (turns.index(move.turn), _THEMES.index(move.theme), move.subject)))


def told(move: Move, words: Words) -> str:
    """A move in one sentence without its end: ``Mieux – délais : délai médian des jetons, 4 j contre 6 j``."""
    sides = {"before": words.shown(move.before, move.unit), "now": words.shown(move.now, move.unit)}
    theme = words(f"theme.{move.theme}").lower()
    return words(f"difference.told_{move.turn}", theme=theme, subject=move.subject, **sides)
