"""The NOS tables (tables de référence, TRE): those of this package, and newer ones kept in a folder.

A table brought up to date by ``rpps-sync nomenclature update`` lies in the folder named by :func:`use` and stands
in for the one of the package. Nothing is read before it is asked for, and a table is read once.
"""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from rpps_sync.errors import NotFound, StorageError, UsageError

ACTIVE, DEPRECATED = "active", "deprecated"
PACKAGED, UPDATED = "package", "update"


@dataclass(frozen=True, slots=True)
class CodeTable:
    """One table in force."""

    id: str  # 'R38'
    title: str
    labels: Mapping[str, str]  # code -> label; empty where the wording is not known
    retired: frozenset[str]  # codes with an end date
    complete: bool  # False: gives labels, never makes a code unknown
    worded: bool  # False: its labels are abbreviated, nothing is compared with them
    family: re.Pattern[str] | None  # the shape of its codes, None when it owns every code of its systems
    version: str
    date: str  # as precise as it is known: '2026-07', '2026-02-23', or empty
    source: str  # in words
    origin: str  # PACKAGED or UPDATED

    def status(self, code: str) -> str:
        """Whether a code of the table is in use or has ended."""
        return DEPRECATED if code in self.retired else ACTIVE


class _Place:
    """Where newer tables lie; one for the process, as the tables of the package are."""

    folder: Path | None = None


def use(folder: Path | None) -> None:
    """Read newer tables from this folder, if it holds any; None: only those of the package."""
    if folder != _Place.folder:
        _Place.folder = folder
        forget()


def forget() -> None:
    """Read the tables again when they are next asked for."""
    table.cache_clear()


def table_ids() -> tuple[str, ...]:
    """The tables that columns of the extracts use."""
    return tuple(_declared()["tables"])


@cache
def table(name: str) -> CodeTable:
    """One table, the newer one when there is one.

    Raises:
        NotFound: no column of the extracts uses such a table.
        UsageError: the file kept in the folder is not one that 'nomenclature update' writes.
    """
    entry = _declared()["tables"].get(name)
    if entry is None:
        raise NotFound(f"no column of the extracts uses a table {name}", mend="see 'rpps-sync nomenclature list'")
    path = kept_at(_Place.folder, name) if _Place.folder else None
    kept = _kept(path) if path and path.exists() else None
    return _updated(name, entry, kept) if kept else _packaged(name, entry)


def kept_at(folder: Path, name: str) -> Path:
    """The file of a newer table."""
    return folder / f"{name}.json"


def code_rows(text: str) -> list[dict[str, str]]:
    """The rows of a table in the shape of this package: a CSV with the columns code, label and status."""
    return list(csv.DictReader(text.splitlines()))


def _packaged(name: str, entry: Mapping[str, Any]) -> CodeTable:
    text = resources.files(__package__).joinpath("data", entry["file"]).read_text(encoding="utf-8")
    about = {"source": _declared()["sources"][entry["source"]], "origin": PACKAGED}
    return _table(name, entry, code_rows(text), {**entry, **about})


def _updated(name: str, entry: Mapping[str, Any], kept: Mapping[str, Any]) -> CodeTable:
    return _table(name, entry, kept["codes"], {**kept, "origin": UPDATED})


def _table(
    name: str, entry: Mapping[str, Any], rows: Iterable[Mapping[str, str]], about: Mapping[str, Any]
) -> CodeTable:
    rows = list(rows)
    return CodeTable(
        id=name,
        title=entry["title"],
        labels={row["code"]: row["label"] for row in rows},
        retired=frozenset(row["code"] for row in rows if row["status"] == DEPRECATED),
        complete=about["complete"],
        worded=about.get("worded", True),
        family=re.compile(entry["family"]) if "family" in entry else None,
        version=about["version"],
        date=about["date"],
        source=about["source"],
        origin=about["origin"],
    )


_OF_A_KEPT_TABLE = {"version": str, "date": str, "source": str, "complete": bool, "codes": list}


def _kept(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error}", mend=_MEND, reason="unreadable") from error
    except ValueError as error:
        raise UsageError(f"{path}: {error}", mend=_MEND, reason="bad-table") from error
    if not isinstance(document, dict) or not _is_sound(document):
        raise UsageError(f"{path} is no table kept by 'nomenclature update'", mend=_MEND, reason="bad-table")
    return document


_MEND = "remove that file to use the table of the package, or run 'rpps-sync nomenclature update' again"


def _is_sound(document: Mapping[str, Any]) -> bool:
    known = all(isinstance(document.get(key), kind) for key, kind in _OF_A_KEPT_TABLE.items())
    return known and all(
        isinstance(row, dict) and all(isinstance(row.get(key), str) for key in ("code", "label", "status"))
        for row in document["codes"]
    )


@cache
def _declared() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("data", "tables.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
