"""The lines behind a result: found again in the archived file, when somebody asks or a check failed.

The profile of a file only counts; which lines were counted is asked of the file itself, with the same rules.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import BinaryIO, TextIO

import polars as pl

from rpps_sync.errors import NotFound
from rpps_sync.extracts.lines import LineReader
from rpps_sync.extracts.parse import columns_of
from rpps_sync.extracts.profile import LABEL_SUFFIX, with_identifier_shapes
from rpps_sync.extracts.rules import rule, rules
from rpps_sync.limits import LIMITS
from rpps_sync.nomenclature import code_system, known_codes, retired_codes, wordings
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import layout
from rpps_sync.quality.declarations import Check, LooksAt, load_checks
from rpps_sync.run_summary import CheckResult

_SHOWN = ("national_id", "family_name", "given_name", "profession", "registration_authority")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula (OWASP, CSV injection)."""
OpenFile = Callable[[ExtractKind], AbstractContextManager[BinaryIO]]
"""Opens one extract of a publication, decompressed."""

_SAMPLED = frozenset({LooksAt.RULES, LooksAt.IDENTIFIERS, LooksAt.FILLED})
"""Looks whose results name the people concerned: their profile only counts."""


@dataclass(frozen=True, slots=True)
class Search:
    """How to find the lines behind one result in the file they are in."""

    columns: tuple[str, ...]  # shown beside who it is
    pick: Callable[[pl.DataFrame], pl.DataFrame]  # parsed lines with their ``line`` number -> those at fault


def search(name: str, kind: ExtractKind) -> Search:
    """How to find the lines behind a result.

    Args:
        name: of the result: the id of a check, and its column or rule where it gives several results.
        kind: the extract it is about.

    Raises:
        NotFound: no such check, or no line of the file is at fault (what is missing is not in it).
    """
    check = declared(name)
    column = name.removeprefix(check.id).removeprefix(".")
    if column not in _choices(check, kind):
        choices = ", ".join(f"{check.id}.{choice}" for choice in _choices(check, kind) if choice)
        raise NotFound(f"no result '{name}' of {kind}", mend=f"choose among {choices}" if choices else "")
    finder = _FINDERS.get(check.looks_at)
    if finder is None:
        raise NotFound(
            f"no line of the file is behind '{name}': it tells of what is missing, or of the file as a whole",
            mend="'rpps-sync checks compare' shows what is there now and was there before",
        )
    return finder(check, column, kind)


def _choices(check: Check, kind: ExtractKind) -> tuple[str, ...]:
    """What may follow the id of a check: its columns or rules; nothing where all of them may be asked at once."""
    match check.looks_at:
        case LooksAt.RULE_RISE:
            return ("", *(one.name for one in rules(kind)))
        case LooksAt.FILL_RATES | LooksAt.EMPTIED:
            return tuple(column.key for column in layout(kind).columns)
        case _:
            return check.results_in(kind)


def declared(name: str) -> Check:
    """The declared check that gives the result of that name.

    Raises:
        NotFound: there is none.
    """
    for check in load_checks().checks:
        if name == check.id or name.startswith(f"{check.id}."):
            return check
    raise NotFound(
        f"no check gives a result '{name}'", mend="see docs/quality.md, or 'rpps-sync checks list --all'"
    )


def offending(stream: BinaryIO, kind: ExtractKind, wanted: Search) -> Iterator[pl.DataFrame]:
    """The lines at fault, block by block: ``line`` (their number in the file), who, and the columns looked at.

    Raises:
        ExtractRefused: the header is not that of this extract.
    """
    reader = LineReader(stream, kind)
    for piece in reader.pieces():
        block = reader.read(piece)
        aside = {line.line_number for line in block.quarantined}
        last = piece.number + block.frame.height + len(aside)
        numbers = [number for number in range(piece.number, last) if number not in aside]
        lines = columns_of(block.frame["line"], reader.header).with_columns(
            line=pl.Series(numbers, dtype=pl.Int64)
        )
        found = wanted.pick(lines)
        shown = [name for name in dict.fromkeys(("line", *_SHOWN, *wanted.columns)) if name in found.columns]
        if not found.is_empty():
            yield found.select(shown)


def sampled(results: Sequence[CheckResult], open_file: OpenFile) -> tuple[CheckResult, ...]:
    """The results with the first people behind those that only counted them; files are read for those alone."""
    return tuple(_sampled(result, open_file) if _to_sample(result) else result for result in results)


def _to_sample(result: CheckResult) -> bool:
    return (
        result.speaks and bool(result.file) and result.failing > 0 and declared(result.name).looks_at in _SAMPLED
    )


def _sampled(result: CheckResult, open_file: OpenFile) -> CheckResult:
    kind = ExtractKind(result.file)
    names: dict[str, None] = {}
    with open_file(kind) as stream:
        for found in offending(stream, kind, search(result.name, kind)):
            names |= dict.fromkeys(found["national_id"].to_list())
            if len(names) >= LIMITS.samples:
                break
    return replace(result, samples=tuple(names)[: LIMITS.samples] or result.samples)


def write_csv(frames: Iterable[pl.DataFrame], file: TextIO) -> int:
    """Write lines as CSV that a spreadsheet opens safely: semicolons, every cell quoted, no formula.

    A cell that a spreadsheet would compute is given an apostrophe, which it shows as text.

    Returns:
        How many lines were written, the header left out.
    """
    writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    written = 0
    for frame in frames:
        if not written:
            writer.writerow(frame.columns)
        writer.writerows([safe_cell(cell) for cell in row] for row in frame.iter_rows())
        written += frame.height
    return written


def safe_cell(value: object) -> str:
    """The text of a cell, which no spreadsheet takes for a formula.

    >>> safe_cell("=1+1"), safe_cell("DUPONT")
    ("'=1+1", 'DUPONT')
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


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


SHAPE = pl.concat_str(
    pl.col("length").cast(pl.String),
    pl.when("digits").then(pl.lit("digits")).otherwise(pl.lit("characters")),
    separator=" ",
)
"""The shape of an identifier in words: ``11 digits``, ``9 characters``."""


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


_FINDERS: dict[LooksAt, Callable[[Check, str, ExtractKind], Search]] = {
    LooksAt.RULES: _of_rule,
    LooksAt.RULE_RISE: _of_rules,
    LooksAt.IDENTIFIERS: _of_identifier,
    LooksAt.FILLED: _of_empty,
    LooksAt.FILL_RATES: _of_empty,
    LooksAt.EMPTIED: _of_empty,
    LooksAt.CODES: _of_unknown,
    LooksAt.RETIRED: _of_retired,
    LooksAt.DRIFT: _of_drift,
}
