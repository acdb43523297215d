"""The layouts of the extracts: which columns a file must have, under which names.

A header is read by name. A known alias is accepted, an unknown column is kept aside and reported, a missing one
refuses the file. The vintages are prefixes of one another, with or without a trailing pipe.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from rpps_sync.errors import ExtractRefused
from rpps_sync.publication import ExtractKind

SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: our key for it, its published name, the vintage that brought it, other names seen."""

    key: str
    name: str
    since: str
    aliases: tuple[str, ...] = ()
    optional: bool = False  # a file without it is still this extract


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one kind of extract, newest vintage, in published order."""

    kind: ExtractKind
    file_name: str  # name of the file on data.gouv.fr
    title: str  # name of the extract in the ANS documents, as in dated file names
    columns: tuple[Column, ...]
    vintages: tuple[tuple[str, int], ...]  # (name, number of columns), oldest first

    @property
    def header(self) -> str:
        """The header line of the newest vintage."""
        return SEPARATOR.join(column.name for column in self.columns)


@dataclass(frozen=True, slots=True)
class Header:
    """The header of one file, understood: ``keys[i]`` names its i-th field, None where it is unknown to us."""

    kind: ExtractKind
    vintage: str
    keys: tuple[str | None, ...]
    unknown: tuple[str, ...]  # names of columns this program does not know
    aliased: tuple[str, ...]  # names that differ from the published ones but are known aliases

    @property
    def fields(self) -> int:
        """How many fields every line must have, trailing empty one included."""
        return len(self.keys)


@cache
def layout(kind: ExtractKind) -> Layout:
    """The layout of one kind of extract."""
    text = resources.files(__package__).joinpath("layouts.toml").read_text(encoding="utf-8")
    entry = tomllib.loads(text)[kind.value]
    columns = tuple(
        Column(
            item["key"], item["name"], item["since"], tuple(item.get("aliases", ())), item.get("optional", False)
        )
        for item in entry["columns"]
    )
    vintages = tuple((item["name"], item["columns"]) for item in entry["vintages"])
    return Layout(kind, entry["file_name"], entry["title"], columns, vintages)


def read_header(kind: ExtractKind, line: str) -> Header:
    """Understand a header line (byte order mark and line end allowed).

    Raises:
        ExtractRefused: a column of the file's vintage is missing, renamed or repeated; the message names it.
    """
    names = line.lstrip("\ufeff").rstrip("\r\n").split(SEPARATOR)
    known = _columns_by_name(kind)
    found = [known.get(_folded(name)) for name in names]
    keys = tuple(column.key if column else None for column in found)
    _refuse_repeated(kind, keys)
    vintage = _vintage_of(kind, set(keys))
    return Header(
        kind=kind,
        vintage=vintage,
        keys=keys,
        unknown=tuple(name for name, column in zip(names, found, strict=True) if column is None and name.strip()),
        aliased=tuple(
            name
            for name, column in zip(names, found, strict=True)
            if column is not None and _folded(name) != _folded(column.name)
        ),
    )


def recognise(line: str) -> ExtractKind:
    """Which extract a header line is most likely of: the one it shares most column names with.

    Raises:
        ExtractRefused: it shares fewer than half the columns of any extract.
    """
    names = {_folded(name) for name in line.lstrip("\ufeff").rstrip("\r\n").split(SEPARATOR)}
    shared = {kind: len(names & _columns_by_name(kind).keys()) / len(layout(kind).columns) for kind in ExtractKind}
    best = max(shared, key=lambda kind: shared[kind])
    if shared[best] < 0.5:
        raise ExtractRefused(
            "the first line is not the header of an extract of the Annuaire Santé",
            mend="look at the first line of the file: a web page, an archive, a file without header?",
            reason="no-header",
        )
    return best


def _vintage_of(kind: ExtractKind, keys: set[str | None]) -> str:
    """The newest vintage of which the file has at least one new column; all its columns must be there."""
    expected = layout(kind)
    newest_first = sorted(expected.vintages, key=lambda vintage: -vintage[1])
    starts = {name: start for (name, _), start in zip(expected.vintages, _starts(expected), strict=True)}
    vintage, count = next(
        (
            (name, count)
            for name, count in newest_first
            if any(column.key in keys for column in expected.columns[starts[name] : count])
        ),
        expected.vintages[-1],
    )
    required = [column for column in expected.columns[:count] if not column.optional]
    missing = [column.name for column in required if column.key not in keys]
    if missing:
        names = ", ".join(f"« {name} »" for name in missing)
        raise ExtractRefused(
            f"{kind}: column missing or renamed: {names} (expected the {count} columns of vintage {vintage})",
            mend="compare the header with docs/extracts.md; if the ANS renamed it, add the new name as an alias "
            "in rpps_sync/publisher/layouts.toml",
            reason="column-missing",
        )
    return vintage


def _starts(expected: Layout) -> list[int]:
    counts = [count for _, count in expected.vintages]
    return [0, *counts[:-1]]


def _refuse_repeated(kind: ExtractKind, keys: tuple[str | None, ...]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key is not None and key in seen:
            raise ExtractRefused(
                f"{kind}: the header names the column '{key}' twice",
                mend="look at the first line of the file: is it a header of this extract?",
                reason="column-repeated",
            )
        if key is not None:
            seen.add(key)


@cache
def _columns_by_name(kind: ExtractKind) -> dict[str, Column]:
    return {_folded(name): column for column in layout(kind).columns for name in (column.name, *column.aliases)}


def _folded(name: str) -> str:
    return re.sub(r"\s+", " ", name.replace("’", "'")).strip().casefold()
