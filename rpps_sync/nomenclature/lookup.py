"""Codes and labels of the NOS tables, by the coded column of the extracts they belong to.

A *system* is named after the key of a coded column (``profession``, ``skill``, ``mode``…); ``skill.S`` narrows
skills to one type. Which tables feed it, and which of them are complete, is data: ``systems.toml``.
"""

from __future__ import annotations

import csv
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from rpps_sync.errors import NotFound


@dataclass(frozen=True, slots=True)
class CodeTable:
    """One NOS table (table de référence, TRE) as shipped here."""

    id: str  # 'R38'
    labels: dict[str, str]  # code -> label; empty where the wording is not known
    complete: bool  # False: gives labels, never makes a code unknown
    family: re.Pattern[str] | None  # the shape of its codes, None when it owns every code of its systems


@dataclass(frozen=True, slots=True)
class CodeSystem:
    """The tables that list the codes of one coded column."""

    name: str
    tables: tuple[CodeTable, ...]
    others: bool  # the column also holds codes of tables that are not shipped

    def judges(self, code: str) -> bool:
        """Whether a code missing from the tables can be called unknown."""
        owners = [table for table in self.tables if table.family is not None and table.family.fullmatch(code)]
        if owners:
            return all(table.complete for table in owners)
        return not self.others and all(table.complete for table in self.tables)


def known_codes(system: str) -> frozenset[str]:
    """The codes of every table of a system, those with an end date included.

    Raises:
        NotFound: there is no such system.
    """
    return frozenset(code for table in code_system(system).tables for code in table.labels)


def label(system: str, code: str) -> str:
    """The official wording of a code, an empty string when the code or its wording is not known.

    Raises:
        NotFound: there is no such system.
    """
    return next((table.labels[code] for table in code_system(system).tables if code in table.labels), "")


@cache
def code_system(name: str) -> CodeSystem:
    """The tables behind one coded column.

    Raises:
        NotFound: there is no such system.
    """
    entry = _declared()["systems"].get(name)
    if entry is None:
        raise NotFound(f"no code list is declared for '{name}'", mend="see rpps_sync/nomenclature/systems.toml")
    return CodeSystem(name, tuple(_table(table) for table in entry["tables"]), entry.get("others", False))


@cache
def _table(name: str) -> CodeTable:
    entry = _declared()["tables"][name]
    lines = resources.files(__package__).joinpath("data", entry["file"]).read_text(encoding="utf-8").splitlines()
    labels = {row["code"]: row["label"] for row in csv.DictReader(lines)}
    family = re.compile(entry["family"]) if "family" in entry else None
    return CodeTable(name, labels, entry["complete"], family)


@cache
def _declared() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("systems.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
