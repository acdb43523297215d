"""Who came and who went: what is behind a volume that moved, read from this publication and the one before.

A check on a volume compares with weeks of figures; who is behind it is told against the last publication served.
Of what shrank those who left are listed, of what grew those who came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import polars as pl

from rpps_sync.extracts.difference import difference
from rpps_sync.extracts.index import empty
from rpps_sync.extracts.rules import department_of
from rpps_sync.quality.declarations import LooksAt
from rpps_sync.quality.persons import migrations
from rpps_sync.quality.rows.sources import SHOWN, Asked, Finder, Index, Side, shown

_KEY = ("national_id", "group")
_NOTHING = pl.lit("")


def _volume(asked: Asked) -> Iterator[pl.DataFrame]:
    """The people behind a number of practitioners, the lines behind a number of lines."""
    return _people(asked, _NOTHING) if asked.check.figure == "practitioners" else _lines(asked)


def _groups(asked: Asked) -> Iterator[pl.DataFrame]:
    """The people who left the groups that shrank, or came to those that grew; ``part`` names one group."""
    column = {"department": department_of(pl.col("commune"))}.get(asked.check.group, pl.col(asked.check.group))
    return _people(asked, column)


def _people(asked: Asked, group: pl.Expr) -> Iterator[pl.DataFrame]:
    before, after = asked.sources.before(), asked.sources.tonight
    known, now = (_keys(side, asked, group) for side in (before, after))
    sizes = _sizes(known, now).filter(pl.col("group_before") != pl.col("group_after"))
    if asked.part:
        sizes = sizes.filter(pl.col("group") == asked.part)
    shrank = pl.col("group_before") > pl.col("group_after")
    held = pl.DataFrame({"national_id": _held(after, asked)}, schema={"national_id": pl.String})
    gone = known.join(now, on=_KEY, how="anti").join(held, on="national_id", how="anti")
    came = now.join(known, on=_KEY, how="anti")
    yield from _first_lines(before, asked, group, gone.join(sizes.filter(shrank), on="group"), "left")
    yield from _first_lines(after, asked, group, came.join(sizes.filter(~shrank), on="group"), "came")


def _keys(side: Side, asked: Asked, group: pl.Expr) -> pl.DataFrame:
    """Everybody, once in each group, with the number of their lines."""
    kept = pl.DataFrame(schema={"national_id": pl.String, "group": pl.String, "lines": pl.Int64})
    for lines in side.blocks(asked.kind):
        counted = lines.group_by("national_id", group=group).agg(lines=pl.len().cast(pl.Int64))
        kept = pl.concat([kept, counted.filter(pl.col("national_id") != "")])
    return kept.group_by(_KEY).agg(pl.col("lines").sum())


def _sizes(known: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """The lines of every group, before and now."""
    before, after = (keys.group_by("group").agg(pl.col("lines").sum()) for keys in (known, now))
    both = before.join(after, on="group", how="full", coalesce=True, suffix="_now").fill_null(0)
    return both.rename({"lines": "group_before", "lines_now": "group_after"})


def _held(side: Side, asked: Asked) -> pl.Series:
    """People with an unreadable line: they keep their last good version, and have not left."""
    index = side.index(asked.kind)
    found = {line.national_id for line in index.quarantined if line.national_id} if index else set()
    return pl.Series("national_id", sorted(found), dtype=pl.String)


def _first_lines(
    side: Side, asked: Asked, group: pl.Expr, wanted: pl.DataFrame, change: str
) -> Iterator[pl.DataFrame]:
    """The first line of each person in each group."""
    figures = ("group", "group_before", "group_after")
    for lines in side.blocks(asked.kind) if not wanted.is_empty() else ():
        named = lines.with_columns(group=group, change=pl.lit(change))
        found = named.join(wanted, on=_KEY, maintain_order="left").unique(_KEY, keep="first", maintain_order=True)
        wanted = wanted.join(found, on=_KEY, how="anti")
        yield found.select("change", *figures, *(name for name in SHOWN if name in found.columns))


def _lines(asked: Asked) -> Iterator[pl.DataFrame]:
    """The lines that went, of people who have fewer than before, or those that came where the file grew."""
    before, after = asked.sources.before(), asked.sources.tonight
    known, now = (_rows(side.index(asked.kind)) for side in (before, after))
    told = difference(known, now)
    shrank = known.height > now.height
    side, rows = (before, told.lost) if shrank else (after, told.gained)
    moved = _counts(known).join(_counts(now), on="national_id", how="full", coalesce=True, suffix="_now")
    fewer, more = (pl.col(name).fill_null(0) for name in ("lines", "lines_now"))
    people = moved.filter(fewer > more if shrank else fewer < more)
    wanted = rows.join(people, on="national_id", how="semi").select("offset")
    for lines in side.blocks(asked.kind):
        found = lines.join(wanted, on="offset", how="semi", maintain_order="left")
        yield shown(found).select(pl.lit("left" if shrank else "came").alias("change"), pl.all())


def _rows(index: Index | None) -> pl.DataFrame:
    return index.rows if index else empty()


def _counts(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by("national_id").agg(lines=pl.len())


def _departed(asked: Asked, *, beyond: bool = False) -> Iterator[pl.DataFrame]:
    """Everybody who left and did not come back under another number; ``beyond``: from the end of the file."""
    before, after = asked.sources.before(), asked.sources.tonight
    known, now = (_keys(side, asked, _NOTHING) for side in (before, after))
    held = pl.DataFrame({"national_id": _held(after, asked)}, schema={"national_id": pl.String})
    gone = known.join(now, on="national_id", how="anti").join(held, on="national_id", how="anti")
    if beyond:
        gone = gone.filter(pl.col("national_id") > (now["national_id"].max() or ""))
    else:
        came = now.join(known, on="national_id", how="anti")
        old, new = _narrow(before, asked, gone), _narrow(after, asked, came)
        gone = gone.join(migrations(old, new), on="national_id", how="anti")
    for lines in side_lines(before, asked, gone):
        found = lines.unique("national_id", keep="first", maintain_order=True)
        gone = gone.join(found, on="national_id", how="anti")
        yield shown(found)


def side_lines(side: Side, asked: Asked, people: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The lines of some people."""
    for lines in side.blocks(asked.kind):
        yield lines.join(people, on="national_id", how="semi", maintain_order="left")


def _narrow(side: Side, asked: Asked, people: pl.DataFrame) -> pl.DataFrame:
    """Names and professions of some people: all that tells who migrated."""
    columns = ("national_id", "family_name", "given_name", "profession")
    none = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    return pl.concat([none, *(lines.select(columns).unique() for lines in side_lines(side, asked, people))])


def _vanished(asked: Asked) -> Iterator[pl.DataFrame]:
    """The lines that had a code which no line has any more."""
    before = asked.sources.before()
    past = asked.past()
    former = past[-1].get("codes", {}).get(asked.part, {}) if past else {}
    codes = {code for code, count in former.items() if int(count) >= asked.check.minimum}
    for lines in asked.sources.tonight.blocks(asked.kind):
        codes -= set(lines[asked.part].unique())
    for lines in before.blocks(asked.kind):
        yield shown(lines.filter(pl.col(asked.part).is_in(sorted(codes))), asked.part)


FINDERS: Mapping[LooksAt, Finder] = {
    LooksAt.VOLUME: _volume,
    LooksAt.GROUPS: _groups,
    LooksAt.DEPARTED: _departed,
    LooksAt.BEYOND: partial(_departed, beyond=True),
    LooksAt.VANISHED: _vanished,
}
