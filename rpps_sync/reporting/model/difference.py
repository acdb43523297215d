"""What moved since the edition before: a list of moves, each in words and figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Turn(StrEnum):
    """Which way something went; read in this order."""

    APPEARED = "appeared"
    WORSE = "worse"
    BETTER = "better"
    GONE = "gone"
    MOVED = "moved"  # neither good nor bad


class Unit(StrEnum):
    """What a figure is counted in, and so how it is written."""

    NUMBER = "number"
    SHARE = "share"  # between 0 and 1
    SECONDS = "seconds"
    DAYS = "days"
    WORDS = "words"  # already in the language of the report


Value = float | str | None


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that is not as it was."""

    turn: Turn
    theme: str  # a key of the catalogue's [theme]
    subject: str  # in the language of the report
    before: Value
    now: Value
    unit: Unit


@dataclass(frozen=True, slots=True)
class Former:
    """The edition before."""

    id: str
    at: datetime  # when its run began, or its period ended


@dataclass(frozen=True, slots=True)
class Difference:
    """All that moved since the edition before; ``former`` is None where there was none."""

    former: Former | None
    moves: tuple[Move, ...] = ()
