"""Lines at fault by themselves: found again in their file with the rules that counted them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

import polars as pl

from rpps_sync.extracts.lines import LineReader
from rpps_sync.extracts.parse import columns_of
from rpps_sync.extracts.profile import LABEL_SUFFIX, with_identifier_shapes
from rpps_sync.extracts.rules import rule, rules
from rpps_sync.nomenclature import code_system, known_codes, retired_codes, wordings
from rpps_sync.publication import ExtractKind
from rpps_sync.quality.declarations import Check, LooksAt
from rpps_sync.quality.keys import SHAPE
from rpps_sync.quality.rows.sources import Asked, Finder, shown


@dataclass(frozen=True, slots=True)
class Search:
    """How to find the lines behind one result in the file they are in."""

    columns: tuple[str, ...]  # shown beside who it is
    pick: Callable[[pl.DataFrame], pl.DataFrame]  # parsed lines -> those at fault


def offending(stream: BinaryIO, kind: ExtractKind, wanted: Search) -> Iterator[pl.DataFrame]:
    """The lines at fault, block by block: their number in the file, who, and the columns looked at.

    Raises:
        ExtractRefused: the header is not that of this extract.
    """
    reader = LineReader(stream, kind)
    for block in reader.blocks():
        lines = columns_of(block.frame["line"], reader.header).with_columns(line=block.frame["number"])
        yield from _picked(lines, wanted)


def _picked(lines: pl.DataFrame, wanted: Search) -> Iterator[pl.DataFrame]:
    found = wanted.pick(lines)
    if not found.is_empty():
        yield shown(found, *wanted.columns)


def _found(looks_at: LooksAt, asked: Asked) -> Iterator[pl.DataFrame]:
    wanted = SEARCHES[looks_at](asked.check, asked.part, asked.kind)
    for lines in asked.sources.tonight.blocks(asked.kind):
        yield from _picked(lines, wanted)


def _of_rule(_check: Check, name: str, kind: ExtractKind) -> Search:
    found = rule(kind, name)
    return Search(found.columns, lambda lines: lines.filter(found.broken))


def _of_rules(check: Check, name: str, kind: ExtractKind) -> Search:
    if name:
        return _of_rule(check, name, kind)
    broken = pl.any_horizontal(one.broken for one in rules(kind))
    columns = tuple(dict.fromkeys(column for one in rules(kind) for column in one.columns))
    return Search(columns, lambda lines: lines.filter(broken))


def _of_identifier(check: Check, _name: str, _kind: ExtractKind) -> Search:
    def pick(lines: pl.DataFrame) -> pl.DataFrame:
        shaped = with_identifier_shapes(lines).with_columns(shape=SHAPE)
        for column, value in check.where.items():
            shaped = shaped.filter(pl.col(column) == value)
        return shaped.filter(~pl.col(check.column).is_in(list(check.values)))

    return Search(("id_type", "identifier", "shape"), pick)


def _of_empty(_check: Check, column: str, _kind: ExtractKind) -> Search:
    return Search((column,), lambda lines: lines.filter(pl.col(column) == ""))


def _of_unknown(_check: Check, column: str, _kind: ExtractKind) -> Search:
    system, known = code_system(column), known_codes(column)

    def pick(lines: pl.DataFrame) -> pl.DataFrame:
        codes = [code for code in lines[column].unique() if code and code not in known and system.judges(code)]
        return lines.filter(pl.col(column).is_in(codes))

    return Search((column, f"{column}{LABEL_SUFFIX}"), pick)


def _of_retired(check: Check, _name: str, kind: ExtractKind) -> Search:
    columns = check.columns_of(kind)
    ended = pl.any_horizontal(pl.col(name).is_in(sorted(retired_codes(name))) for name in columns)
    return Search(columns, lambda lines: lines.filter(ended))


def _of_drift(_check: Check, column: str, _kind: ExtractKind) -> Search:
    official = wordings(column)
    label = f"{column}{LABEL_SUFFIX}"
    lists = pl.DataFrame({column: list(official), "official": list(official.values())})

    def pick(lines: pl.DataFrame) -> pl.DataFrame:
        compared = lines.join(lists, on=column, maintain_order="left")
        return compared.filter((pl.col(label) != "") & (pl.col(label).str.strip_chars() != pl.col("official")))

    return Search((column, label, "official"), pick)


SEARCHES: Mapping[LooksAt, Callable[[Check, str, ExtractKind], Search]] = {
    LooksAt.RULES: _of_rule,
    LooksAt.RULE_RISE: _of_rules,
    LooksAt.IDENTIFIERS: _of_identifier,
    LooksAt.FILLED: _of_empty,
    LooksAt.CODES: _of_unknown,
    LooksAt.RETIRED: _of_retired,
    LooksAt.DRIFT: _of_drift,
}

FINDERS: Mapping[LooksAt, Finder] = {looks_at: partial(_found, looks_at) for looks_at in SEARCHES}
