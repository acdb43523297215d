"""The lines of personne-activite, as columns of small integers.

One line is one situation: a person in a profession and category, with one skill, in one activity at one structure.
Values are indexes: of people, of structures, of codes (see ``codes``), of registration authorities.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rpps_sync.simulator.chances import Indexes, Mask
from rpps_sync.simulator.rows import Float64, Int8, Int16, Int32, Rows


@dataclass(slots=True)
class Lines(Rows):
    """So many lines, one array per column."""

    person: Int32
    profession: Int8
    category: Int8
    exercise_civility: Int8
    skill: Int16
    structure: Int32  # 0 for none
    mode: Int8
    sector: Int8
    pharmacist_section: Int8
    role: Int8
    kind: Int8
    authority: Int8
    position: Float64  # in the file: lines are written in ascending order

    def of(self, people: Indexes) -> Mask:
        """Which lines are those people's."""
        return np.isin(self.person, people)

    def in_order(self) -> Indexes:
        """The rows in the order of the file."""
        return np.argsort(self.position, kind="stable")
