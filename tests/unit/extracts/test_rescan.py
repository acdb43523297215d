"""A file that follows another is only compared with it: what is learned must be what reading it whole teaches."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract_builder import hospital, national_id, person, stream
from rpps_sync.errors import DirectoryError
from rpps_sync.extracts.difference import difference
from rpps_sync.extracts.picking import lines_at
from rpps_sync.extracts.scan import Scan, rescan, scan
from rpps_sync.limits import LIMITS
from rpps_sync.publication import ExtractKind
from scans import assert_same

PA = ExtractKind.PERSONNE_ACTIVITE
SMALL = replace(LIMITS, chunk_bytes=700)  # a block is a line or two: what crosses blocks is crossed

LINES = [
    *(person(number) for number in range(3)),
    person(1, profession="10", profession_label="Médecin"),
    person(2, **hospital(1)),
    person(2, **hospital(1), phone="0102030405"),
    person(0) | {"identifier": "not a number"},
]
UNREADABLE = [b"garbage", b"|" * 55 + b"\xff", b"8|\x00", b"|".join([b""] * 56), b"x" * 5000]
CONTENTS = st.lists(st.integers(0, len(LINES) + len(UNREADABLE) - 1), max_size=14)


def text(numbers: list[int], end: bytes = b"\n") -> bytes:
    """A file of some of the lines above, unreadable ones included."""
    header, *rows = stream(PA, LINES).getvalue().removesuffix(b"\n").split(b"\n")
    every = [*rows, *UNREADABLE]
    return end.join([header, *(every[number] for number in numbers), b""])


def followed(before: bytes, after: bytes) -> tuple[Scan, Scan]:
    """What is learned of a file that follows another, and what reading it whole teaches."""
    former = scan(io.BytesIO(before), PA, limits=SMALL)
    learned, told = rescan(io.BytesIO(after), PA, former, opening(before), limits=SMALL)
    whole = scan(io.BytesIO(after), PA, limits=SMALL)
    expected = difference(former.index, whole.index)
    assert (told.added, told.removed) == (expected.added, expected.removed)
    assert set(told.affected) == set(expected.affected)
    return learned, whole


def opening(content: bytes) -> Callable[[], BinaryIO]:
    """Opens a former file as the archive does: to be read forward only."""
    return lambda: io.BufferedReader(_Forward(content))


class _Forward(io.RawIOBase):
    def __init__(self, content: bytes) -> None:
        self._rest = content

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        taken, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)


@settings(deadline=None)
@given(CONTENTS, CONTENTS, st.sampled_from([b"\n", b"\r\n"]))
def test_following_a_file_teaches_what_reading_it_whole_does(
    before: list[int], after: list[int], end: bytes
) -> None:
    """Lines that come, go, repeat or cannot be read, in any order and with either line end."""
    assert_same(*followed(text(before), text(after, end)))


@settings(deadline=None)
@given(CONTENTS, st.sampled_from([b"\n", b"\r\n"]))
def test_a_line_is_where_the_index_says(numbers: list[int], end: bytes) -> None:
    """Whatever cannot be read between them, readable lines are found again by their place."""
    content = text(numbers, end)
    expected = [
        row.removesuffix(b"\r") for row in text([number for number in numbers if number < len(LINES)]).split(b"\n")
    ]
    index = scan(io.BytesIO(content), PA, limits=SMALL).index
    found = [line.encode() for lines, _ in lines_at(io.BytesIO(content), index) for line in lines]
    assert found == expected[1:-1]


def test_a_line_read_before_is_not_looked_at_again_and_an_unreadable_one_is() -> None:
    """The same damaged line is set aside every night, with its number of the night."""
    learned, _ = followed(text([0, 7]), text([0, 1, 7]))
    assert [(line.line_number, line.reason) for line in learned.profile.quarantined] == [(4, "field-count")]


def test_another_header_means_reading_everything() -> None:
    """A column that appears changes what a readable line is: nothing is taken for known."""
    header, *rows = text([0, 1]).split(b"\n")
    wider = b"\n".join([header + b"|Nouvelle colonne", *(row + b"|x" for row in rows if row), b""])
    learned, whole = followed(text([0, 1]), wider)
    assert_same(learned, whole)
    assert learned.profile.header.unknown == ("Nouvelle colonne",)
    short = b"\n".join([header + b"|Nouvelle colonne", rows[0], b""])
    assert len(followed(text([0]), short)[0].profile.quarantined) == 1


def test_a_former_text_that_cannot_be_read_is_told() -> None:
    """What went is only known from the text it was in."""

    def damaged() -> BinaryIO:
        raise DirectoryError("the archived extract is damaged", mend="", reason="archive-damaged")

    former = scan(io.BytesIO(text([0, 1])), PA)
    with pytest.raises(DirectoryError):
        rescan(io.BytesIO(text([0])), PA, former, damaged)
    learned, told = rescan(io.BytesIO(text([0, 1, 2])), PA, former, damaged)  # nothing went: it is not opened
    assert (told.added, learned.profile.lines) == (1, 3)
    assert told.affected.to_list() == [national_id(2)]
