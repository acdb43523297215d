"""Random sequences of small publications, lived through night by night and compared with fresh loads of each.

Five people and two places go through everything an extract brings: arrivals, departures, returns, shuffled and
repeated lines, values corrected and corrected back, lines nobody can read, labels reworded or gone, publications
refused for good, or refused first and accepted later.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Connection

from extract_builder import Lines, card, hospital, mailbox, national_id, person
from rpps_sync.clock import end_of
from rpps_sync.directory import changes, documents, history
from rpps_sync.directory.engine import reading
from rpps_sync.directory.lookup import lookup
from rpps_sync.practitioner import Practitioner
from rpps_sync.publication import ExtractKind
from small_directory import FIRST_DAY, SmallDirectory

PEOPLE = 5
PA, DIPL, SF, MAIL, CARDS = ExtractKind
WORDINGS = ("Infirmier", "Infirmier D.E.", "")
UNKNOWABLE = ("known_since", "last_changed", "held_since", "age_seconds")  # to a fresh database
Extracts = dict[ExtractKind, Lines]
State = dict[str, Practitioner]


@dataclass(frozen=True, slots=True)
class Person:
    """What the files say of one person on one night."""

    name: str
    modes: tuple[str, ...]  # one situation each, at the same place
    place: int  # 0: none
    phone: str  # of the place
    extras: frozenset[str]  # 'skill', 'diploma', 'authorisation', 'mailbox', 'paperless', 'card', 'opposed'
    repeats: int  # how often the first line comes again
    damage: str  # '', 'owned': a line nobody can read but for its owner, 'anonymous': not even that


@dataclass(frozen=True, slots=True)
class Night:
    """What is published one night; a person it does not name is as the night before."""

    people: dict[int, Person | None]  # None: absent
    fate: str  # 'published', 'refused', 'accepted' (refused first)
    wording: int
    shuffle: int


_PEOPLE = st.builds(
    Person,
    name=st.sampled_from(["EXEMPLE", "EXEMPLE-DURAND"]),
    modes=st.sampled_from([("S",), ("L",), ("S", "L"), ("",)]),
    place=st.integers(0, 2),
    phone=st.sampled_from(["", "0472000001"]),
    extras=st.frozensets(
        st.sampled_from(["skill", "diploma", "authorisation", "mailbox", "paperless", "card", "opposed"])
    ),
    repeats=st.integers(0, 1),
    damage=st.sampled_from(["", "", "", "", "owned", "anonymous"]),
)
_NIGHTS = st.builds(
    Night,
    people=st.dictionaries(st.integers(0, PEOPLE - 1), st.none() | _PEOPLE, max_size=PEOPLE),
    fate=st.sampled_from(["published", "published", "published", "refused", "accepted"]),
    wording=st.integers(0, len(WORDINGS) - 1),
    shuffle=st.integers(0, 1000),
)
SEQUENCES = st.lists(_NIGHTS, min_size=2, max_size=6)


def files(present: dict[int, Person], night: Night) -> Extracts:
    """The five extracts of one night."""
    lines: dict[ExtractKind, list[Any]] = {kind: [] for kind in ExtractKind}
    for number, who in present.items():
        for kind, line in _lines(number, who, WORDINGS[night.wording]):
            lines[kind].append(line)
    shuffled = random.Random(night.shuffle)
    for rows in lines.values():
        shuffled.shuffle(rows)
    return {kind: tuple(rows) for kind, rows in lines.items()}


def _lines(number: int, who: Person, wording: str) -> Iterator[tuple[ExtractKind, dict[str, str] | str]]:
    named = {"family_name": who.name, "profession_label": wording}
    place = hospital(who.place, phone=who.phone) if who.place else {}
    situations = [person(number, **named, **place, mode=mode) for mode in who.modes]
    for line in (*situations, *situations[:1] * who.repeats):
        yield PA, line
    if who.damage:
        yield PA, f"8|{national_id(number)}|cut" if who.damage == "owned" else "8|cut"
    if "skill" in who.extras:
        yield SF, person(number, **named, category="", skill_type="S", skill="SM26")
    if "diploma" in who.extras:
        yield DIPL, person(number, **named, diploma_type="DE", diploma="DE09")
    if "authorisation" in who.extras:
        yield DIPL, person(number, **named, authorisation_type="1", authorisation_discipline="2")
    if "mailbox" in who.extras:
        yield MAIL, mailbox(number, paperless="O")
    if "paperless" in who.extras:  # together with the former: one mailbox, told twice and otherwise
        yield MAIL, mailbox(number, paperless="N")
    if "card" in who.extras:
        yield CARDS, card(number, opposed_on="2026-11-02" if "opposed" in who.extras else "")


def live_through(nights: list[Night], lived: SmallDirectory, fresh: SmallDirectory) -> int:
    """Publish night after night, then compare every past day, and the replayed feed, with fresh loads.

    Returns:
        How many days were compared.

    Raises:
        AssertionError: a past day, or the feed, is not what a fresh database says.
    """
    lived.empty()
    served: list[tuple[int, Extracts]] = []  # day, files
    for day, night, extracts in _days(nights):
        if night.fate != "published":
            lived.refuse(extracts, day=day)
        if night.fate != "refused":
            lived.publish(extracts, day=day)
            served.append((day, extracts))
    replayed = _replayed(lived, page=nights[0].shuffle % 7 + 1)
    before: State = {}
    ever: State = {}
    for day, extracts in served:
        before = _compared(lived, fresh, day, extracts, before=before, ever=ever)
        ever |= before
        assert replayed.get(f"publication-{day}", before) == before
    assert not served or list(replayed.values())[-1:] in ([before], [])
    return len(served)


def _days(nights: list[Night]) -> Iterator[tuple[int, Night, Extracts]]:
    present: dict[int, Person] = {}
    for day, night in enumerate(nights, start=1):
        told = present | night.people
        present = {number: who for number, who in sorted(told.items()) if who is not None}
        yield day, night, files(present, night)


def _compared(
    lived: SmallDirectory, fresh: SmallDirectory, day: int, extracts: Extracts, *, before: State, ever: State
) -> State:
    """Compare one served day with a fresh load of its files; what the directory should say of that day."""
    fresh.empty()
    fresh.publish(extracts, day=day)
    as_of = end_of(FIRST_DAY.replace(day=day).date())
    state: State = {}
    with reading(lived.engine) as past, reading(fresh.engine) as present:
        seq = history.served_at(past, as_of)
        assert seq is not None
        for name in map(national_id, range(PEOPLE)):
            found = history.document_at(past, name, seq)
            expected = before.get(name) if _held(name, extracts) else history.document_at(present, name, 1)
            assert found == expected, (day, name)
            if found is not None:
                state[name] = found
                shown = _shown(past, name, as_of)
                assert _held(name, extracts) or shown == _shown(present, name, None), (day, name)
            elif name in ever:
                assert lookup(past, name, as_of)["last_professions"] == ever[name].professions
    return state


def _shown(connection: Connection, name: str, as_of: datetime | None) -> dict[str, Any]:
    """What ``lookup`` answers, but for days of observation and the age."""
    told = lookup(connection, name, as_of)
    assert told["status"] == "active"
    return {key: value for key, value in told.items() if key not in UNKNOWABLE}


def _held(name: str, extracts: Extracts) -> bool:
    return any(isinstance(line, str) and name in line for line in extracts[PA])


def _replayed(directory: SmallDirectory, page: int) -> dict[str, State]:
    """The feed read from empty as NDJSON, some rows at a time: the directory after each publication."""
    state: State = {}
    after: dict[str, State] = {}
    cursor = 0
    while True:
        with reading(directory.engine) as connection:
            rows = [json.loads(json.dumps(row)) for row in changes.feed(connection, cursor, page)]
        if not rows:
            return after
        for row in rows:
            apply(row, state)
            after[row["publication"]] = dict(state)
        assert [row["cursor"] for row in rows] == sorted({row["cursor"] for row in rows})
        cursor = rows[-1]["cursor"]


def apply(row: dict[str, Any], state: State) -> None:
    """Bring a directory in memory one row of the feed further."""
    name = row["national_id"]
    assert (row["kind"] in ("arrived", "returned")) == (name not in state), row
    if row["kind"] == "departed":
        del state[name]
    elif row["document"] is not None:
        state[name] = documents.from_plain(row["document"])
