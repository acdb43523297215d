"""A text told as its difference from another, read as if it were whole."""

import io
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rpps_sync.publisher.deltas import encode
from rpps_sync.publisher.plain import PlainText
from rpps_sync.publisher.rebuilt import Rebuilt

Lines = st.lists(st.sampled_from(["alpha", "beta", "gamma", "", "delta|delta"]), max_size=12)


def _told(folder: Path, base: str, text: str) -> tuple[Path, bytes]:
    """A base on disk, and the difference of a text from it."""
    one, other, told = folder / "base", folder / "text", io.BytesIO()
    one.write_text(base)
    other.write_text(text)
    assert encode(PlainText.of(one), PlainText.of(other), told)
    return one, told.getvalue()


def _rebuilt(base: Path, difference: bytes) -> Rebuilt:
    return Rebuilt(base.open("rb"), io.BytesIO(difference))


@given(Lines, Lines, st.randoms(use_true_random=False))
def test_any_part_of_the_text_can_be_read_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, base: list[str], text: list[str], chance: random.Random
) -> None:
    """Whatever was sought before, the bytes from a place on are those of the text, up to its end."""
    wanted = "\n".join(text)
    rebuilt = _rebuilt(*_told(tmp_path_factory.mktemp("told"), "\n".join(base), wanted))
    with io.BufferedReader(rebuilt, 4) as stream:
        assert stream.read() == wanted.encode()
        for _ in range(5):
            place, count = chance.randint(0, len(wanted)), chance.randint(0, 9)
            stream.seek(place)
            assert stream.read(count) == wanted.encode()[place : place + count]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda told: b"NO" + told[2:],
        lambda told: told[:20],
        lambda told: told[:-1],
        lambda told: told[:10] + (2**62).to_bytes(8, "little") + told[18:],
        lambda told: told[:18] + (10**6).to_bytes(8, "little") + told[26:],
    ],
    ids=[
        "of another kind",
        "without its end",
        "without its last new byte",
        "of more pieces than memory holds",
        "of bytes beyond the base",
    ],
)
def test_a_damaged_difference_is_refused_before_a_byte_is_read(tmp_path: Path, spoil: object) -> None:
    """What it lacks, or refers to in vain, is seen at once."""
    base, told = _told(tmp_path, "one\ntwo\n", "two\nnew\n")
    assert callable(spoil)
    with pytest.raises(ValueError, match="it"):
        _rebuilt(base, spoil(told))


def test_a_base_cut_short_meanwhile_is_no_end_of_the_text(tmp_path: Path) -> None:
    """The reader is told, instead of being given less."""
    base, told = _told(tmp_path, "one\ntwo\n", "one\ntwo\n")
    rebuilt = _rebuilt(base, told)
    base.write_text("")
    with pytest.raises(ValueError, match="gone"):
        rebuilt.readall()
