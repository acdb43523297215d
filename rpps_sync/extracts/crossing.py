"""Across the files of one publication: who is described in one of them and absent from the file of persons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from rpps_sync.publication import ExtractKind

PERSON = r"^(8[0-9]{11}|0[0-9AB]{9})$"
"""A person's national identifier, RPPS or ADELI: the mailbox of an organisation is indexed by its structure."""


@dataclass(frozen=True, slots=True)
class Orphans:
    """People of one file that the file of persons does not know; some diplomas have always been so."""

    absent: int
    people: int  # in the file

    @property
    def share(self) -> float:
        """Between 0 and 1; 0 when the file describes nobody."""
        return self.absent / max(1, self.people)


def orphans(indexes: Mapping[ExtractKind, pl.DataFrame]) -> dict[ExtractKind, Orphans]:
    """Count the orphans of every file but the file of persons, from their line indexes.

    Returns:
        Nothing when there is no file of persons: everybody would be an orphan.
    """
    persons = indexes.get(ExtractKind.PERSONNE_ACTIVITE)
    if persons is None:
        return {}
    known = _people(persons)
    return {
        kind: _orphans(_people(index), known)
        for kind, index in indexes.items()
        if kind is not ExtractKind.PERSONNE_ACTIVITE
    }


def _people(index: pl.DataFrame) -> pl.DataFrame:
    """Distinct people; the mailbox of an organisation is indexed by its structure."""
    return index.select(pl.col("national_id").unique()).filter(pl.col("national_id").str.contains(PERSON))


def _orphans(people: pl.DataFrame, known: pl.DataFrame) -> Orphans:
    return Orphans(people.join(known, on="national_id", how="anti").height, people.height)
