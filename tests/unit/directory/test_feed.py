import threading
import time
from itertools import islice
from typing import Any

import pytest
from alembic import command
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from extract_builder import hospital, mailbox, national_id, person
from history_sequences import State, apply
from rpps_sync.clock import parse_instant
from rpps_sync.directory import changes, differences, documents, migrations
from rpps_sync.directory.arrivals import PEOPLE_A_ROW
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.tables import CHANGES
from rpps_sync.errors import UsageError
from rpps_sync.practitioner import (
    Activity,
    Card,
    Diploma,
    Exercise,
    Mailbox,
    Practitioner,
    Skill,
    Structure,
)
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory

PA, MAIL = ExtractKind.PERSONNE_ACTIVITE, ExtractKind.MSSANTE
CROWD = 2 * PEOPLE_A_ROW + 7

_CODE = st.sampled_from(["", "A", "B", "A/B"])
_PLACES = st.builds(Structure, technical_id=_CODE, phone=_CODE)
_ACTIVITIES = st.builds(Activity, mode=_CODE, structure=_PLACES)


def _sets(items: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.frozensets(items, max_size=3).map(lambda found: tuple(sorted(found)))


def test_a_whole_crowd_is_read_page_by_page(directory: SmallDirectory) -> None:
    """Arrivals kept by the hundred are told one by one: every cursor once, in order, wherever a page ends."""
    directory.publish({PA: [person(number) for number in range(CROWD)]})
    directory.publish({PA: [person(number) for number in range(1, CROWD)]})
    told: list[tuple[int, str]] = []
    with reading(directory.engine) as connection:
        while page := list(changes.feed(connection, told[-1][0] if told else 0, 100)):
            told += [(row["cursor"], row["kind"]) for row in page]
        assert [row["cursor"] for row in changes.feed(connection)] == [cursor for cursor, _ in told]
        viewed = connection.exec_driver_sql('SELECT "cursor", kind FROM v_change ORDER BY "cursor"')
        assert [tuple(row) for row in viewed] == told
    assert [cursor for cursor, _ in told] == list(range(1, CROWD + 2))
    assert [kind for _, kind in told] == ["arrived"] * CROWD + ["departed"]


def test_the_feed_alone_rebuilds_the_directory(directory: SmallDirectory) -> None:
    """Read from empty, the documents it carries are those of the directory."""
    directory.publish({PA: [person(number, **hospital(1)) for number in range(30)], MAIL: [mailbox(1)]})
    lines = [person(number, **hospital(1, phone="0472000001")) for number in range(5, 35)]
    directory.publish({PA: lines, MAIL: []})
    state: State = {}
    with reading(directory.engine) as connection:
        for row in changes.feed(connection):
            apply(row, state)
        everybody = documents.load(connection, [national_id(number) for number in range(40)])
    assert state == everybody


def test_only_the_last_change_of_a_practitioner_carries_the_document(directory: SmallDirectory) -> None:
    """Several fields that move in one publication come with one document, after the last of them."""
    directory.publish({PA: [person(1), person(2)]})
    directory.publish(
        {PA: [person(1, family_name="AUTRE", given_name="DOMINIQUE"), person(2, family_name="TIERS")]}
    )
    with reading(directory.engine) as connection:
        rows = list(changes.feed(connection, since=2))
        cut = next(islice(changes.feed(connection, since=2, limit=1), 1))
    assert [row["document"] is not None for row in rows] == [False, True, True]
    assert rows[1]["document"]["given_name"] == "DOMINIQUE"
    assert cut["document"] is None  # a page that ends between the two does not pretend otherwise


def test_values_of_who_left_can_be_withheld(directory: SmallDirectory) -> None:
    """That they came, changed and left is still told, so that a copy of the directory lets go of them too."""
    directory.publish({PA: [person(1), person(2)]})
    directory.publish({PA: [person(1, family_name="AUTRE"), person(2, family_name="TIERS")]})
    directory.publish({PA: [person(2, family_name="TIERS")]})
    with reading(directory.engine) as connection:
        rows = list(changes.feed(connection, hide_departed=True))
    gone = [row for row in rows if row["national_id"] == national_id(1)]
    assert [row["kind"] for row in gone] == ["arrived", "changed", "departed"]
    assert {row[name] for row in gone for name in ("before", "after", "document")} == {None}
    assert [row["document"]["family_name"] for row in rows if row not in gone] == ["EXEMPLE 2", "TIERS"]


def test_a_cursor_of_another_feed_is_refused(directory: SmallDirectory) -> None:
    """After an older copy was put back, a reader who is ahead is told, instead of waiting for nothing."""
    directory.publish({PA: [person(1)]})
    with reading(directory.engine) as connection:
        assert list(changes.feed(connection, since=1)) == []
        with pytest.raises(UsageError, match="ends at cursor 1"):
            list(changes.feed(connection, since=2))


@pytest.mark.parametrize(
    ("instant", "cursor"), [("2026-10-01", 0), ("2026-11-01T06:00:00Z", 0), ("2026-11-02", 2), ("2027-01-01", 3)]
)
def test_a_date_stands_for_a_cursor(directory: SmallDirectory, instant: str, cursor: int) -> None:
    """Reading since a day gives the publications made that day and later."""
    directory.publish({PA: [person(1), person(2)]})
    directory.publish({PA: [person(1)]})
    with reading(directory.engine) as connection:
        assert changes.cursor_at(connection, parse_instant(instant)) == cursor


def test_who_follows_the_feed_while_others_write_misses_nothing(directory: SmallDirectory) -> None:
    """Two writers who take their time: no cursor becomes visible after a higher one was read."""
    directory.publish({PA: [person(1)]})
    row = {"publication_seq": 1, "national_id": national_id(1), "kind": "changed", "field": "", "element": ""}

    def write() -> None:
        for _ in range(8):
            with writing(directory.engine) as connection:
                connection.execute(insert(CHANGES), [row, row])
                time.sleep(0.01)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    followed: list[int] = []
    while any(writer.is_alive() for writer in writers) or len(followed) < 33:
        with reading(directory.engine) as connection:
            followed += [item["cursor"] for item in changes.feed(connection, followed[-1] if followed else 0)]
    for writer in writers:
        writer.join()
    with reading(directory.engine) as connection:
        assert followed == [item["cursor"] for item in changes.feed(connection)]


def test_the_storage_migration_goes_back_and_forth_with_data(directory: SmallDirectory) -> None:
    """The feed and its cursors are the same on the former revision and on this one."""
    directory.publish({PA: [person(number) for number in range(CROWD)]})
    directory.publish({PA: [person(number) for number in range(1, CROWD)]})

    def viewed() -> list[tuple[object, ...]]:
        with reading(directory.engine) as connection:
            return [tuple(row) for row in connection.exec_driver_sql('SELECT * FROM v_change ORDER BY "cursor"')]

    before = viewed()
    for move, revision in ((command.downgrade, "0002"), (command.upgrade, "head")):
        config = migrations._config()
        with writing(directory.engine) as connection:
            config.attributes["connection"] = connection
            move(config, revision)
        assert viewed() == before
    with reading(directory.engine) as connection:
        assert len(list(changes.feed(connection))) == CROWD + 1


_DOCUMENTS = st.builds(
    Practitioner,
    national_id=st.just(national_id(1)),
    id_type=_CODE,
    civility=_CODE,
    family_name=_CODE,
    given_name=_CODE,
    exercises=st.dictionaries(
        st.tuples(_CODE, _CODE),
        st.tuples(_CODE, _sets(st.builds(Skill, _CODE, _CODE)), _sets(_ACTIVITIES)),
        max_size=2,
    ).map(lambda found: tuple(Exercise(*key, *rest) for key, rest in sorted(found.items()))),
    diplomas=_sets(st.builds(Diploma, _CODE, _CODE)),
    mailboxes=_sets(st.builds(Mailbox, _CODE, paperless=_CODE)),
    cards=_sets(st.builds(Card, _CODE, opposed_on=_CODE)),
)


@given(before=_DOCUMENTS, after=_DOCUMENTS)
def test_no_difference_goes_untold(before: Practitioner, after: Practitioner) -> None:
    """There are changes when and only when the documents differ, namesakes and odd codes included."""
    assert bool(differences.between(before, after)) == (before != after)
    assert differences.between(after, after) == []
