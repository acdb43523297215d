"""The labels of codes, with their history: they drift without the codes moving, so they are kept beside them.

A *system* is the key of a coded column ('profession', 'skill', 'mode'…). Where one publication gives several
labels to one code, the one most lines carry is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, and_, insert, or_, select, update

from rpps_sync.directory.tables import LABELS
from rpps_sync.extracts.profile import Profile
from rpps_sync.extracts.wording import published_labels, unlabelled

Wording = tuple[int, int | None, str]  # from_seq, until_seq, label


class Wordings(Protocol):
    """Whoever knows the label of a code."""

    def label(self, system: str, code: str) -> str:
        """The label of a code; empty when none was ever published."""
        ...


@dataclass(frozen=True, slots=True)
class PastLabels:
    """The labels of one publication among those of all."""

    wordings: Mapping[tuple[str, str], Sequence[Wording]]
    seq: int

    def label(self, system: str, code: str) -> str:
        """The label of a code; empty when none was ever published."""
        for since, until, label in self.wordings.get((system, code), ()):
            if since <= self.seq and (until is None or until > self.seq):
                return label
        return ""


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of one publication."""

    by_code: Mapping[tuple[str, str], str]

    def label(self, system: str, code: str) -> str:
        """The label of a code; empty when none was ever published."""
        return self.by_code.get((system, code), "")


def load(connection: Connection, seq: int | None = None) -> Labels:
    """The labels in force, now or when publication ``seq`` was served."""
    open_ended = LABELS.c.until_seq.is_(None)
    in_force = (
        open_ended if seq is None else and_(LABELS.c.from_seq <= seq, or_(open_ended, LABELS.c.until_seq > seq))
    )
    rows = connection.execute(select(LABELS.c.system, LABELS.c.code, LABELS.c.label).where(in_force))
    return Labels({(row.system, row.code): row.label for row in rows})


def wordings(connection: Connection) -> dict[tuple[str, str], list[Wording]]:
    """The labels of all publications, for :class:`PastLabels`."""
    found: defaultdict[tuple[str, str], list[Wording]] = defaultdict(list)
    table = LABELS.c
    rows = connection.execute(select(table.system, table.code, table.from_seq, table.until_seq, table.label))
    for system, code, *wording in rows:
        found[system, code].append(tuple(wording))
    return dict(found)


def update_all(connection: Connection, seq: int, profiles: Iterable[Profile]) -> int:
    """Record the labels of a publication; those of codes it no longer uses are kept.

    A code that is used without label has none from now on, as in the files of that day.

    Returns:
        How many labels are new, changed or gone.
    """
    profiles = list(profiles)
    known = load(connection).by_code
    now = published_labels(profiles) | {key: "" for key in unlabelled(profiles) if key in known}
    moved = {key: label for key, label in now.items() if known.get(key) != label}
    for system, code in moved.keys() & known.keys():
        connection.execute(
            update(LABELS)
            .where(LABELS.c.system == system, LABELS.c.code == code, LABELS.c.until_seq.is_(None))
            .values(until_seq=seq)
        )
    rows = [
        {"system": system, "code": code, "from_seq": seq, "label": label}
        for (system, code), label in sorted(moved.items())
    ]
    if rows:
        connection.execute(insert(LABELS), rows)
    return len(rows)
