"""The lines of some practitioners, gathered by each of the ways there are: the same columns."""

import io
import resource
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from extract_builder import person, stream, world
from rpps_sync.errors import StorageError
from rpps_sync.extracts import spool as spooling
from rpps_sync.extracts.scan import scan
from rpps_sync.extracts.spool import Spool
from rpps_sync.publication import ExtractKind

PA = ExtractKind.PERSONNE_ACTIVITE
PEOPLE = 40


def _filled(folder: Path, text: bytes, wanted: float, *, index: bool = True) -> dict[ExtractKind, pl.DataFrame]:
    """What a spool says of a share of the people of a text."""
    known = scan(io.BytesIO(text), PA).index
    people = known["national_id"].unique().sort().head(int(PEOPLE * wanted))
    spool = Spool.of(folder, people)
    spool.fill(io.BytesIO(text), PA, known if index else None)
    assert spool.bucket(0)[0].to_list() == people.to_list()
    return spool.bucket(0)[1]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r\r\n"])
def test_lines_are_the_same_whether_judged_cut_out_or_picked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: bytes
) -> None:
    """Of a text whose lines end in any way, a carriage return that belongs to a line included."""
    text = stream(PA, world(PEOPLE)[PA]).read().replace(b"\r\n", b"\n").replace(b"\n", ending)
    judged = _filled(tmp_path / "judged", text, 0.5, index=False)
    cut = _filled(tmp_path / "cut", text, 0.5)
    monkeypatch.setattr(spooling, "READ_THROUGH", 1.0)
    picked = _filled(tmp_path / "picked", text, 0.5)
    assert judged[PA].height
    assert_frame_equal(cut[PA], judged[PA], check_row_order=False)
    assert_frame_equal(picked[PA], judged[PA], check_row_order=False)


def test_a_line_set_aside_between_two_others_is_in_neither(tmp_path: Path) -> None:
    """What cannot be read is stepped over where lines are cut out by their place."""
    lines = stream(PA, [person(number) for number in range(PEOPLE)]).read().splitlines(keepends=True)
    text = b"".join([*lines[:3], b"broken|line\n", b"\xff\xfe\n", *lines[3:]])
    assert _filled(tmp_path, text, 1.0)[PA].height == PEOPLE


def test_a_text_of_many_stretches_loses_no_line_at_their_borders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However short the part that is read at a time."""
    monkeypatch.setattr("rpps_sync.extracts.picking._STRETCH_BYTES", 1000)
    text = stream(PA, world(PEOPLE)[PA]).read()
    judged = _filled(tmp_path / "judged", text, 1.0, index=False)
    assert_frame_equal(_filled(tmp_path / "cut", text, 1.0)[PA], judged[PA], check_row_order=False)


def test_who_is_held_is_in_no_bucket(tmp_path: Path) -> None:
    """People with an unreadable line keep what was known of them: nothing of tonight's is gathered."""
    text = stream(PA, world(PEOPLE)[PA]).read()
    people = scan(io.BytesIO(text), PA).index["national_id"].unique().sort()
    spool = Spool.of(tmp_path, people, {people[0]})
    spool.fill(io.BytesIO(text), PA)
    identifiers, lines = spool.bucket(0)
    assert people[0] not in identifiers.to_list()
    assert lines[PA].height


def test_a_disk_that_fills_while_lines_are_gathered_is_told(tmp_path: Path) -> None:
    """The sentence names the file, and what was half-written of it is gone."""
    text = stream(PA, world(PEOPLE)[PA]).read()
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, usual[1]))
    try:
        with pytest.raises(StorageError, match=f"the disk is full: {tmp_path}.* cannot be written"):
            _filled(tmp_path, text, 1.0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
