"""Who is found by a term: kept in step with each publication, in its transaction.

A row of ``search_postings`` lists the people of one block who are found by one term, as 32-bit little-endian
numbers in ascending order. The content depends on the tables alone, never on how they came to be what they are: a
rebuild gives the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sqlalchemy import Column, Connection, MetaData, Table, Text, delete, exists, select, tuple_

from rpps_sync.directory import bulk, server
from rpps_sync.directory.search.terms import NAMES, of_tables, terms_of
from rpps_sync.directory.tables import PRACTITIONERS, SEARCH_POSTINGS, SEARCH_WORDS

PEOPLE_AT_A_TIME = 60_000  # read together by a rebuild
NUMBER = np.dtype("<u4")

Key = tuple[str, str]  # term, block
_FOUND = pl.Schema([("term", pl.String()), ("block", pl.String()), ("people", pl.List(pl.UInt32))])
TOUCHED = Table("search_touched", MetaData(), Column("term", Text), Column("block", Text), prefixes=["TEMPORARY"])


@dataclass(slots=True)
class Postings:
    """The index on its way from one publication to the next.

    Args:
        connection: inside the transaction of the publication.
        empty: nobody is in the index yet, and people come in the order of their identifiers: what is gained is
            then written block by block instead of being kept until the end.
    """

    connection: Connection
    empty: bool = False
    _gained: list[pl.DataFrame] = field(default_factory=list, init=False)
    _lost: list[pl.DataFrame] = field(default_factory=list, init=False)

    def gain(self, found: pl.DataFrame) -> None:
        """Practitioners are in the directory, found by these terms (see :func:`terms_of`)."""
        self._gained.append(found)
        if self.empty and not found.is_empty():
            pending = pl.concat(self._gained)
            whole = pl.col("block") < pending["block"].max()
            if not (ready := pending.filter(whole)).is_empty():
                self._write_new(_flat([ready]))
                self._gained = [pending.filter(~whole)]

    def lose(self, national_ids: Sequence[str]) -> None:
        """These practitioners are about to be removed from the tables."""
        for names in bulk.batches(national_ids):
            traits = of_tables(self.connection, lambda owner, names=names: owner.in_(names))
            self._lost.append(terms_of(traits))

    def settle(self) -> None:
        """Write what was gained and lost."""
        gained, lost = _flat(self._gained), _flat(self._lost)
        self._gained, self._lost = [], []
        if self.empty:
            self._write_new(gained)
            return
        moved = ["term", "block", "person"]
        new, gone = gained.join(lost, on=moved, how="anti"), lost.join(gained, on=moved, how="anti")
        _merge(self.connection, _by_key(new), _by_key(gone))

    def _write_new(self, found: pl.DataFrame) -> None:
        """Insert rows of blocks that the index does not have."""
        rows = found.group_by("term", "block").agg("person").sort("term", "block")
        _write(self.connection, rows.select("term", "block", people=_packed(rows["person"])))
        _add_words(self.connection, rows["term"])


def rebuild(connection: Connection) -> None:
    """Make the index again from the tables, some tens of thousands of people at a time."""
    connection.execute(delete(SEARCH_POSTINGS))
    connection.execute(delete(SEARCH_WORDS))
    postings = Postings(connection, empty=True)
    for first, last in _ranges(connection):
        postings.gain(terms_of(of_tables(connection, lambda owner, ends=(first, last): owner.between(*ends))))
    postings.settle()


def ensure(connection: Connection) -> None:
    """Make the index of a directory that was filled before there was one."""
    people = connection.scalar(select(exists(select(PRACTITIONERS.c.national_id))))
    if people and not connection.scalar(select(exists(select(SEARCH_POSTINGS.c.term)))):
        rebuild(connection)


def _ranges(connection: Connection) -> Iterator[tuple[str, str]]:
    """The first and the last identifier of each batch of practitioners."""
    owner = PRACTITIONERS.c.national_id
    after = ""
    while True:
        batch = select(owner).where(owner > after).order_by(owner).limit(PEOPLE_AT_A_TIME)
        names = connection.execute(batch).scalars().all()
        if not names:
            return
        yield names[0], names[-1]
        after = names[-1]


def _flat(found: list[pl.DataFrame]) -> pl.DataFrame:
    """One row a term, block and person, people of one key ascending if the frames are."""
    return pl.concat([pl.DataFrame(schema=_FOUND), *found]).explode("people").rename({"people": "person"})


def _by_key(moved: pl.DataFrame) -> dict[Key, NDArray[np.uint32]]:
    rows = moved.group_by("term", "block").agg("person")
    return {(term, block): np.array(sorted(people), NUMBER) for term, block, people in rows.iter_rows()}


def _packed(people: pl.Series) -> pl.Series:
    """Lists of numbers as bytes, without a copy of each."""
    import pyarrow as pa  # noqa: PLC0415 - forty megabytes, and only who publishes needs it

    lists = people.cast(pl.List(pl.UInt32)).rechunk().to_arrow()
    numbers = lists.values.to_numpy(zero_copy_only=False).astype(NUMBER, copy=False)
    ends = (lists.offsets.to_numpy().astype(np.int64) * NUMBER.itemsize).tobytes()
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(numbers.tobytes())]
    packed = pl.from_arrow(pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(lists), buffers))
    assert isinstance(packed, pl.Series)
    return packed


def _merge(
    connection: Connection, new: dict[Key, NDArray[np.uint32]], gone: dict[Key, NDArray[np.uint32]]
) -> None:
    """Replace the rows that people joined or left."""
    nobody = np.empty(0, NUMBER)
    touched = sorted(new.keys() | gone.keys())
    if not touched:
        return
    stored = _taken_out(connection, touched)
    merged = {
        key: people
        for key in touched
        if (people := _merged(stored.get(key, nobody), new.get(key, nobody), gone.get(key, nobody))).size
    }
    _insert(connection, merged)
    _add_words(connection, pl.Series([term for term, _ in new], dtype=pl.String))
    _drop_words(connection, {term for term, _ in gone})


def _taken_out(connection: Connection, keys: Sequence[Key]) -> dict[Key, NDArray[np.uint32]]:
    """The rows of some keys, which are removed: one question for all of them, whatever their number."""
    keyed = pl.DataFrame(keys, schema={"term": pl.String, "block": pl.String}, orient="row")
    TOUCHED.create(connection)
    bulk.insert(connection, TOUCHED, keyed)
    table, asked = SEARCH_POSTINGS.c, TOUCHED.c
    same = (table.term == asked.term) & (table.block == asked.block)
    rows = connection.execute(
        select(table.term, table.block, table.people).join_from(TOUCHED, SEARCH_POSTINGS, same)
    )
    found = {(term, block): np.frombuffer(people, NUMBER) for term, block, people in rows}
    chosen = select(asked.term, asked.block)
    connection.execute(delete(SEARCH_POSTINGS).where(tuple_(table.term, table.block).in_(chosen)))
    TOUCHED.drop(connection)
    return found


def _merged(stored: NDArray[np.uint32], new: NDArray[np.uint32], gone: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Ascending numbers with some more and some less."""
    kept = np.delete(stored, _places(stored, gone)) if gone.size else stored
    if not new.size:
        return kept
    return np.insert(kept, np.searchsorted(kept, new), new)


def _places(numbers: NDArray[np.uint32], asked: NDArray[np.uint32]) -> NDArray[np.intp]:
    places = np.searchsorted(numbers, asked)
    places = places[places < numbers.size]
    return places[np.isin(numbers[places], asked)] if places.size else places


def _insert(connection: Connection, rows: dict[Key, NDArray[np.uint32]]) -> None:
    keys = list(rows)
    frame = pl.DataFrame(keys, schema={"term": pl.String, "block": pl.String}, orient="row")
    people = pl.Series("people", [numbers.tobytes() for numbers in rows.values()], dtype=pl.Binary)
    _write(connection, frame.with_columns(people))


def _write(connection: Connection, rows: pl.DataFrame) -> None:
    if server.is_server(connection):
        rows = rows.with_columns(people=pl.concat_str(pl.lit("\\x"), pl.col("people").bin.encode("hex")))
    bulk.insert(connection, SEARCH_POSTINGS, rows)


def _add_words(connection: Connection, terms: pl.Series) -> None:
    """Know the words of these terms, those of names."""
    names = terms.filter(terms.str.head(1).is_in(list(NAMES)))
    words = pl.DataFrame({"word": names.str.slice(2).unique().sort()})
    rows = words.with_columns(reversed=pl.col("word").str.reverse())
    bulk.insert(connection, SEARCH_WORDS, rows, ignore_known=True)


def _drop_words(connection: Connection, terms: set[str]) -> None:
    """Forget the words that nobody bears any more."""
    words = sorted({term[2:] for term in terms if term[0] in NAMES})
    for part in bulk.batches(words):
        asked = [f"{kind}:{word}" for word in part for kind in NAMES]
        statement = select(SEARCH_POSTINGS.c.term).where(SEARCH_POSTINGS.c.term.in_(asked)).distinct()
        borne = {term[2:] for term in connection.execute(statement).scalars()}
        if gone := [word for word in part if word not in borne]:
            connection.execute(delete(SEARCH_WORDS).where(SEARCH_WORDS.c.word.in_(gone)))
