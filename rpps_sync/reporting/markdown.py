"""A report as Markdown, for a wiki or a ticket: the first page in words, then every table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from rpps_sync.reporting.cover import Cover, of_night
from rpps_sync.reporting.model import ReportModel
from rpps_sync.reporting.tables import Row, Table, tables
from rpps_sync.reporting.words import Words

_ACTIVE = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def render(model: ReportModel) -> str:
    """The report of a run."""
    return written(of_night(model, identifiers=False), tables(model))


def written(cover: Cover, told: Iterable[Table]) -> str:
    """The first page in words, then tables; those without lines are left out."""
    words = Words(cover.language)
    parts = [
        f"# {_text(cover.title)}",
        _text(cover.headline),
        *(_table(table, words) for table in told if table.rows),
    ]
    return "\n\n".join((*parts, _text(cover.source))) + "\n"


def _table(table: Table, words: Words) -> str:
    return "\n".join((f"## {_text(table.title)}", "", *_lines(table, words)))


def _lines(table: Table, words: Words) -> Iterator[str]:
    yield _line([_text(name) for name in table.header])
    yield _line(["---"] * len(table.header))
    for row in table.rows:
        yield _line(_cells(row, table.shares_from, words))


def _cells(row: Row, shares_from: int | None, words: Words) -> list[str]:
    shares = [shares_from is not None and position >= shares_from for position in range(len(row))]
    return [words.share(cell) if share else _cell(cell, words) for cell, share in zip(row, shares, strict=True)]


def _cell(cell: Any, words: Words) -> str:
    if isinstance(cell, int | float):
        return words.number(cell, 0 if float(cell).is_integer() else 2)
    return _text("" if cell is None else str(cell))


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _text(text: str) -> str:
    """Signs that would mean something, and ends of lines, made harmless."""
    return _ACTIVE.sub(r"\\\1", " ".join(text.split()))
