"""The publication that answers are made of, and what all answers share: those before it, the wording of codes.

Which publication is served is one cheap row. The rest is read once for as long as a connection lives, and again
once another run has published, be it into a database that replaced this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from rpps_sync.clock import iso, now, parse_instant
from rpps_sync.directory import labels
from rpps_sync.directory.labels import PastLabels, Wording
from rpps_sync.directory.tables import ERASURES, PUBLICATIONS
from rpps_sync.errors import NotFound

_SHARED = "rpps_sync.shared"  # where a connection keeps what was read
_published = PUBLICATIONS.c
_NEWEST = (
    select(_published.seq, _published.run_id, select(func.max(ERASURES.c.id)).scalar_subquery().label("erasures"))
    .where(_published.seq.is_not(None))
    .order_by(_published.seq.desc())
    .limit(1)
)
_ALL: Select[Any] = (
    select(_published.seq, _published.id, _published.published_at, _published.practitioners, _published.files)
    .where(_published.seq.is_not(None))
    .order_by(_published.seq)
)


@dataclass(frozen=True, slots=True)
class Published:
    """One publication that was accepted."""

    seq: int
    id: str
    published_at: datetime
    practitioners: int  # in it
    deposits: Mapping[str, datetime] = field(repr=False)  # of each kind of extract, when it was deposited

    @property
    def day(self) -> date:
        """Of the publication, in UTC."""
        return self.published_at.date()


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all answers have in common until another run publishes."""

    newest: tuple[int, str]  # sequence number and run of the newest one
    publications: Mapping[int, Published]  # by sequence number, oldest first
    wordings: Mapping[tuple[str, str], list[Wording]]


@dataclass(frozen=True, slots=True)
class Served:
    """The publication that an answer is made of: the newest one, or the one served at a past instant."""

    published: Published
    erasures: int  # people erased so far: an answer made before one must not be taken for current
    shared: _Shared = field(repr=False)

    @property
    def seq(self) -> int:
        """Its sequence number."""
        return self.published.seq

    @property
    def id(self) -> str:
        """Its identifier."""
        return self.published.id

    @property
    def published_at(self) -> datetime:
        """When it was made."""
        return self.published.published_at

    @property
    def about(self) -> dict[str, Any]:
        """What every answer says of it."""
        return {
            "publication": self.id,
            "published_at": iso(self.published_at),
            "age_seconds": int((now() - self.published_at).total_seconds()),
        }

    @property
    def edition(self) -> str:
        """A text that changes whenever answers may."""
        return f"{self.id}.{self.erasures}" if self.erasures else self.id

    @property
    def labels(self) -> PastLabels:
        """The wording of codes in force when it was served."""
        return PastLabels(self.shared.wordings, self.seq)

    @property
    def publications(self) -> Iterable[Published]:
        """All that were ever served, oldest first."""
        return self.shared.publications.values()

    def publication(self, seq: int) -> Published:
        """Another publication, by its sequence number."""
        return self.shared.publications[seq]

    def at(self, instant: datetime) -> Served:
        """The publication that was served at a past instant.

        Raises:
            NotFound: there was none.
        """
        for one in reversed(list(self.shared.publications.values())):
            if one.published_at <= instant:
                return Served(one, self.erasures, self.shared)
        raise NotFound("no publication was served at that time", mend="see 'rpps-sync publications'")


def served(connection: Connection, as_of: datetime | None = None) -> Served:
    """The publication being served, or the one served at a past instant.

    Raises:
        NotFound: the directory holds none, or held none then.
    """
    row = connection.execute(_NEWEST).one_or_none()
    if row is None:
        raise NotFound(
            "the directory holds no publication yet", mend="run 'rpps-sync run' first", reason="no-publication"
        )
    shared = connection.info.get(_SHARED)
    if shared is None or shared.newest != (row.seq, row.run_id):
        shared = connection.info[_SHARED] = _read(connection, (row.seq, row.run_id))
    newest = Served(shared.publications[row.seq], row.erasures or 0, shared)
    return newest if as_of is None else newest.at(as_of)


def _read(connection: Connection, newest: tuple[int, str]) -> _Shared:
    publications = {row.seq: _publication(row) for row in connection.execute(_ALL)}
    return _Shared(newest, publications, labels.wordings(connection))


def _publication(row: Row[Any]) -> Published:
    deposits = {file["kind"]: parse_instant(file["published_at"]) for file in row.files}
    return Published(row.seq, row.id, row.published_at, row.practitioners or 0, deposits)
