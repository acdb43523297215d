"""Sifting those observed: whoever agrees with the directory in everything is found in columns, page after page.

The database is read and written on the caller's thread while the page before is sieved on another, so that two
processors are busy and at most three pages are held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection

from rpps_sync.comparison.sieve import STRUCTURE_COLUMNS, WORK_COLUMNS, Published, agreeing, nobody
from rpps_sync.directory import frames, judged
from rpps_sync.directory.frames import Among
from rpps_sync.directory.tables import ACTIVITIES, EXERCISES, PRACTITIONERS, SKILLS
from rpps_sync.extracts.ahead import ahead
from rpps_sync.observation import Scope

FEWEST = 500  # practitioners worth the preparation
_LOOKED_UP = 4  # pages after which it is cheaper to read all structures at once


@dataclass(frozen=True, slots=True)
class Sifted:
    """Some practitioners, and those of them who need no further look."""

    national_ids: Sequence[str]
    among: Among | None  # None when they were too few to be sifted
    agreed: pl.DataFrame  # national_id, source, consistent, not_comparable

    def record(self, connection: Connection, publication_seq: int) -> None:
        """Keep how the fields of those who agree were judged."""
        if self.among is not None:
            judged.record_agreements(connection, self.agreed, self.among, publication_seq=publication_seq)

    def verdicts(self) -> dict[str, int]:
        """How the fields of those who agree were judged."""
        return {verdict: int(self.agreed[verdict].sum()) for verdict in ("consistent", "not_comparable")}


@dataclass(frozen=True, slots=True)
class _Page:
    """What the database says of some practitioners."""

    national_ids: Sequence[str]
    among: Among
    newest: pl.DataFrame  # of every application: national_id, source, claims, scope
    claimed: pl.DataFrame  # those of them that the sieve may look at
    published: Published


def sifted(connection: Connection, pages: Iterable[Sequence[str]]) -> Iterator[Sifted]:
    """Find those who agree with the directory in everything at every application; nothing is recorded.

    Whoever has a standing finding is left out: its end has to be told by the exact path. Few people are not worth
    the preparation.
    """
    structures = _Structures(connection)
    return ahead(_agreed, (_read(connection, page, structures) for page in pages), workers=1)


class _Structures:
    """The structures of the directory: looked up for the first pages, then all read once for those that follow."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pages = 0
        self._everything: pl.DataFrame | None = None

    def of(self, activities: pl.DataFrame) -> pl.DataFrame:
        """The structures of some activities."""
        self._pages += 1
        wanted = activities["structure_id"]
        if self._pages <= _LOOKED_UP:
            return frames.structures(self._connection, STRUCTURE_COLUMNS, wanted)
        if self._everything is None:
            self._everything = frames.structures(self._connection, STRUCTURE_COLUMNS)
        return self._everything.join(wanted.to_frame(), on="structure_id", how="semi")


def _agreed(page: _Page | Sequence[str]) -> Sifted:
    if not isinstance(page, _Page):
        return Sifted(page, None, nobody())
    agreed = agreeing(page.claimed, page.published)
    elsewhere = page.newest.join(agreed, on=["national_id", "source"], how="anti").select("national_id")
    return Sifted(page.national_ids, page.among, agreed.join(elsewhere, on="national_id", how="anti"))


def _read(connection: Connection, names: Sequence[str], structures: _Structures) -> _Page | Sequence[str]:
    if len(names) < FEWEST:
        return names
    among = frames.wanted(connection, names)
    newest = frames.newest_claims(connection, among)
    wanted = pl.DataFrame({"national_id": names}, schema={"national_id": pl.String})
    doubtful = judged.with_unresolved_findings(connection).to_frame()
    in_scope = newest.filter(pl.col("scope") == str(Scope.IN_SCOPE))
    claimed = in_scope.join(wanted, on="national_id", how="semi").join(doubtful, on="national_id", how="anti")
    return _Page(names, among, newest, claimed, _published(connection, among, structures))


def _published(connection: Connection, among: Among, structures: _Structures) -> Published:
    activities = frames.current(
        connection, ACTIVITIES, ("national_id", "profession", *WORK_COLUMNS, "structure_id"), among
    )
    return Published(
        frames.current(connection, PRACTITIONERS, ("national_id", "family_name", "given_name"), among),
        frames.current(connection, EXERCISES, ("national_id", "profession", "category"), among),
        frames.current(connection, SKILLS, ("national_id", "profession", "type", "code"), among),
        activities,
        structures.of(activities),
    )
