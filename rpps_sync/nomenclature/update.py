"""Bringing tables up to date from a folder of NOS files: all of them, or none.

A published table never loses a code, it gives it an end date: a code that a newer file no longer lists is kept, as
ended, and a wording is never replaced by an empty one. A file that lists fewer than half of the known codes is
another table, or a part of one, and is refused.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rpps_sync.errors import StorageError, UsageError
from rpps_sync.nomenclature.published import LeftAlone, PublishedTable, read_folder
from rpps_sync.nomenclature.tables import ACTIVE, DEPRECATED, UPDATED, CodeTable, forget, kept_at, table


@dataclass(frozen=True, slots=True)
class Relabelled:
    """A code with its former and its new wording."""

    code: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class TableUpdate:
    """What a file changes in one table."""

    table: str
    file: str  # its name
    version: str
    date: str
    codes: int  # listed once it is taken in
    added: tuple[str, ...]
    ended: tuple[str, ...]
    resumed: tuple[str, ...]  # ended before, in use again
    relabelled: tuple[Relabelled, ...]


@dataclass(frozen=True, slots=True)
class Update:
    """What a folder changes."""

    tables: tuple[TableUpdate, ...]
    left_alone: tuple[LeftAlone, ...]


def update(source: Path, kept: Path, today: date, *, force: bool = False, dry_run: bool = False) -> Update:
    """Take in the tables of a folder; they stand in for those of the package from then on.

    Args:
        source: the NOS files (see :mod:`rpps_sync.nomenclature.published`).
        kept: where the tables are kept; the folder given to ``use``.
        today: end dates after this day have not come yet.
        force: take in a table that lists fewer than half of the known codes, is a part only, or is older than
            the one kept.
        dry_run: say what would change, write nothing.

    Raises:
        UsageError: the folder has no table, or one of them is not acceptable; nothing was changed.
        StorageError: a file cannot be read or written.
    """
    tables, left = read_folder(source, today)
    if not tables:
        raise UsageError(
            f"{source} holds no table that a column of the extracts uses",
            mend="fetch the CodeSystem-TRE-*.json files of the terminology guide of the ANS",
            reason="no-table",
        )
    standing = {one.id: table(one.id) for one in tables}
    if not force:
        for one in tables:
            _refuse_doubtful(one, standing[one.id])
    merged = {one.id: _merged(one, standing[one.id]) for one in tables}
    if not dry_run:
        _keep(kept, [_document(one, standing[one.id], merged[one.id]) for one in tables])
        forget()
    changes = tuple(_change(one, standing[one.id], merged[one.id]) for one in tables)
    return Update(changes, left)


@dataclass(frozen=True, slots=True)
class _Entry:
    label: str
    status: str


def _refuse_doubtful(new: PublishedTable, known: CodeTable) -> None:
    listed = {one.code for one in new.codes}
    found = len(listed & known.labels.keys())
    why = ""
    if found * 2 < len(known.labels):
        why = f"lists {found} of the {len(known.labels)} known codes of table {known.id}"
    elif new.whole is False:
        why = f"says that it is not the whole of table {known.id}"
    elif known.origin == UPDATED and new.date and new.date < known.date:
        why = f"is of {new.date}, older than the table {known.id} in force ({known.date})"
    if why:
        raise UsageError(
            f"{new.file.name} {why}; no table was changed",
            mend="look at the file; if it is right, run the command again with --force",
            reason="doubtful-table",
        )


def _merged(new: PublishedTable, known: CodeTable) -> dict[str, _Entry]:
    entries = {code: _Entry(text, DEPRECATED) for code, text in known.labels.items()}
    for one in new.codes:
        entries[one.code] = _Entry(one.label or known.labels.get(one.code, ""), one.status)
    return entries


def _change(new: PublishedTable, known: CodeTable, merged: Mapping[str, _Entry]) -> TableUpdate:
    both = [code for code in merged if code in known.labels]
    return TableUpdate(
        table=known.id,
        file=new.file.name,
        version=new.version,
        date=new.date,
        codes=len(merged),
        added=tuple(code for code in merged if code not in known.labels),
        ended=_turned(both, known, merged, DEPRECATED),
        resumed=_turned(both, known, merged, ACTIVE),
        relabelled=tuple(
            Relabelled(code, known.labels[code], merged[code].label)
            for code in both
            if merged[code].label != known.labels[code]
        ),
    )


def _turned(codes: Sequence[str], known: CodeTable, merged: Mapping[str, _Entry], status: str) -> tuple[str, ...]:
    return tuple(code for code in codes if merged[code].status == status != known.status(code))


def _document(new: PublishedTable, known: CodeTable, merged: Mapping[str, _Entry]) -> dict[str, Any]:
    """The table as ``rpps_sync.nomenclature.tables`` reads it back."""
    said = new.whole is not None
    return {
        "table": new.id,
        "version": new.version,
        "date": new.date,
        "source": new.file.name,
        "complete": new.whole if said else known.complete,
        "worded": known.worded or said,  # a CodeSystem writes its labels out
        "codes": [{"code": code, "label": entry.label, "status": entry.status} for code, entry in merged.items()],
    }


def _keep(folder: Path, documents: Sequence[dict[str, Any]]) -> None:
    """Keep tables: all are written before the first takes its name, and a half-written one never does."""
    drafts = {
        kept_at(folder, one["table"]): kept_at(folder, f".{one['table']}-{os.getpid()}") for one in documents
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for draft, document in zip(drafts.values(), documents, strict=True):
            draft.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        for path, draft in drafts.items():
            draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            for draft in drafts.values():
                draft.unlink(missing_ok=True)
        raise StorageError(
            f"{folder} cannot be written: {error.strerror or error}",
            mend="check that the folder is on a writable disk and belongs to this account",
            reason="not-writable",
        ) from error
