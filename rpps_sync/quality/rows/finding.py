"""Which rows are behind a result, by its name; or why there are none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from rpps_sync.errors import NotFound
from rpps_sync.extracts.rules import rules
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import layout
from rpps_sync.quality.declarations import Check, LooksAt, check_of
from rpps_sync.quality.metrics import SHAPED
from rpps_sync.quality.rows import lines, movers, together, volumes
from rpps_sync.quality.rows.sources import Asked, Finder, Sources

_FINDERS: Mapping[LooksAt, Finder] = {
    **lines.FINDERS,
    **together.FINDERS,
    **volumes.FINDERS,
    **movers.FINDERS,
}

NO_ROWS: Mapping[LooksAt, str] = {
    LooksAt.TRANSPORT: "it tells how the files came: none was let in, so that there is no line to look at",
    LooksAt.FROZEN: "it tells that nothing new came: no line moved",
    LooksAt.STILL: "it tells that no line moved",
    LooksAt.FILES: "it tells of a whole file that is missing: its lines are those of the publication before",
    LooksAt.DEPOSITS: "it tells of the dates of the files, which concern every line of them",
    LooksAt.ROLLBACK: "it tells of a whole file that was served before, every line of it",
    LooksAt.ROWS: "it tells of a file without any line",
    LooksAt.COLUMNS: "it tells of the header of the file, which concerns every line",
    LooksAt.UNKNOWN_COLUMNS: "it tells of the header of the file, which concerns every line",
    LooksAt.ALIASED_COLUMNS: "it tells of the header of the file, which concerns every line",
}
"""Checks without rows, and why they have none."""


def rows_behind(name: str, kind: ExtractKind, sources: Sources) -> Iterator[pl.DataFrame]:
    """The rows behind a result, some thousands at a time.

    Args:
        name: of the result: the id of a check, and its column, rule or group where it has several.
        kind: the extract it is about; of a check of the whole publication, that of the persons.
        sources: what they are read from.

    Raises:
        NotFound: no such check, no row can be behind it, or the publication before cannot be read.
    """
    check = declared(name)
    part = name.removeprefix(check.id).removeprefix(".")
    if (reason := NO_ROWS.get(check.looks_at)) is not None:
        raise NotFound(
            f"no row is behind '{name}': {reason}",
            mend="'rpps-sync checks compare' shows what is there now and was there before",
        )
    _refuse_unknown_part(check, part, kind)
    return (found for found in _FINDERS[check.looks_at](Asked(check, part, kind, sources)) if not found.is_empty())


def has_rows(name: str) -> bool:
    """Whether rows can be behind a result; not behind one that no check of this version gives."""
    check = check_of(name)
    return check is not None and check.looks_at not in NO_ROWS


def declared(name: str) -> Check:
    """The declared check that gives the result of that name.

    Raises:
        NotFound: there is none.
    """
    if (check := check_of(name)) is not None:
        return check
    raise NotFound(
        f"no check gives a result '{name}'", mend="see docs/quality.md, or 'rpps-sync checks list --all'"
    )


def _refuse_unknown_part(check: Check, part: str, kind: ExtractKind) -> None:
    parts = _parts(check, kind)
    if parts is None or part in parts:
        return
    choices = ", ".join(f"{check.id}.{choice}" for choice in parts if choice)
    named = f"{check.id}.{part}" if part else check.id
    raise NotFound(f"no result '{named}' of {kind}", mend=f"choose among {choices}" if choices else "")


def _parts(check: Check, kind: ExtractKind) -> tuple[str, ...] | None:
    """What may follow the id of a check (empty: nothing has to); None: any group."""
    match check.looks_at:
        case LooksAt.GROUPS:
            return None
        case LooksAt.RULE_RISE:
            return ("", *(one.name for one in rules(kind)))
        case LooksAt.FILL_RATES | LooksAt.EMPTIED | LooksAt.REWRITTEN:
            return ("", *(column.key for column in layout(kind).columns))
        case LooksAt.SHIFTED | LooksAt.DISTRIBUTION | LooksAt.LABELS:
            return ("", *check.columns_of(kind))
        case LooksAt.SHAPES:
            return ("", *SHAPED)
        case _:
            return check.results_in(kind if check.files else None)
