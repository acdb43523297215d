"""Checks on those who move: what only shows when several lines, or two nights, are put side by side.

They look at the practitioners gathered in :class:`rpps_sync.extracts.moved.Moved`, never at the whole file, so
that their cost is bounded whatever happens; counts are scaled up when not everybody who moved was looked at.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from rpps_sync.extracts.moved import Lines, Moved
from rpps_sync.extracts.profile import LABEL_SUFFIX
from rpps_sync.limits import LIMITS
from rpps_sync.names import compatible, normalised
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import layout
from rpps_sync.quality.declarations import Check
from rpps_sync.quality.trials import Figure, Subject, Told, Trial

FLAPPING_NIGHTS = 7
_PERSONS = ExtractKind.PERSONNE_ACTIVITE
_OTHERS = (ExtractKind.DIPL_AUTEXERC, ExtractKind.SAVOIRFAIRE)
_IDENTITY = ("national_id", "family_name", "given_name")
_KEYS = frozenset({"national_id", "identifier", "id_type"})
_CLOSED, _OPEN = "0", "8"  # TRE_G08: ADELI, RPPS


def rewritten(check: Check, subject: Subject) -> list[Trial]:
    """People who see a column of the activity file change tonight, column by column; one result for all.

    A change that touches everybody is told once, with the column and the value that most of them get.
    """
    moved, movement = subject.around.moved, subject.around.movement
    if moved is None or movement is None or _PERSONS not in moved.before or _PERSONS not in moved.after:
        return _skipped(check)
    before, after = moved.before[_PERSONS], moved.after[_PERSONS]
    staying = before.select("national_id").unique().join(after, on="national_id", how="semi")
    before, after = (lines.join(staying, on="national_id", how="semi") for lines in (before, after))
    columns = [item.key for item in layout(_PERSONS).columns if item.key not in _KEYS]
    columns = [name for name in columns if not name.endswith(LABEL_SUFFIX)]
    base = max(1, movement.present)
    figures = [_rewritten(before, after, name, base, moved) for name in columns]
    return [Trial(check, None, figures)]


def _rewritten(before: pl.DataFrame, after: pl.DataFrame, column: str, base: int, moved: Moved) -> Figure:
    old, new = (lines.select("national_id", column).unique() for lines in (before, after))
    gained = new.join(old, on=("national_id", column), how="anti")
    lost = old.join(new, on=("national_id", column), how="anti")
    people = pl.concat([gained["national_id"], lost["national_id"]]).n_unique()
    most = gained[column].value_counts(sort=True).head(1)
    told = f"{column} → {most[column][0]!r} ({most['count'][0]})" if not most.is_empty() else f"{column} → ''"
    return Figure(moved.estimate(people), 0, base, base, column, (told,))


def names(check: Check, subject: Subject) -> list[Trial]:
    """People whose lines tell several family or given names, accents and case left out."""
    lines = _of_persons(subject.around.moved)
    if lines is None:
        return _skipped(check)
    people = _normalised(lines).group_by("national_id").agg(pl.col("family_name", "given_name").n_unique())
    several = people.filter((pl.col("family_name") > 1) | (pl.col("given_name") > 1))["national_id"]
    return [_counted(check, subject, several, people.height)]


def twins(check: Check, subject: Subject) -> list[Trial]:
    """Several identifiers for one family name, given name, profession and commune: homonyms or duplicates."""
    lines = _of_persons(subject.around.moved)
    if lines is None:
        return _skipped(check)
    described = lines.filter((pl.col("commune") != "") & (pl.col("given_name") != ""))
    key = ("family_name", "given_name", "profession", "commune")
    alike = described.group_by(key).agg(pl.col("national_id").unique().sort()).sort(key)
    alike = alike.filter(pl.col("national_id").list.len() > 1)
    pairs = alike["national_id"].list.join(" = ")
    return [_counted(check, subject, pairs, described["national_id"].n_unique())]


def reused(check: Check, subject: Subject) -> list[Trial]:
    """Identifiers whose family and given names both became somebody else's."""
    moved = subject.around.moved
    if moved is None or _PERSONS not in moved.before or _PERSONS not in moved.after:
        return _skipped(check)
    old, new = (_told(lines[_PERSONS]) for lines in (moved.before, moved.after))
    both = old.join(new, on="national_id", suffix="_now")
    other = both.filter(
        (pl.col("family_name") != pl.col("family_name_now")) & (pl.col("given_name") != pl.col("given_name_now"))
    )
    somebody = [
        row[0]
        for row in other.select(
            "national_id", "family_name", "family_name_now", "given_name", "given_name_now"
        ).rows()
        if not compatible(row[1], row[2]) and not compatible(row[3], row[4])
    ]
    return [_counted(check, subject, pl.Series(somebody, dtype=pl.String), both.height)]


def migrated(check: Check, subject: Subject) -> list[Trial]:
    """People who left under an ADELI number and arrived under an RPPS number, with their name and profession."""
    pairs = _migrations(subject.around.moved)
    if pairs is None:
        return _skipped(check)
    told = pl.select(pl.concat_str(pairs["national_id"], pl.lit(" → "), pairs["national_id_now"])).to_series()
    moved = subject.around.moved
    return [_counted(check, subject, told, moved.sampled if moved else 0)]


def migrations(moved: Moved | None) -> int:
    """How many of those who left did not: they changed their type of identifier."""
    pairs = _migrations(moved)
    return 0 if pairs is None or moved is None else moved.estimate(pairs.height)


def _migrations(moved: Moved | None) -> pl.DataFrame | None:
    if moved is None or _PERSONS not in moved.before or _PERSONS not in moved.after:
        return None
    before, after = moved.before[_PERSONS], moved.after[_PERSONS]
    key = ("family_name", "given_name", "profession")
    left = before.filter(pl.col("national_id").str.starts_with(_CLOSED)).join(after, on="national_id", how="anti")
    came = after.filter(pl.col("national_id").str.starts_with(_OPEN)).join(before, on="national_id", how="anti")
    left, came = (_normalised(lines, "profession").unique() for lines in (left, came))
    return left.join(came, on=key, suffix="_now").unique("national_id", keep="any").sort("national_id")


def disagreeing(check: Check, subject: Subject) -> list[Trial]:
    """People whose diplomas or skills bear a name, or a profession, that their activities do not."""
    moved = subject.around.moved
    persons = _of_persons(moved)
    if moved is None or persons is None or not any(kind in moved.after for kind in _OTHERS):
        return _skipped(check)
    figures = [_unlike(moved, persons, kind, _IDENTITY, f"{kind}: nom") for kind in _OTHERS if kind in moved.after]
    if ExtractKind.SAVOIRFAIRE in moved.after:
        key = ("national_id", "profession")
        figures.append(_unlike(moved, persons, ExtractKind.SAVOIRFAIRE, key, "savoirfaire: profession"))
    return [Trial(check, None, figures)]


def _unlike(moved: Moved, persons: pl.DataFrame, kind: ExtractKind, key: tuple[str, ...], name: str) -> Figure:
    others = moved.after[kind].join(persons, on="national_id", how="semi")
    known, told = (_normalised(lines, *key[1:]).select(key).unique() for lines in (persons, others))
    stray = told.join(known, on=key, how="anti")["national_id"].unique().sort()
    examined = told["national_id"].n_unique()
    samples = tuple(stray.head(LIMITS.samples))
    return Figure(moved.estimate(stray.len()), 0, moved.estimate(examined), examined, name, samples)


def undeclared(check: Check, subject: Subject) -> list[Trial]:
    """People with a skill in the activity file that the skills file does not know."""
    moved = subject.around.moved
    persons = _of_persons(moved)
    if moved is None or persons is None or ExtractKind.SAVOIRFAIRE not in moved.after:
        return _skipped(check)
    key = ("national_id", "profession", "skill")
    held = persons.filter(pl.col("skill") != "").select(key).unique()
    declared = moved.after[ExtractKind.SAVOIRFAIRE].select(key).unique()
    stray = held.join(declared, on=key, how="anti")["national_id"].unique().sort()
    return [_counted(check, subject, stray, held["national_id"].n_unique())]


def flapping(check: Check, subject: Subject) -> list[Trial]:
    """Lines added tonight that had been removed in the last nights: values that go and come back.

    Told from the smallest fingerprints of the lines of each night, which are the same lines every night.
    """
    difference = None if subject.kind is None else subject.around.differences.get(subject.kind)
    past = [metrics for metrics in subject.past if metrics.get("went")][-FLAPPING_NIGHTS:]
    if difference is None or not past:
        return [Trial(check, subject.kind, skipped="no-past")]
    if not difference.came:
        return [Trial(check, subject.kind, skipped="no-value")]
    lowest = min(_reach(sketch) for sketch in (difference.came, *(metrics["went"] for metrics in past)))
    seen = {one for one in difference.came if one <= lowest}
    back = seen.intersection(*[{one for metrics in past for one in metrics["went"]}])
    share = len(back) / max(1, len(seen))
    lines = difference.added
    return [Trial(check, subject.kind, (Figure(round(share * lines), 0, lines, examined=lines),))]


def _reach(sketch: Iterable[int]) -> int:
    """Up to which fingerprint a sketch is complete."""
    found = tuple(sketch)
    return max(found) if len(found) >= LIMITS.sketch else 2**64


def _of_persons(moved: Moved | None) -> pl.DataFrame | None:
    lines: Lines = {} if moved is None else moved.after
    return lines.get(_PERSONS)


def _normalised(lines: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """The names of some lines, each distinct one normalised once; ``columns`` are kept beside them."""
    kept = dict.fromkeys((*_IDENTITY, *columns))
    frame = lines.select(*kept).unique()
    for column in ("family_name", "given_name"):
        known = frame[column].unique()
        frame = frame.with_columns(pl.col(column).replace_strict(known, [normalised(name) for name in known]))
    return frame


def _told(lines: pl.DataFrame) -> pl.DataFrame:
    """One name each, the first in order where lines disagree."""
    return lines.select(_IDENTITY).sort(_IDENTITY).unique("national_id", keep="first")


def _counted(check: Check, subject: Subject, found: pl.Series, examined: int) -> Trial:
    """A count of people (or pairs of them) among those looked at, scaled to all who moved."""
    if not examined:
        return Trial(check, subject.kind, skipped="nobody-moved")
    moved = subject.around.moved
    assert moved is not None
    base = moved.estimate(examined)
    samples = tuple(found.head(LIMITS.samples))
    figure = Figure(moved.estimate(found.len()), 0, base, examined, samples=samples, told=Told.FAILING)
    return Trial(check, subject.kind, (figure,))


def _skipped(check: Check) -> list[Trial]:
    return [Trial(check, None, skipped="nobody-moved")]
