"""Who moved with one publication: the people behind the figures of its changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import streamlit as st

from dashboards import pieces, readings
from dashboards.moments_shown import field_in_words
from dashboards.pieces import Column, Text
from dashboards.visitors import may
from dashboards.wording import Words
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.directory.changes import ChangeKind
from rpps_sync.directory.moved import Moved
from rpps_sync.directory.nights import Volume
from rpps_sync.identifiers import rpps_of
from rpps_sync.reporting.model import Light

PER_PAGE = 50
FIELDS = 4  # of one person, named


def movement(words: Words, one: Volume, kind: str) -> Text:
    """How many people moved so with a publication, and the way to them."""
    number = one.movement.get(kind, 0)
    if not number or one.seq is None or not may(KeyScope.AUDIT):
        return words.number(number)
    return pieces.link("publications", words.language, words.number(number), moved=str(one.seq), kind=kind)


def show_who_moved(words: Words, accepted: Sequence[Volume]) -> None:
    """The people that the address asks for: ``moved`` names the publication, ``kind`` the kind of change."""
    asked = st.query_params.get("moved", "")
    kind = st.query_params.get("kind", "")
    about = next((one for one in accepted if str(one.seq) == asked), None)
    if about is None or about.seq is None or kind not in list(ChangeKind):
        return
    day = words.day(about.published_at.date())
    pieces.heading(
        words.app("moved.title", day=day, kind=words.known("app.change_kind", kind)), words.app("moved.note")
    )
    total = readings.moved_with(about.seq).get(kind, 0)
    if not total:
        pieces.message(Light.NONE, words.app("moved.nobody"))
        return
    pages = -(-total // PER_PAGE)
    number = st.number_input(words.app("tokens.page", pages=words.number(pages)), 1, pages) if pages > 1 else 1
    found = readings.who_moved(about.seq, kind, PER_PAGE, (number - 1) * PER_PAGE)
    columns = [Column(words.app("person.name")), Column(words.app("person.rpps")), Column(words.app("moved.what"))]
    pieces.table(words.count("app.moved.people", total), columns, _rows(words, found))


def _rows(words: Words, found: Sequence[tuple[Moved, str]]) -> Iterator[tuple[Text, ...]]:
    for one, name in found:
        fields = [field_in_words(words, field) for field in one.fields]
        more = f" (+ {len(fields) - FIELDS})" if len(fields) > FIELDS else ""
        shown = name or words.app("person.departed")
        yield (
            pieces.link("practitioner", words.language, shown, id=one.national_id),
            rpps_of(one.national_id) or one.national_id,
            ", ".join(fields[:FIELDS]) + more,
        )
