"""Texts as programs ask for them: a beginning, a part or the whole, whatever the accents and the case."""

from __future__ import annotations

from enum import Enum, auto

from sqlalchemy import ColumnElement

from rpps_sync.directory.search.spelling import normal
from rpps_sync.directory.search.typos import HIGHEST


class How(Enum):
    """How a text is compared with what was published."""

    BEGINS = auto()  # accents, case, spaces and hyphens aside
    CONTAINS = auto()  # idem
    EXACT = auto()  # letter by letter


def spaced(text: str) -> tuple[str, ...]:
    """A text in normal form; two of them when its last word may be the beginning of another.

    ``ST`` alone means SAINT, and is also how STEPHAN begins.

    >>> spaced("Le Goff"), spaced("st")
    (('LE GOFF',), ('SAINT', 'ST'))
    """
    return tuple(dict.fromkeys((normal(text), normal(f"{text}Q")[:-1].strip())))


def forms(text: str) -> tuple[str, ...]:
    """The same without spaces, as a name written in one word.

    >>> forms("Le Goff")
    ('LEGOFF',)
    """
    return tuple(dict.fromkeys(form.replace(" ", "") for form in spaced(text)))


def begins(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """A range that an index serves, on both databases."""
    return column.between(text, text + HIGHEST)


def like(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether a column holds a text somewhere; what LIKE takes for patterns is taken for letters."""
    return column.contains(text, autoescape=True)
