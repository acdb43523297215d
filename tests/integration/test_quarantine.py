"""Lines nobody could read: listed, exported, and gone once they can be read."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from extract_builder import national_id, world, write
from pipelines.nightly import run_night
from rpps_sync import cli
from rpps_sync.limits import LIMITS
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.publisher.layouts import layout
from rpps_sync.settings import Settings, load

PA, SF = ExtractKind.PERSONNE_ACTIVITE, ExtractKind.SAVOIRFAIRE
LONG = b"8|" * 4000


@pytest.fixture
def told(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run ``rpps-sync quarantine`` with the given arguments: exit code, standard output, standard error."""
    monkeypatch.setenv("RPPS_SYNC_HOME", str(settings.home))
    monkeypatch.setenv("RPPS_SYNC_DATABASE_URL", settings.database)

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli._run(["quarantine", *arguments])
        seen = capsys.readouterr()
        return code, seen.out, seen.err

    return run


def rows(told: Any, *arguments: str) -> list[dict[str, Any]]:
    """The lines listed, as a machine reads them."""
    code, out, err = told(*arguments, "--json")
    assert code == 0, err
    listed: list[dict[str, Any]] = json.loads(out)
    return listed


def damaged(folder: Path, kind: ExtractKind, damage: dict[int, bytes]) -> dict[int, bytes]:
    """Put other bytes in place of some lines of one extract (numbers as editors count them)."""
    (path,) = folder.glob(f"{layout(kind).title}*")
    lines = path.read_bytes().split(b"\n")
    for number, content in damage.items():
        lines[number - 1] = content
    path.write_bytes(b"\n".join(lines))
    return damage


def night(settings: Settings, folder: Path, day: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run the night of the n-th of November 2026, and give the id of its publication."""
    monkeypatch.setenv("RPPS_SYNC_NOW", f"2026-11-{day:02}T06:00:00Z")
    summary = run_night(settings, FolderSource(folder))
    assert summary.publication is not None
    return summary.publication.id


@pytest.fixture
def two_nights(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[str], list[bytes]]:
    """A night with two unreadable activity lines and one of skills, then one where all is well; ids and bytes."""
    first = write(tmp_path / "first", "202611180515", world(300))
    latin = f"8|{national_id(4)[1:]}|{national_id(4)}|RENÉ".encode("latin-1")
    bad = damaged(first, PA, {4: latin, 9: LONG}) | damaged(first, SF, {2: b"one | two"})
    second = write(tmp_path / "second", "202611190515", world(300))
    ids = [night(settings, folder, 18 + n, monkeypatch) for n, folder in enumerate((first, second))]
    return ids, list(bad.values())


def test_unreadable_lines_are_listed_with_their_bytes(
    told: Any, two_nights: tuple[list[str], list[bytes]]
) -> None:
    """Extract, line number, reason and the very bytes, be they no text; a long line is cut and says so."""
    (first, _), (latin, _, skill) = two_nights
    listed = rows(told, "--publication", first)
    assert [(row["kind"], row["line_number"], row["reason"], row["cut"]) for row in listed] == [
        ("personne-activite", 4, "not-utf-8", False),
        ("personne-activite", 9, "too-long", True),
        ("savoirfaire", 2, "field-count", False),
    ]
    assert [base64.b64decode(row["raw_base64"]) for row in listed] == [latin, LONG[: LIMITS.line_bytes], skill]
    assert listed[0]["national_id"] == national_id(4)


def test_a_line_the_next_publication_can_read_leaves_the_quarantine(
    told: Any, two_nights: tuple[list[str], list[bytes]]
) -> None:
    """The list is that of the last publication; --all still tells of the former one, with run and date."""
    assert rows(told) == []
    listed = rows(told, "--all")
    assert {row["publication_id"] for row in listed} == {two_nights[0][0]}
    assert {row["set_aside_at"] for row in listed} == {"2026-11-18T06:00:00Z"}
    assert all(row["run_id"].startswith("20261118T060000Z-") for row in listed)
    assert "2026-11-18T06:00:00Z" in told("--all")[1]


def test_exported_lines_have_the_header_of_their_extract(
    told: Any, two_nights: tuple[list[str], list[bytes]], tmp_path: Path
) -> None:
    """An exported file is an extract that check reads, and finds as unreadable as the night did."""
    (first, _), (latin, _, _) = two_nights
    code, _, err = told(
        "--publication", first, "--extract", "personne-activite", "--export", str(tmp_path / "bad.txt")
    )
    assert code == 0
    assert "2 lines" in err
    assert "1 cut" in err
    header, *lines = (tmp_path / "bad.txt").read_bytes().split(b"\n")
    assert header.decode() == layout(PA).header
    assert lines == [latin, LONG[: LIMITS.line_bytes], b""]
    assert cli._run(["check", str(tmp_path / "bad.txt")]) == 3


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--publication", "{first}", "--export", "{new}"), "--extract"),
        (("--export", "{new}"), "nothing to export"),
        (("--publication", "{first}", "--extract", "savoirfaire", "--export", "{old}"), "exists"),
        (("--all", "--publication", "{first}"), "--all"),
        (("--publication", "2026-01-01-abcdef"), "no publication is called"),
    ],
)
def test_what_cannot_be_exported_is_said_and_writes_nothing(
    told: Any,
    two_nights: tuple[list[str], list[bytes]],
    tmp_path: Path,
    arguments: tuple[str, ...],
    reason: str,
) -> None:
    """Two extracts in one file, no line, a file that exists, a publication nobody knows: a sentence each."""
    (tmp_path / "old.txt").write_text("precious")
    names = {"first": two_nights[0][0], "new": str(tmp_path / "new.txt"), "old": str(tmp_path / "old.txt")}
    code, out, err = told(*(argument.format(**names) for argument in arguments))
    assert code in (1, 2)
    assert out == ""
    assert reason in err
    assert not (tmp_path / "new.txt").exists()
    assert (tmp_path / "old.txt").read_text() == "precious"


def test_bytes_of_unreadable_lines_reach_no_log(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither what a night says, nor how its lines show themselves, holds the text of a line."""
    folder = write(tmp_path / "first", "202611180515", world(100))
    damaged(folder, PA, {4: b"8|SECRET-TEXT|"})
    monkeypatch.setenv("RPPS_SYNC_HOME", str(settings.home))
    monkeypatch.setenv("RPPS_SYNC_NOW", "2026-11-18T06:00:00Z")
    assert cli._run(["--verbose", "run", "--from", str(folder)]) == 0
    assert "SECRET-TEXT" not in "".join(capfd.readouterr())
    summary = run_night(load(home=tmp_path / "other"), FolderSource(folder))
    assert [line.raw for line in summary.quarantine] == [b"8|SECRET-TEXT|"]
    assert "SECRET-TEXT" not in repr(summary)
