"""The web service of the ANS over real HTTP and HTTPS, with its habits and its incidents."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from ans_service import AnsService, authority, zipped
from rpps_sync.errors import ExtractRefused, PublisherUnreachable, UsageError
from rpps_sync.limits import LIMITS
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.archive import Archive
from rpps_sync.publisher.layouts import layout
from rpps_sync.publisher.retries import AT_ONCE
from rpps_sync.publisher.webservice import WebService

PA, DIPL, SF = ExtractKind.PERSONNE_ACTIVITE, ExtractKind.DIPL_AUTEXERC, ExtractKind.SAVOIRFAIRE
TOGETHER = (PA, DIPL, SF)
QUICK = replace(LIMITS, read_seconds=1.0, connect_seconds=1.0)


def text(kind: ExtractKind, mark: str = "A", lines: int = 3) -> bytes:
    """A small extract; another mark makes another content."""
    rows = ("|".join([f"{mark}{number}", *[""] * (len(layout(kind).columns) - 1)]) for number in range(lines))
    return ("\n".join([layout(kind).header, *rows]) + "\n").encode()


def together(inner: str = "202611200827", mark: str = "A") -> bytes:
    """The ZIP of the three extracts that are made together."""
    return zipped({f"{layout(kind).title}_{inner}.txt": text(kind, mark) for kind in TOGETHER})


@pytest.fixture
def service() -> Iterator[AnsService]:
    """The service, offering the data of 20 November in a ZIP made half an hour later."""
    with AnsService({"PS_LibreAcces": ("202611200857", together())}) as running:
        yield running


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive that nothing was received into yet."""
    return Archive(tmp_path / "archive")


def _source(service: AnsService, **options: object) -> WebService:
    return WebService(service.url, limits=QUICK, policy=AT_ONCE, **options)  # type: ignore[arg-type]  # keywords of the call


def _refusal(service: AnsService, archive: Archive, reason: str) -> None:
    with pytest.raises(ExtractRefused, match="former publication is still served") as refusal:
        archive.receive(_source(service), TOGETHER)
    assert refusal.value.reason == reason
    assert refusal.value.exit_code == 3
    assert archive.all() == ()


def test_one_zip_is_downloaded_once_for_three_extracts(service: AnsService, archive: Archive) -> None:
    """The service counts downloads: three extracts cost one HEAD and one GET, and leave no ZIP behind."""
    received = archive.receive(_source(service), TOGETHER)
    assert received is not None
    assert service.requests == [("HEAD", "PS_LibreAcces"), ("GET", "PS_LibreAcces")]
    assert {file.channel for file in received.files} == {"ans"}
    assert sorted(path.name for path in received.folder.iterdir()) == sorted(
        ["manifest.json", *(f"{kind}.txt.zst" for kind in TOGETHER)]
    )
    with archive.open(received, SF) as stream:
        assert stream.read() == text(SF)


def test_the_stamp_of_the_zip_is_not_the_date_of_the_data(service: AnsService, archive: Archive) -> None:
    """A ZIP made on 1 August held the data of 30 July: the names inside date the publication, in Paris time."""
    service.archives["PS_LibreAcces"] = ("202608011050", together("202607300827"))
    received = archive.receive(_source(service), TOGETHER)
    assert received is not None
    assert received.published_at == datetime(2026, 7, 30, 6, 27, tzinfo=UTC)


def test_the_same_zip_is_not_downloaded_again(service: AnsService, archive: Archive) -> None:
    """Its name and its size tell, with one HEAD."""
    archive.receive(_source(service), TOGETHER)
    service.requests.clear()
    assert archive.receive(_source(service), TOGETHER) is None
    assert service.requests == [("HEAD", "PS_LibreAcces")]


def test_a_new_zip_around_the_same_data_is_nothing_new(service: AnsService, archive: Archive) -> None:
    """The ANS packs the same files again: another stamp, the same texts."""
    archive.receive(_source(service), TOGETHER)
    service.archives["PS_LibreAcces"] = ("202611210857", together())
    assert archive.receive(_source(service), TOGETHER) is None
    assert len(archive.all()) == 1


def test_every_archive_of_the_service_is_asked_for_by_its_name(service: AnsService, archive: Archive) -> None:
    """Mailboxes and cards come in ZIP files of their own."""
    for kind in (ExtractKind.MSSANTE, ExtractKind.CARTES):
        inside = zipped({f"{layout(kind).title}_202611200830.txt": text(kind)})
        service.archives[layout(kind).title] = ("202611200900", inside)
    received = archive.receive(_source(service), tuple(ExtractKind))
    assert received is not None
    assert len(received.files) == 5
    assert len(service.downloads) == 3


def test_a_429_without_delay_is_given_rest_and_then_the_file_comes(service: AnsService, archive: Archive) -> None:
    """Twice too close, then served."""
    service.crowded = [{}, {}]
    assert archive.receive(_source(service), TOGETHER) is not None


def test_a_429_that_lasts_is_for_later(service: AnsService, archive: Archive) -> None:
    """As many tries as the policy allows, then exit code 75."""
    service.crowded = [{} for _ in range(20)]
    with pytest.raises(PublisherUnreachable) as error:
        archive.receive(_source(service), TOGETHER)
    assert (error.value.reason, error.value.exit_code) == ("http-429", 75)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"PS_LibreAcces_Personne_activite_202611200827.txt": text(PA)}, "archive-unexpected"),
        ({"autre.txt": b"x"}, "archive-unexpected"),
        ({f"{layout(kind).title}_202613200827.txt": text(kind) for kind in TOGETHER}, "archive-unexpected"),
        ({f"{layout(kind).title}_202611200827.txt": b"<html>" for kind in TOGETHER}, "html-page"),
        ({f"{layout(kind).title}_202611200827.txt": b"" for kind in TOGETHER}, "empty"),
        ({f"../{layout(kind).title}_202611200827.txt": text(kind) for kind in TOGETHER}, "archive-hostile"),
        ({f"/{layout(kind).title}_202611200827.txt": text(kind) for kind in TOGETHER}, "archive-hostile"),
        ({"PS_LibreAcces_202611200827.zip": zipped({"a.txt": b"x"})}, "archive-unexpected"),
        ({f"{number}.txt": b"" for number in range(100_000)}, "archive-hostile"),
        ({f"{layout(PA).title}_202611200827.txt": b"\0" * 40_000_000}, "archive-bomb"),
    ],
    ids=["two missing", "none", "month 13", "page", "empty", "../", "absolute", "nested", "100,000", "bomb"],
)
def test_a_zip_that_is_not_the_one_expected_is_refused(
    service: AnsService, archive: Archive, files: dict[str, bytes], reason: str
) -> None:
    """Whatever is inside, nothing but the extracts asked for reaches the disk."""
    service.archives["PS_LibreAcces"] = ("202611200857", zipped(files))
    _refusal(service, archive, reason)


def _spoilt(spoil: str) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for kind in TOGETHER:
            entry = zipfile.ZipInfo(f"{layout(kind).title}_202611200827.txt")
            entry.external_attr = (0o120777 if spoil == "symlink" else 0o100644) << 16
            archive.writestr(entry, text(kind))
        if spoil == "duplicate":
            archive.writestr(archive.infolist()[0].filename, b"other")
    raw = bytearray(target.getvalue())
    if spoil == "encrypted":
        raw[raw.index(b"PK\x01\x02") + 8] |= 1
        raw[raw.index(b"PK\x03\x04") + 6] |= 1
    return bytes(raw[: len(raw) // 2] if spoil == "half" else raw)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ("symlink", "archive-hostile"),
        ("duplicate", "archive-hostile"),
        ("encrypted", "archive-hostile"),
        ("half", "archive-damaged"),
    ],
)
def test_a_hostile_or_broken_zip_is_refused(
    service: AnsService, archive: Archive, spoil: str, reason: str
) -> None:
    """Links, repeated names, encryption and half archives leave no trace."""
    service.archives["PS_LibreAcces"] = ("202611200857", _spoilt(spoil))
    _refusal(service, archive, reason)


def test_an_answer_that_names_no_zip_is_refused(service: AnsService, archive: Archive) -> None:
    """Without a stamp nothing tells tonight's archive from yesterday's."""
    service.archives["PS_LibreAcces"] = ("today", together())
    _refusal(service, archive, "archive-unexpected")


def test_a_file_without_date_takes_that_of_the_zip_and_says_so(service: AnsService, archive: Archive) -> None:
    """The stamp of the ZIP is the next best thing, noted in the manifest."""
    inside = zipped({f"{layout(kind).title}.txt": text(kind) for kind in TOGETHER})
    service.archives["PS_LibreAcces"] = ("202611200857", inside)
    received = archive.receive(_source(service), TOGETHER)
    assert received is not None
    assert received.published_at == datetime(2026, 11, 20, 7, 57, tzinfo=UTC)
    assert "carries no date" in (received.folder / "manifest.json").read_text()


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[tuple[AnsService, Path]]:
    """The service behind a certificate of an authority that nobody knows, and that authority's certificate."""
    ca_file, leaf = authority(tmp_path)
    with AnsService({"PS_LibreAcces": ("202611200857", together())}, tls=leaf) as running:
        yield running, ca_file


def test_a_certificate_of_an_unknown_authority_is_never_accepted(
    encrypted: tuple[AnsService, Path], archive: Archive
) -> None:
    """One try, exit code 75, and the setting that mends it; nothing was asked for over that line."""
    service, _ = encrypted
    with pytest.raises(PublisherUnreachable, match="not trusted") as error:
        archive.receive(_source(service), TOGETHER)
    assert error.value.reason == "untrusted-certificate"
    assert "RPPS_SYNC_ANS_CA_FILE" in error.value.mend
    assert service.requests == []


def test_the_authority_named_in_the_settings_is_believed(
    encrypted: tuple[AnsService, Path], archive: Archive
) -> None:
    """With the file of the authority the same chain is accepted."""
    service, ca_file = encrypted
    assert archive.receive(_source(service, ca_file=ca_file), TOGETHER) is not None


def test_another_authority_than_the_one_named_is_not_believed(
    encrypted: tuple[AnsService, Path], archive: Archive, tmp_path: Path
) -> None:
    """An explicit file replaces trust, it does not widen it."""
    service, _ = encrypted
    (tmp_path / "other").mkdir()
    other, _ = authority(tmp_path / "other")
    with pytest.raises(PublisherUnreachable) as error:
        archive.receive(_source(service, ca_file=other), TOGETHER)
    assert error.value.reason == "untrusted-certificate"
    assert str(other) in error.value.mend


def test_a_redirect_from_https_down_to_http_is_refused(
    encrypted: tuple[AnsService, Path], service: AnsService, archive: Archive
) -> None:
    """The same host, and the very file, but on a line that anybody can write on."""
    lured, ca_file = encrypted
    lured.moved = f"{service.url}/PS_LibreAcces"
    with pytest.raises(ExtractRefused) as refusal:
        archive.receive(_source(lured, ca_file=ca_file), TOGETHER)
    assert refusal.value.reason == "https-downgrade"
    assert service.requests == []


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_file_of_authorities_that_is_none_is_a_wrong_setting(tmp_path: Path, content: bytes | None) -> None:
    """It is named before anything is sent."""
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_bytes(content)
    with pytest.raises(UsageError, match=r"ca\.pem") as error:
        WebService("https://127.0.0.1:9/extraction", ca_file=ca_file).discover(TOGETHER)
    assert error.value.reason == "ca-file"
