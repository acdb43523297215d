from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest
import zstandard

from rpps_sync.errors import ExtractRefused
from rpps_sync.limits import LIMITS, MEBIBYTE, Limits
from rpps_sync.publisher import containers

NAME = "PS_LibreAcces_Personne_activite_201807300827.txt"


def _zip(path: Path, *names: str, data: bytes = b"text\n") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, data)
    return path


def _reason(path: Path, limits: Limits = LIMITS) -> str:
    with pytest.raises(ExtractRefused) as refusal:
        containers.entries(path, limits)
    return refusal.value.reason


def test_an_honest_archive_tells_its_entries(tmp_path: Path) -> None:
    """Names and sizes come out."""
    assert containers.entries(_zip(tmp_path / "a.zip", NAME, "b.txt"), LIMITS) == {NAME: 5, "b.txt": 5}


@pytest.mark.parametrize("name", ["../up.txt", "/etc/passwd", "in/side.txt", "..", "c:\\up.txt"])
def test_a_path_in_a_name_is_refused(tmp_path: Path, name: str) -> None:
    """No entry of the ANS carries a path, so one that does was made to harm."""
    assert _reason(_zip(tmp_path / "a.zip", name)) == "archive-hostile"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name_are_refused(tmp_path: Path) -> None:
    """Readers disagree on which one counts."""
    assert _reason(_zip(tmp_path / "a.zip", NAME, NAME)) == "archive-hostile"


def test_too_many_entries_are_refused(tmp_path: Path) -> None:
    """The ANS puts three files in an archive, not thousands."""
    assert _reason(_zip(tmp_path / "a.zip", *(f"{number}.txt" for number in range(2000)))) == "archive-hostile"


def test_a_link_is_refused(tmp_path: Path) -> None:
    """An entry that points elsewhere on the disk is not followed."""
    entry = zipfile.ZipInfo(NAME)
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert _reason(tmp_path / "a.zip") == "archive-hostile"


def test_an_encrypted_entry_is_refused(tmp_path: Path) -> None:
    """The extracts are open data: nothing in them is encrypted."""
    path = _zip(tmp_path / "a.zip", NAME)
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    raw[raw.index(b"PK\x03\x04") + 6] |= 1
    path.write_bytes(raw)
    assert _reason(path) == "archive-hostile"


def test_an_unknown_compression_is_refused(tmp_path: Path) -> None:
    """Only what the ANS uses is read."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr(NAME, "text\n")
    assert _reason(tmp_path / "a.zip") == "archive-hostile"


def test_a_declared_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    """A ratio that no text reaches is seen in the list of entries."""
    assert _reason(_zip(tmp_path / "a.zip", NAME, data=b"\0" * (32 * MEBIBYTE))) == "archive-bomb"


def test_entries_that_sum_to_too_much_are_refused(tmp_path: Path) -> None:
    """The bound is on the whole archive."""
    path = _zip(tmp_path / "a.zip", "a.txt", "b.txt", data=b"0123456789")
    assert _reason(path, Limits(file_bytes=15)) == "archive-bomb"


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_compressed_bomb_stops_at_the_limit(tmp_path: Path, pack: object) -> None:
    """What comes out is counted, and stops soon after the bound whatever the headers say."""
    path = tmp_path / ("a.gz" if pack is gzip.compress else "a.zst")
    path.write_bytes(pack(b"\0" * (100 * MEBIBYTE)))  # type: ignore[operator]  # both take bytes and give bytes
    came: list[int] = []
    with pytest.raises(ExtractRefused) as refusal:
        came.extend(len(block) for block in containers.text_blocks(path, "", LIMITS))
    assert refusal.value.reason == "archive-bomb"
    assert sum(came) <= max(16 * MEBIBYTE, LIMITS.zip_ratio * path.stat().st_size)


def test_a_zip_entry_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    """A header that declares ten bytes of a longer text does not pass."""
    path = _zip(tmp_path / "a.zip", NAME, data=b"a line of text\n" * 100)
    raw = bytearray(path.read_bytes())
    start = raw.index(b"PK\x01\x02") + 24
    raw[start : start + 4] = (10).to_bytes(4, "little")
    path.write_bytes(raw)
    with pytest.raises(ExtractRefused) as refusal:
        list(containers.text_blocks(path, NAME, LIMITS))
    assert refusal.value.reason == "archive-damaged"


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_cut_file_is_refused(tmp_path: Path, suffix: str) -> None:
    """A copy that stopped half way is noticed, also where the library would end in silence."""
    text = bytes(range(256)) * 4000
    packed = gzip.compress(text) if suffix == ".gz" else zstandard.compress(text)
    path = tmp_path / f"a{suffix}"
    path.write_bytes(packed[:-20])
    with pytest.raises(ExtractRefused, match="cut") as refusal:
        list(containers.text_blocks(path, "", LIMITS))
    assert refusal.value.reason == "archive-damaged"


@pytest.mark.parametrize("raw", [b"", b"PK", b"not a zip at all" * 100, b"PK\x05\x06" + b"\xff" * 18])
def test_what_only_pretends_to_be_an_archive_is_refused(tmp_path: Path, raw: bytes) -> None:
    """Rubbish under the name of an archive gives a sentence, not a traceback."""
    path = tmp_path / "a.zip"
    path.write_bytes(raw)
    assert _reason(path) == "archive-damaged"


def test_several_zstandard_frames_are_one_text(tmp_path: Path) -> None:
    """Files made by appending are read to the end."""
    path = tmp_path / "a.zst"
    path.write_bytes(zstandard.compress(b"one\n" * 1000) + zstandard.compress(b"two\n"))
    assert b"".join(containers.text_blocks(path, "", LIMITS)) == b"one\n" * 1000 + b"two\n"
