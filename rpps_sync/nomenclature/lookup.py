"""Codes and labels of the NOS tables, by the coded column of the extracts they belong to.

A *system* is named after the key of a coded column (``profession``, ``skill``, ``mode``…); ``skill.S`` narrows
skills to one type. Which tables feed it is data: ``systems.toml``; what each table is worth, ``data/tables.toml``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from rpps_sync.errors import NotFound
from rpps_sync.nomenclature.tables import CodeTable, table


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


def systems() -> tuple[str, ...]:
    """The names of all systems."""
    return tuple(_declared())


def known_codes(system: str) -> frozenset[str]:
    """The codes of every table of a system, those with an end date included.

    Raises:
        NotFound: there is no such system.
    """
    return frozenset(code for one in code_system(system).tables for code in one.labels)


def retired_codes(system: str) -> frozenset[str]:
    """The codes that ended in every table of a system that lists them: psychologists left one table for another.

    Raises:
        NotFound: there is no such system.
    """
    tables = code_system(system).tables
    in_use = {code for one in tables for code in one.labels if code not in one.retired}
    return frozenset(code for one in tables for code in one.retired if code not in in_use)


def label(system: str, code: str) -> str:
    """The official wording of a code, an empty string when the code or its wording is not known.

    Raises:
        NotFound: there is no such system.
    """
    return next((one.labels[code] for one in code_system(system).tables if code in one.labels), "")


def wordings(system: str) -> dict[str, str]:
    """The official labels of a system that can be compared with others: known, and not abbreviated here.

    Raises:
        NotFound: there is no such system.
    """
    found: dict[str, str] = {}
    for one in code_system(system).tables:
        for code, text in one.labels.items() if one.worded else ():
            if text:
                found.setdefault(code, text)
    return found


def code_system(name: str) -> CodeSystem:
    """The tables behind one coded column.

    Raises:
        NotFound: there is no such system.
    """
    entry = _declared().get(name)
    if entry is None:
        raise NotFound(f"no code list is declared for '{name}'", mend="see rpps_sync/nomenclature/systems.toml")
    return CodeSystem(name, tuple(table(one) for one in entry["tables"]), entry.get("others", False))


@cache
def _declared() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("systems.toml").read_text(encoding="utf-8")
    declared: dict[str, Any] = tomllib.loads(text)["systems"]
    return declared
