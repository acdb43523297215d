"""Lines that are at fault only beside others of the publication: repeated, orphans, under two labels, never seen.

The publication is read twice: once for what has to be known of all lines (a number or a code each, never a text),
once for the lines themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from rpps_sync.extracts.crossing import PERSON
from rpps_sync.extracts.profile import LABEL_SUFFIX, coded_columns, is_place
from rpps_sync.publication import ExtractKind
from rpps_sync.quality.declarations import LooksAt
from rpps_sync.quality.metrics import SHAPED, shape_of
from rpps_sync.quality.rows.sources import SHOWN, Asked, Finder, Side, shown


def _repeated(asked: Asked) -> Iterator[pl.DataFrame]:
    """Every line that is there several times, with how many times."""
    tonight = asked.sources.tonight
    hashes = [lines["line_hash"] for lines in tonight.blocks(asked.kind)]
    if not hashes:
        return
    times = pl.concat(hashes).value_counts(name="copies").filter(pl.col("copies") > 1)
    for lines in tonight.blocks(asked.kind):
        yield shown(lines.join(times, on="line_hash", maintain_order="left"), "copies")


def _orphans(asked: Asked) -> Iterator[pl.DataFrame]:
    """Every line of somebody whom the file of persons does not know."""
    tonight = asked.sources.tonight
    names = [lines["national_id"].unique() for lines in tonight.blocks(ExtractKind.PERSONNE_ACTIVITE)]
    known = pl.DataFrame({"national_id": pl.concat(names).unique() if names else pl.Series(dtype=pl.String)})
    for lines in tonight.blocks(asked.kind):
        people = lines.filter(pl.col("national_id").str.contains(PERSON))
        yield shown(people.join(known, on="national_id", how="anti", maintain_order="left"))


def _conflicts(asked: Asked) -> Iterator[pl.DataFrame]:
    """Every line whose label is not the one most lines give to its code: both labels and how many have each."""
    tonight = asked.sources.tonight
    rarer = _rarer(label_counts(tonight.blocks(asked.kind), asked.columns))
    for lines in tonight.blocks(asked.kind):
        for column in asked.columns:
            labels = rarer.filter(pl.col("column") == column)
            told = lines.with_columns(code=pl.col(column), label=pl.col(f"{column}{LABEL_SUFFIX}"))
            found = told.join(labels, on=("code", "label"), maintain_order="left")
            yield found.select("column", "code", "label", "lines", "usual_label", "usual_lines", *_who(found))


def _who(lines: pl.DataFrame) -> list[str]:
    return [name for name in SHOWN if name in lines.columns]


def label_counts(blocks: Iterable[pl.DataFrame], columns: Iterable[str]) -> pl.DataFrame:
    """How many lines give each label to each code: column, code, label, lines; empty labels left out."""
    schema = {"column": pl.String, "code": pl.String, "label": pl.String, "lines": pl.Int64}
    total = pl.DataFrame(schema=schema)
    key = ("column", "code", "label")
    for lines in blocks:
        counted = [
            lines.select(column=pl.lit(name), code=name, label=f"{name}{LABEL_SUFFIX}")
            .filter((pl.col("code") != "") & (pl.col("label") != ""))
            .group_by(key)
            .agg(lines=pl.len().cast(pl.Int64))
            for name in columns
        ]
        total = pl.concat([total, *counted]).group_by(key).agg(pl.col("lines").sum())
    return total


def usual_labels(counts: pl.DataFrame) -> pl.DataFrame:
    """The label that most lines give to each code: column, code, usual_label, usual_lines."""
    ranked = counts.sort(["lines", "label"], descending=[True, False])
    most = ranked.unique(["column", "code"], keep="first", maintain_order=True)
    return most.rename({"label": "usual_label", "lines": "usual_lines"})


def _rarer(counts: pl.DataFrame) -> pl.DataFrame:
    compared = counts.join(usual_labels(counts), on=("column", "code"))
    return compared.filter(pl.col("label") != pl.col("usual_label"))


def _shapes(asked: Asked) -> Iterator[pl.DataFrame]:
    """Every line with a code of a shape that its column never had."""
    known = {
        column: {shape for past in asked.past() for shape in past.get("shapes", {}).get(column, ())}
        for column in ((asked.part,) if asked.part else SHAPED)
    }
    asked.sources.before()
    for lines in asked.sources.tonight.blocks(asked.kind):
        for column, shapes in known.items():
            if not shapes or column not in lines.columns:
                continue
            told = lines.with_columns(column=pl.lit(column), code=pl.col(column), shape=shape_of(pl.col(column)))
            new = told.filter((pl.col("code") != "") & ~pl.col("shape").is_in(sorted(shapes)))
            yield new.select("column", "code", "shape", *_who(new))


def _unreadable(asked: Asked) -> Iterator[pl.DataFrame]:
    """Every line that could not be read, with why and its text as far as it is one."""
    index = asked.sources.tonight.index(asked.kind)
    lines = index.quarantined if index else ()
    told = [
        (one.line_number, one.national_id, one.reason, one.detail, one.raw.decode(errors="replace"))
        for one in lines
    ]
    yield pl.DataFrame(told, schema=_UNREADABLE, orient="row")


_UNREADABLE = {
    "line": pl.Int64,
    "national_id": pl.String,
    "reason": pl.String,
    "detail": pl.String,
    "text": pl.String,
}


def _relabelled(asked: Asked) -> Iterator[pl.DataFrame]:
    """Every code whose label is not that of the publication served before, and on how many lines."""
    before, after = (
        usual_labels(_all_labels(side, asked)) for side in (asked.sources.before(), asked.sources.tonight)
    )
    key = ("column", "code")
    both = before.rename({"usual_label": "label_before", "usual_lines": "lines_before"}).join(after, on=key)
    both = both.rename({"usual_label": "label", "usual_lines": "lines"}).sort(key)
    yield both.filter(pl.col("label") != pl.col("label_before")).select(*key, "label_before", "label", "lines")


def _all_labels(side: Side, asked: Asked) -> pl.DataFrame:
    """The counts of all extracts of a publication together."""
    counts = [label_counts(side.blocks(kind), _labelled(kind, asked)) for kind in side.kinds]
    return pl.concat(counts).group_by("column", "code", "label").agg(pl.col("lines").sum())


def _labelled(kind: ExtractKind, asked: Asked) -> list[str]:
    """The coded columns of an extract that are named, or all but those of places."""
    return [name for name in coded_columns(kind) if not is_place(name) and asked.part in ("", name)]


FINDERS: Mapping[LooksAt, Finder] = {
    LooksAt.DUPLICATES: _repeated,
    LooksAt.ORPHANS: _orphans,
    LooksAt.LABELS: _conflicts,
    LooksAt.SHAPES: _shapes,
    LooksAt.QUARANTINE: _unreadable,
    LooksAt.RELABELLED: _relabelled,
}
