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
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import layout
from rpps_sync.quality import persons
from rpps_sync.quality.declarations import Check
from rpps_sync.quality.trials import Figure, Subject, Told, Trial

FLAPPING_NIGHTS = 7
_PERSONS = ExtractKind.PERSONNE_ACTIVITE
OTHERS = (ExtractKind.DIPL_AUTEXERC, ExtractKind.SAVOIRFAIRE)
COMPARED = (
    *((kind, ("family_name", "given_name"), f"{kind}: nom") for kind in OTHERS),
    (ExtractKind.SAVOIRFAIRE, ("profession",), "savoirfaire: profession"),
)
"""What other extracts tell of a person as the activities do: the extract, its columns, the name of the figure."""
_KEYS = frozenset({"national_id", "identifier", "id_type"})


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
    base = max(1, movement.present)
    figures = [_rewritten(before, after, name, base, moved) for name in rewritable(_PERSONS)]
    return [Trial(check, None, figures)]


def rewritable(kind: ExtractKind) -> tuple[str, ...]:
    """The columns of an extract that say something of a person: neither its keys nor the labels of its codes."""
    known = (column.key for column in layout(kind).columns)
    return tuple(key for key in known if key not in _KEYS and not key.endswith(LABEL_SUFFIX))


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
    several = persons.several_names(lines)["national_id"]
    return [_counted(check, subject, several, lines["national_id"].n_unique())]


def twins(check: Check, subject: Subject) -> list[Trial]:
    """Several identifiers for one family name, given name, profession and commune: homonyms or duplicates."""
    lines = _of_persons(subject.around.moved)
    if lines is None:
        return _skipped(check)
    examined = persons.described(lines)["national_id"].n_unique()
    return [_counted(check, subject, persons.alike(lines)["national_id"], examined)]


def reused(check: Check, subject: Subject) -> list[Trial]:
    """Identifiers whose family and given names both became somebody else's, overnight or after an absence.

    Whose number passes to somebody else has other names on every line: nobody of them stays among those who do
    not move.
    """
    moved, sides = subject.around.moved, _both_sides(subject.around.moved)
    if moved is None or sides is None:
        return _skipped(check)
    before, after = sides
    before = persons.with_remembered(before, moved.remembered)
    known = before.select("national_id").unique().join(after, on="national_id", how="semi")
    return [_counted(check, subject, persons.passed_on(before, after)["national_id"], known.height)]


def migrated(check: Check, subject: Subject) -> list[Trial]:
    """People who left under an ADELI number and arrived under an RPPS number, with their name and profession."""
    moved, sides = subject.around.moved, _both_sides(subject.around.moved)
    if moved is None or sides is None:
        return _skipped(check)
    pairs = persons.migrations(*sides)
    told = pl.select(pl.concat_str(pairs["national_id"], pl.lit(" → "), pairs["national_id_now"])).to_series()
    return [_counted(check, subject, told, moved.sampled)]


def migrations(moved: Moved | None) -> int:
    """How many of those who left did not: they changed their type of identifier."""
    sides = _both_sides(moved)
    return 0 if moved is None or sides is None else moved.estimate(persons.migrations(*sides).height)


def _both_sides(moved: Moved | None) -> tuple[pl.DataFrame, pl.DataFrame] | None:
    """The activity lines of those who move, before and after; None when one of the two is missing."""
    if moved is None or _PERSONS not in moved.before or _PERSONS not in moved.after:
        return None
    return moved.before[_PERSONS], moved.after[_PERSONS]


def disagreeing(check: Check, subject: Subject) -> list[Trial]:
    """People whose diplomas or skills bear a name, or a profession, that their activities do not."""
    moved = subject.around.moved
    lines = _of_persons(moved)
    if moved is None or lines is None or not any(kind in moved.after for kind in OTHERS):
        return _skipped(check)
    figures = [
        _unlike(moved, lines, kind, columns, name) for kind, columns, name in COMPARED if kind in moved.after
    ]
    return [Trial(check, None, figures)]


def _unlike(moved: Moved, lines: pl.DataFrame, kind: ExtractKind, columns: tuple[str, ...], name: str) -> Figure:
    others = moved.after[kind]
    stray = persons.unlike(lines, others, *columns)["national_id"].unique(maintain_order=True)
    examined = persons.compared(lines, others)
    samples = tuple(stray.head(LIMITS.samples))
    return Figure(moved.estimate(stray.len()), 0, moved.estimate(examined), examined, name, samples)


def undeclared(check: Check, subject: Subject) -> list[Trial]:
    """People with a skill in the activity file that the skills file does not know."""
    moved = subject.around.moved
    lines = _of_persons(moved)
    if moved is None or lines is None or ExtractKind.SAVOIRFAIRE not in moved.after:
        return _skipped(check)
    held = lines.filter(pl.col("skill") != "")["national_id"].n_unique()
    stray = persons.undeclared(lines, moved.after[ExtractKind.SAVOIRFAIRE])["national_id"]
    return [_counted(check, subject, stray.unique(maintain_order=True), held)]


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
