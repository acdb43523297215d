"""Codes with the labels that the files give them: nomenclature tables, then the older or shorter labels seen.

A coded column is kept as small integers into a ``CodeTable``; 0 is the empty code.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import StringIO

import numpy as np
import polars as pl
from numpy.typing import NDArray

NOMENCLATURES: dict[str, tuple[str, ...]] = {
    "exercise_civility": ("TRE_R11",),
    "civility": ("TRE_R81",),
    "profession": ("TRE_G15", "TRE_R94", "TRE_R95"),
    "category": ("TRE_R09",),
    "skill_type": ("TRE_R04",),
    "skill": ("TRE_R38", "TRE_R42", "TRE_R45"),
    "mode": ("TRE_R23",),
    "sector": ("TRE_R02",),
    "pharmacist_section": ("TRE_R06",),
    "role": ("TRE_R21",),
    "kind": ("TRE_R22",),
    "street_type": ("TRE_R35",),
    "diploma_type": ("TRE_R14",),
    "diploma": ("TRE_R48", "TRE_R42"),
    "authorisation_type": ("TRE_R17",),
    "authorisation_discipline": ("TRE_R18",),
}

_SKILL_TYPES = {"SM": "S", "SCD": "S", "SI": "S", "DSM": "DNQ", "SCH": "SH", "CEX": "CEX", "CM": "CM"}
_DIPLOMA_TYPES = {"DE": "DE", "DSM": "DESC1", "DIP": "AU"}


@dataclass(frozen=True, slots=True)
class CodeTable:
    """The codes of one column and their labels as the files write them; the first is the empty one."""

    codes: tuple[str, ...]
    labels: tuple[str, ...]
    official: tuple[str, ...]  # labels of the nomenclature, for the day a label drifts

    def index(self, code: str) -> int:
        """Where a code stands in this table.

        Raises:
            ValueError: the code is not in the table.
        """
        return self.codes.index(code)

    def indexes(self, codes: list[str]) -> NDArray[np.int16]:
        """Where several codes stand in this table."""
        return np.array([self.index(code) for code in codes], dtype=np.int16)

    def code_column(self) -> pl.Series:
        """The codes, to be gathered by index."""
        return pl.Series(self.codes)


@cache
def code_table(name: str) -> CodeTable:
    """The table of one coded column (names are those of ``NOMENCLATURES``)."""
    official: dict[str, str] = {}
    for nomenclature in NOMENCLATURES[name]:
        for row in _nomenclature(nomenclature):
            if row["status"] == "active" or row["code"] not in official:
                official[row["code"]] = row["label"]
    shown = official | _file_labels().get(name, {})
    return CodeTable(
        codes=("", *shown),
        labels=("", *shown.values()),
        official=("", *(official.get(code, label) for code, label in shown.items())),
    )


def type_indexes(name: str, types: str) -> NDArray[np.int16]:
    """For each code of ``skill`` or ``diploma``, the index of its type in ``skill_type`` or ``diploma_type``."""
    prefixes = _SKILL_TYPES if name == "skill" else _DIPLOMA_TYPES
    table = code_table(types)
    return table.indexes([prefixes.get(code.rstrip("0123456789"), "") for code in code_table(name).codes])


def _nomenclature(prefix: str) -> list[dict[str, str]]:
    folder = resources.files("rpps_sync.nomenclature") / "data"
    file = next(entry for entry in folder.iterdir() if entry.name.startswith(f"{prefix}-"))
    return list(csv.DictReader(StringIO(file.read_text(encoding="utf-8"))))


@cache
def _file_labels() -> dict[str, dict[str, str]]:
    labels: dict[str, dict[str, str]] = {}
    source = resources.files(__package__) / "data" / "labels.csv"
    for row in csv.DictReader(StringIO(source.read_text(encoding="utf-8"))):
        labels.setdefault(row["table"], {})[row["code"]] = row["label"]
    return labels
