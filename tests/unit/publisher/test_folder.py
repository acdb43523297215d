from __future__ import annotations

import gzip
import json
import os
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard

from rpps_sync.errors import ExtractRefused, UsageError
from rpps_sync.publication import ExtractKind, PublishedFile
from rpps_sync.publisher.catalogue import resource
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.publisher.sources import quiet

PA = ExtractKind.PERSONNE_ACTIVITE
Extract = Callable[..., bytes]


def _fetch(folder: Path, into: Path, previous: PublishedFile | None = None) -> object:
    source = FolderSource(folder)
    return source.fetch(source.discover([PA])[0], into, previous, quiet)


def test_the_three_files_of_a_folder_are_offered_with_their_sizes(folder: Path) -> None:
    """Each kind is found under its data.gouv.fr name, and its size is known before it is read."""
    deposits = FolderSource(folder).discover(list(ExtractKind))
    assert [deposit.kind for deposit in deposits] == list(ExtractKind)
    assert [deposit.bytes for deposit in deposits] == [Path(deposit.url).stat().st_size for deposit in deposits]


@pytest.mark.parametrize(
    ("name", "published_at"),
    [
        ("PS_LibreAcces_Personne_activite_201807300827.txt", datetime(2018, 7, 30, 6, 27, tzinfo=UTC)),
        ("PS_LibreAcces_Personne_activite_202601150827.txt", datetime(2026, 1, 15, 7, 27, tzinfo=UTC)),
        ("20260915-114421-ps-libreacces-personne-activite.txt", datetime(2026, 9, 15, 11, 44, 21, tzinfo=UTC)),
        ("ps-libreacces-personne-activite-20260915-114421.txt", datetime(2026, 9, 15, 11, 44, 21, tzinfo=UTC)),
    ],
)
def test_the_stamp_of_a_name_is_in_paris_for_the_ans_and_in_utc_for_data_gouv(
    tmp_path: Path, extract: Extract, name: str, published_at: datetime
) -> None:
    """Summer and winter times of the ANS names are told apart; the data.gouv.fr stamp is taken as it is."""
    (tmp_path / name).write_bytes(extract(PA))
    assert FolderSource(tmp_path).discover([PA])[0].published_at == published_at


def test_without_a_stamp_the_modification_time_dates_the_file(folder: Path) -> None:
    """A file of no dated name was published when it was last modified."""
    path = folder / "ps-libreacces-personne-activite.txt"
    os.utime(path, (1_790_000_000, 1_790_000_000))
    assert FolderSource(folder).discover([PA])[0].published_at == datetime.fromtimestamp(1_790_000_000, UTC)


@pytest.mark.parametrize("shape", ["one answer", "list", "page"])
def test_the_catalogue_beside_the_files_wins_over_the_name(tmp_path: Path, extract: Extract, shape: str) -> None:
    """catalog.json dates the files whether it holds one dataset answer or several."""
    (tmp_path / "PS_LibreAcces_Personne_activite_201807300827.txt").write_bytes(extract(PA))
    entry = {"id": resource(PA).id, "last_modified": "2026-11-20T08:12:00+00:00"}
    answer = {"id": resource(PA).dataset, "resources": [entry]}
    shapes = {
        "one answer": answer,
        "list": [{"id": "other", "resources": []}, answer],
        "page": {"data": [answer], "total": 1},
    }
    (tmp_path / "catalog.json").write_text(json.dumps(shapes[shape]))
    assert FolderSource(tmp_path).discover([PA])[0].published_at == datetime(2026, 11, 20, 8, 12, tzinfo=UTC)


def test_a_catalogue_that_does_not_know_the_file_is_refused(folder: Path) -> None:
    """A catalog.json of something else must not date an extract by accident."""
    (folder / "catalog.json").write_text('{"resources": []}')
    with pytest.raises(ExtractRefused, match="no resource") as refusal:
        FolderSource(folder).discover([PA])
    assert refusal.value.reason == "resource-missing"


def test_a_missing_extract_is_named(folder: Path) -> None:
    """The operator reads which file the folder lacks."""
    (folder / "ps-libreacces-savoirfaire.txt").unlink()
    with pytest.raises(UsageError, match=r"ps-libreacces-savoirfaire\.txt") as refusal:
        FolderSource(folder).discover(list(ExtractKind))
    assert refusal.value.exit_code == 2


def test_a_file_that_vanishes_before_it_is_read_is_named(folder: Path, tmp_path: Path) -> None:
    """Somebody tidied the folder in between: a sentence says what is gone."""
    source = FolderSource(folder)
    deposit = source.discover([PA])[0]
    Path(deposit.url).unlink()
    with pytest.raises(UsageError, match=r"ps-libreacces-personne-activite\.txt"):
        source.fetch(deposit, tmp_path / "out", None, quiet)


def test_a_folder_in_place_of_a_file_is_told(folder: Path, tmp_path: Path) -> None:
    """What cannot be read names itself and leaves nothing behind."""
    path = folder / "ps-libreacces-personne-activite.txt"
    path.unlink()
    path.mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        _fetch(folder, tmp_path / "out")
    assert [left.name for left in tmp_path.iterdir()] == ["deposit"]


def test_a_folder_that_does_not_exist_is_a_wrong_argument(tmp_path: Path) -> None:
    """A typing error in --from is told as such."""
    with pytest.raises(UsageError, match="no folder"):
        FolderSource(tmp_path / "nowhere")


def test_the_newest_of_several_dated_files_is_taken(tmp_path: Path, extract: Extract) -> None:
    """A folder where deposits pile up gives its last one."""
    for day in ("28", "30", "29"):
        (tmp_path / f"PS_LibreAcces_Personne_activite_201807{day}0827.txt").write_bytes(extract(PA))
    assert "20180730" in FolderSource(tmp_path).discover([PA])[0].url


def test_two_undated_files_of_a_kind_are_not_chosen_between(folder: Path, extract: Extract) -> None:
    """Nothing tells a plain file from its compressed neighbour: the operator chooses."""
    (folder / "ps-libreacces-personne-activite.txt.gz").write_bytes(gzip.compress(extract(PA, mark="B")))
    with pytest.raises(UsageError, match=r"activite\.txt, .*activite\.txt\.gz"):
        FolderSource(folder).discover([PA])


def test_a_stamp_that_is_no_date_is_told(tmp_path: Path, extract: Extract) -> None:
    """Month 13 in a file name is an error to mend, not a date to guess."""
    (tmp_path / "PS_LibreAcces_Personne_activite_201813300827.txt").write_bytes(extract(PA))
    with pytest.raises(UsageError, match="no date"):
        FolderSource(tmp_path).discover([PA])


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst", ".zip"])
def test_every_container_gives_the_same_text(tmp_path: Path, extract: Extract, suffix: str) -> None:
    """Plain, gzip, zstandard or the ZIP of the ANS: what is kept is the same bytes."""
    text = extract(PA, lines=5000)
    if suffix == ".zip":
        with zipfile.ZipFile(tmp_path / "PS_LibreAcces_201808011050.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("PS_LibreAcces_Personne_activite_201807300827.txt", text)
            archive.writestr("PS_LibreAcces_SavoirFaire_201807300827.txt", b"other")
    else:
        pack = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}[suffix]
        (tmp_path / f"ps-libreacces-personne-activite.txt{suffix}").write_bytes(pack(text))
    _fetch(tmp_path, tmp_path / "out" if suffix else tmp_path / "out.txt")
    kept = tmp_path / ("out" if suffix else "out.txt")
    assert kept.read_bytes() == text


def test_the_date_of_the_data_is_inside_the_archive_not_on_it(tmp_path: Path, extract: Extract) -> None:
    """The ANS stamps its ZIP later than the files inside."""
    with zipfile.ZipFile(tmp_path / "PS_LibreAcces_201808011050.zip", "w") as archive:
        archive.writestr("PS_LibreAcces_Personne_activite_201807300827.txt", extract(PA))
    assert FolderSource(tmp_path).discover([PA])[0].published_at == datetime(2018, 7, 30, 6, 27, tzinfo=UTC)


def test_the_same_bytes_as_last_time_are_not_modified(folder: Path, tmp_path: Path) -> None:
    """A folder has no ETag: the digest of the text says whether it changed."""
    first = _fetch(folder, tmp_path / "first")
    previous = PublishedFile(PA, "", datetime.now(UTC), datetime.now(UTC), first.bytes, first.sha256, 3)  # type: ignore[attr-defined]  # Fetched, known from the call
    assert _fetch(folder, tmp_path / "second", previous) is None
    assert not (tmp_path / "second").exists()


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><html>", b"\xef\xbb\xbf\n <HTML lang=fr>"])
def test_a_saved_web_page_is_refused(folder: Path, tmp_path: Path, page: bytes) -> None:
    """A browser's 'save as' of an error page does not become an extract."""
    (folder / "ps-libreacces-personne-activite.txt").write_bytes(page)
    with pytest.raises(ExtractRefused, match="web page") as refusal:
        _fetch(folder, tmp_path / "out")
    assert refusal.value.reason == "html-page"
    assert "still served" in str(refusal.value)
    assert [path.name for path in tmp_path.iterdir()] == ["deposit"]


def test_an_empty_file_is_refused(folder: Path, tmp_path: Path) -> None:
    """Nothing is not an extract."""
    (folder / "ps-libreacces-personne-activite.txt").write_bytes(b"")
    with pytest.raises(ExtractRefused, match="empty"):
        _fetch(folder, tmp_path / "out")
