"""Those whose lines moved, behind the checks that look at them: all of them here, where a night looks at a sample.

People are taken some thousands at a time with all of their lines, so that a night that moved everybody costs time
and no memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial

import polars as pl

from rpps_sync.extracts.difference import LineDifference, difference
from rpps_sync.extracts.index import empty
from rpps_sync.extracts.moved import GATHERED, lines_of
from rpps_sync.publication import ExtractKind
from rpps_sync.quality import persons
from rpps_sync.quality.declarations import LooksAt
from rpps_sync.quality.moves import COMPARED, FLAPPING_NIGHTS, rewritable
from rpps_sync.quality.rows.sources import Asked, Finder, Index, Side

_AT_A_TIME = 20_000  # people
_PERSONS = ExtractKind.PERSONNE_ACTIVITE
Lines = Mapping[ExtractKind, pl.DataFrame]


def _difference(asked: Asked, kind: ExtractKind) -> LineDifference:
    before, after = (side.index(kind) for side in (asked.sources.before(), asked.sources.tonight))
    return difference(before.rows if before else empty(), after.rows if after else empty())


def _movers(asked: Asked, kinds: Sequence[ExtractKind]) -> pl.Series:
    """Whose lines came or went, in the order of their identifiers: that of the files."""
    known = [_difference(asked, kind).affected for kind in kinds]
    people = pl.concat([pl.Series("national_id", [], dtype=pl.String), *known]).unique().sort()
    return people.filter(people != "")


def _side_by_side(asked: Asked, kinds: Sequence[ExtractKind]) -> Iterator[tuple[Lines, Lines]]:
    """The lines of those who moved in any extract, before and after, some thousands of people at a time."""
    people = _movers(asked, asked.sources.tonight.kinds)
    before, after = (_places(side, kinds, people) for side in (asked.sources.before(), asked.sources.tonight))
    for some in people.to_frame().iter_slices(_AT_A_TIME):
        names = some["national_id"]
        yield (
            _lines(asked.sources.before(), before, names),
            _lines(asked.sources.tonight, after, names),
        )


def _places(side: Side, kinds: Sequence[ExtractKind], people: pl.Series) -> dict[ExtractKind, Index]:
    """Where the lines of some people are."""
    wanted = people.to_frame("national_id")
    found = {}
    for kind in kinds:
        if (index := side.index(kind)) is not None:
            rows = index.rows.join(wanted, on="national_id", how="semi")
            found[kind] = Index(index.header, rows, index.quarantined)
    return found


def _lines(side: Side, places: Mapping[ExtractKind, Index], people: pl.Series) -> Lines:
    with ExitStack() as stack:
        return {
            kind: lines_of(stack.enter_context(side.open(kind)), index.rows, index.header, people)
            for kind, index in places.items()
        }


def _rewritten(asked: Asked) -> Iterator[pl.DataFrame]:
    """People who were there before and are, with the values that a column lost and gained."""
    columns = (asked.part,) if asked.part else rewritable(_PERSONS)
    for before, after in _side_by_side(asked, (_PERSONS,)):
        both = _rewrites(before[_PERSONS], after[_PERSONS], columns)
        yield both.filter((pl.col("lines_before") > 0) & (pl.col("lines_now") > 0)).select(_REWRITTEN)


def _recoded(asked: Asked) -> Iterator[pl.DataFrame]:
    """People whose codes changed, who came with one or left with one."""
    for before, after in _side_by_side(asked, (asked.kind,)):
        yield _rewrites(before[asked.kind], after[asked.kind], asked.columns).select(_REWRITTEN)


def _emptied(asked: Asked) -> Iterator[pl.DataFrame]:
    """People who lost what a column said of them and have an empty cell there now."""
    columns = (asked.part,) if asked.part else rewritable(asked.kind)
    for before, after in _side_by_side(asked, (asked.kind,)):
        moved = _rewrites(before[asked.kind], after[asked.kind], columns)
        yield moved.filter((pl.col("before") != "") & pl.col("empty_now")).select(_REWRITTEN)


_REWRITTEN = ("column", "national_id", "before", "now")


def _rewrites(before: pl.DataFrame, after: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Values that people lost and gained, column by column, several of them joined by ``;``."""
    people = pl.concat([before["national_id"], after["national_id"]]).unique().sort().to_frame()
    counted = [
        lines.group_by("national_id").agg(pl.len().alias(name))
        for lines, name in ((before, "lines_before"), (after, "lines_now"))
    ]
    for counts in counted:
        people = people.join(counts, on="national_id", how="left", maintain_order="left").fill_null(0)
    return pl.concat([_rewrites_of(before, after, people, column) for column in columns])


def _rewrites_of(before: pl.DataFrame, after: pl.DataFrame, people: pl.DataFrame, column: str) -> pl.DataFrame:
    old, new = (lines.select("national_id", value=column).unique() for lines in (before, after))
    key = ("national_id", "value")
    told = people
    for frame, name in ((old.join(new, on=key, how="anti"), "before"), (new.join(old, on=key, how="anti"), "now")):
        values = frame.group_by("national_id").agg(pl.col("value").sort().str.join("; ").alias(name))
        told = told.join(values, on="national_id", how="left", maintain_order="left")
    empty_now = new.filter(pl.col("value") == "")["national_id"]
    changed = told.filter(pl.col("before").is_not_null() | pl.col("now").is_not_null())
    return changed.with_columns(
        pl.lit(column).alias("column"),
        pl.col("before", "now").fill_null(""),
        empty_now=pl.col("national_id").is_in(empty_now.implode()),
    )


def _passed_on(asked: Asked) -> Iterator[pl.DataFrame]:
    for before, after in _side_by_side(asked, (_PERSONS,)):
        back = asked.sources.remembered(persons.newcomers(before[_PERSONS], after[_PERSONS]))
        yield persons.passed_on(persons.with_remembered(before[_PERSONS], back), after[_PERSONS])


def _several_names(asked: Asked) -> Iterator[pl.DataFrame]:
    for _, after in _side_by_side(asked, (_PERSONS,)):
        yield persons.several_names(after[_PERSONS])


def _disagreeing(asked: Asked) -> Iterator[pl.DataFrame]:
    """People of whom another extract tells what their activities do not."""
    for _, after in _side_by_side(asked, GATHERED):
        for kind, columns, _name in COMPARED:
            if kind in after:
                found = persons.unlike(after[_PERSONS], after[kind], *columns)
                yield found.select(
                    "national_id",
                    extract=pl.lit(str(kind)),
                    column=pl.lit(", ".join(columns)),
                    told=pl.concat_str(columns, separator=" "),
                )


def _undeclared(asked: Asked) -> Iterator[pl.DataFrame]:
    for _, after in _side_by_side(asked, (_PERSONS, ExtractKind.SAVOIRFAIRE)):
        if ExtractKind.SAVOIRFAIRE in after:
            yield persons.undeclared(after[_PERSONS], after[ExtractKind.SAVOIRFAIRE])


def _alike(asked: Asked) -> Iterator[pl.DataFrame]:
    """Pairs are told from all who moved at once, with the five columns that make them."""
    columns = ("national_id", "family_name", "given_name", "profession", "commune")
    told = [after[_PERSONS].select(columns).unique() for _, after in _side_by_side(asked, (_PERSONS,))]
    if told:
        yield persons.alike(pl.concat(told))


def _migrated(asked: Asked) -> Iterator[pl.DataFrame]:
    columns = ("national_id", "family_name", "given_name", "profession")
    told = [
        tuple(lines[_PERSONS].select(columns).unique() for lines in sides)
        for sides in _side_by_side(asked, (_PERSONS,))
    ]
    if told:
        yield persons.migrations(*(pl.concat(frames) for frames in zip(*told, strict=True)))


def _moved(asked: Asked, kinds: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Who arrived, left or changed, with the lines that came and went in each extract."""
    before, after = (_present(side) for side in (asked.sources.before(), asked.sources.tonight))
    for kind in dict.fromkeys((*asked.sources.before().kinds, *asked.sources.tonight.kinds)):
        told = _difference(asked, kind)
        counts = [
            rows.group_by("national_id").agg(pl.len().cast(pl.Int64).alias(name))
            for rows, name in ((told.lost, "lines_gone"), (told.gained, "lines_come"))
        ]
        people = counts[0].join(counts[1], on="national_id", how="full", coalesce=True).fill_null(0)
        was, is_there = (pl.col("national_id").is_in(side.implode()) for side in (before, after))
        movement = (
            pl.when(was & is_there)
            .then(pl.lit("changed"))
            .when(was)
            .then(pl.lit("departed"))
            .when(is_there)
            .then(pl.lit("arrived"))
        )
        found = people.with_columns(movement=movement, extract=pl.lit(str(kind)))
        found = found.filter(pl.col("movement").is_in(kinds)).sort("national_id")
        yield found.select("movement", "national_id", "extract", "lines_gone", "lines_come")


def _present(side: Side) -> pl.Series:
    index = side.index(_PERSONS)
    return (index.rows if index else empty())["national_id"].unique()


def _flapping(asked: Asked) -> Iterator[pl.DataFrame]:
    """The lines that came tonight and were there in one of the nights before the last."""
    came = _difference(asked, asked.kind).gained
    back = pl.Series("line_hash", [], dtype=pl.UInt64)
    for side in asked.sources.older[:FLAPPING_NIGHTS]:
        index = side.index(asked.kind)
        if index is not None:
            again = came.join(index.rows, on="line_hash", how="semi")["line_hash"]
            back = pl.concat([back, again]).unique()
    wanted = came.filter(pl.col("line_hash").is_in(back.implode())).select("offset")
    for lines in asked.sources.tonight.blocks(asked.kind):
        found = lines.join(wanted, on="offset", how="semi", maintain_order="left")
        yield found.drop("line_hash", "offset").select("line", pl.exclude("line"))


FINDERS: Mapping[LooksAt, Finder] = {
    LooksAt.REWRITTEN: _rewritten,
    LooksAt.SHIFTED: _recoded,
    LooksAt.DISTRIBUTION: _recoded,
    LooksAt.EMPTIED: _emptied,
    LooksAt.FILL_RATES: _emptied,
    LooksAt.REUSED: _passed_on,
    LooksAt.NAMES: _several_names,
    LooksAt.DISAGREEING: _disagreeing,
    LooksAt.UNDECLARED: _undeclared,
    LooksAt.TWINS: _alike,
    LooksAt.MIGRATED: _migrated,
    LooksAt.CHANGED: partial(_moved, kinds=("changed",)),
    LooksAt.CHURN: partial(_moved, kinds=("arrived", "departed", "changed")),
    LooksAt.FLAPPING: _flapping,
}
