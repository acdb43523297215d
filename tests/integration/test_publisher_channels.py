"""Two channels over real HTTP: the simulated data.gouv.fr and the web service of the ANS, one failing or late."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ans_service import AnsService, zipped
from pipelines.nightly import run_night
from rpps_sync.errors import ExtractRefused, PublisherUnreachable
from rpps_sync.limits import LIMITS
from rpps_sync.publication import ExtractKind, Publication
from rpps_sync.publisher.archive import Archive
from rpps_sync.publisher.channels import Channels
from rpps_sync.publisher.days import Patience
from rpps_sync.publisher.layouts import layout
from rpps_sync.publisher.origin import source_of
from rpps_sync.publisher.retries import AT_ONCE
from rpps_sync.settings import ChannelName, Settings
from rpps_sync.simulator.publish import publish
from rpps_sync.simulator.server import PublisherServer

KINDS = (ExtractKind.PERSONNE_ACTIVITE, ExtractKind.DIPL_AUTEXERC, ExtractKind.SAVOIRFAIRE)
QUICK = replace(LIMITS, read_seconds=1.0, connect_seconds=1.0)


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two simulated days of a small directory."""
    folder = tmp_path_factory.mktemp("simulated")
    publish(folder, practitioners=400, first_day=date(2026, 11, 20), days=2, seed=7)
    return folder


@pytest.fixture
def gouv(days: Path) -> Iterator[PublisherServer]:
    """data.gouv.fr, on its first day."""
    with PublisherServer(days) as running:
        yield running


@pytest.fixture
def ans(days: Path) -> Iterator[AnsService]:
    """The ANS, on the same day: its data are an hour older than the deposits on data.gouv.fr."""
    with AnsService() as running:
        _turn_to(running, days, 1)
        yield running


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive that nothing was received into yet, and that does not sleep."""
    return Archive(tmp_path / "archive", patience=Patience(sleep=lambda _: None))


def _turn_to(ans: AnsService, days: Path, number: int, *, zip_stamp: str = "") -> None:
    """Make the ANS offer one of the days: data of 04:12 in Paris, packed half an hour later."""
    day = f"202611{19 + number}"
    files = {
        f"{layout(kind).title}_{day}0412.txt": (days / f"day-{number}" / layout(kind).file_name).read_bytes()
        for kind in KINDS
    }
    ans.archives["PS_LibreAcces"] = (zip_stamp or f"{day}0442", zipped(files))


def _settings(gouv: PublisherServer, ans: AnsService, home: Path, channels: str = "data-gouv,ans") -> Settings:
    return Settings(  # type: ignore[call-arg]  # pydantic reads the comma-separated form
        home=home, catalog_url=gouv.catalog_url, ans_url=ans.url, channels=channels, extracts=KINDS
    )


def _source(gouv: PublisherServer, ans: AnsService, channels: str = "data-gouv,ans") -> Channels:
    return source_of(_settings(gouv, ans, Path("nowhere"), channels), limits=QUICK, policy=AT_ONCE)


def _from(publication: Publication | None) -> set[str]:
    assert publication is not None
    return {file.channel for file in publication.files}


def _states(source: Channels) -> dict[str, str]:
    return {channel.name: channel.state for channel in source.standing}


def test_the_first_channel_serves_and_the_second_one_is_only_looked_at(
    gouv: PublisherServer, ans: AnsService, archive: Archive
) -> None:
    """One HEAD tells where the other stands; both dates are in the manifest."""
    source = _source(gouv, ans)
    received = archive.receive(source, KINDS)
    assert received is not None
    assert _from(received) == {"data-gouv"}
    assert ans.requests == [("HEAD", "PS_LibreAcces")]
    assert _states(source) == {"data-gouv": "served", "ans": "standby"}
    notes = json.loads((received.folder / "manifest.json").read_text())["files"][0]["notes"]
    assert notes == ["channels: data-gouv served at 2026-11-20T04:12:09Z, ans standby at 2026-11-20T03:42:00Z"]


def test_a_night_with_nothing_new_asks_once_and_transfers_nothing(
    gouv: PublisherServer, ans: AnsService, archive: Archive
) -> None:
    """One catalogue, conditional requests, one HEAD."""
    archive.receive(_source(gouv, ans), KINDS)
    gouv.requests.clear()
    ans.requests.clear()
    assert archive.receive(_source(gouv, ans), KINDS) is None
    assert [status for _, _, status in gouv.requests] == [200, *[302, 304] * len(KINDS)]
    assert ans.requests == [("HEAD", "PS_LibreAcces")]


@pytest.mark.parametrize(
    ("fault", "state"),
    [("503", "unreachable"), ("html", "refused"), ("truncated", "refused"), ("empty", "refused")],
)
def test_when_the_first_channel_fails_the_second_one_serves(
    gouv: PublisherServer, ans: AnsService, archive: Archive, days: Path, *, fault: str, state: str
) -> None:
    """An unreachable catalogue, a page, a cut file: the night goes on with the ANS, and tells why."""
    gouv.fault = fault
    source = _source(gouv, ans)
    received = archive.receive(source, KINDS)
    assert received is not None
    assert _from(received) == {"ans"}
    assert _states(source) == {"data-gouv": state, "ans": "served"}
    assert source.standing[0].message
    with archive.open(received, KINDS[0]) as stream:
        assert stream.read() == (days / "day-1" / layout(KINDS[0]).file_name).read_bytes()


def test_the_second_channel_first_when_the_settings_say_so(
    gouv: PublisherServer, ans: AnsService, archive: Archive
) -> None:
    """The order is a setting."""
    source = _source(gouv, ans, "ans,data-gouv")
    assert _from(archive.receive(source, KINDS)) == {"ans"}
    assert _states(source) == {"ans": "served", "data-gouv": "standby"}


def test_a_channel_that_is_a_day_behind_gives_way(
    gouv: PublisherServer, ans: AnsService, archive: Archive, days: Path
) -> None:
    """data.gouv.fr froze while the ANS goes on: the newer day is served, and the distance is told."""
    archive.receive(_source(gouv, ans), KINDS)
    _turn_to(ans, days, 2)
    source = _source(gouv, ans)
    received = archive.receive(source, KINDS)
    assert received is not None
    assert _from(received) == {"ans"}
    assert received.published_at == datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
    assert _states(source) == {"data-gouv": "lagging", "ans": "served"}
    assert source.standing[0].behind_seconds == (22 * 60 + 59) * 60 + 51


def test_a_zip_younger_than_its_data_does_not_pass_for_a_newer_day(
    gouv: PublisherServer, ans: AnsService, archive: Archive, days: Path
) -> None:
    """The ANS packs yesterday's data again: the date inside decides, and data.gouv.fr serves."""
    _turn_to(ans, days, 1, zip_stamp="202611220900")
    source = _source(gouv, ans)
    assert _from(archive.receive(source, KINDS)) == {"data-gouv"}
    assert ans.downloads == ["PS_LibreAcces"]
    assert _states(source) == {"data-gouv": "served", "ans": "standby"}


def test_the_first_channel_catching_up_on_a_day_already_served_is_nothing_new(
    gouv: PublisherServer, ans: AnsService, archive: Archive
) -> None:
    """Served by the ANS while data.gouv.fr was down: its deposit of that same day is not taken for another one."""
    gouv.fault = "503"
    archive.receive(_source(gouv, ans), KINDS)
    gouv.fault = None
    gouv.requests.clear()
    assert archive.receive(_source(gouv, ans), KINDS) is None
    assert [path for _, path, _ in gouv.requests if "/resources/" in path] == []


def test_the_day_after_the_first_channel_serves_again(
    gouv: PublisherServer, ans: AnsService, archive: Archive
) -> None:
    """A fallback lasts as long as it is needed."""
    gouv.fault = "503"
    archive.receive(_source(gouv, ans), KINDS)
    gouv.day, gouv.fault = 2, None
    assert _from(archive.receive(_source(gouv, ans), KINDS)) == {"data-gouv"}


def test_two_days_mixed_on_one_channel_are_served_whole_by_the_other(
    gouv: PublisherServer, ans: AnsService, archive: Archive, days: Path
) -> None:
    """Nobody has to wait for the late file when the ANS has the whole day."""
    archive.receive(_source(gouv, ans), KINDS)
    gouv.day, gouv.fault = 2, "mixed-days"
    _turn_to(ans, days, 2)
    source = _source(gouv, ans)
    assert _from(archive.receive(source, KINDS)) == {"ans"}
    assert _states(source) == {"data-gouv": "mixed-days", "ans": "served"}


def test_a_second_channel_that_is_down_costs_one_request(
    gouv: PublisherServer, ans: AnsService, archive: Archive
) -> None:
    """The night does not wait for a channel it does not need."""
    ans.broken = True
    source = _source(gouv, ans)
    assert _from(archive.receive(source, KINDS)) == {"data-gouv"}
    assert len(ans.requests) == 1
    assert _states(source) == {"data-gouv": "served", "ans": "unreachable"}


def test_a_second_channel_that_was_too_busy_is_asked_again_when_it_is_needed(
    gouv: PublisherServer, ans: AnsService, archive: Archive
) -> None:
    """A glance is not the last word once the first channel cannot give its files."""
    gouv.fault = "html"
    ans.crowded = [{}]
    assert _from(archive.receive(_source(gouv, ans), KINDS)) == {"ans"}


def test_when_both_fail_the_first_one_gives_the_reason(
    gouv: PublisherServer, ans: AnsService, archive: Archive
) -> None:
    """The message tells of both, and the exit code is that of the first."""
    ans.broken = True
    gouv.fault = "html"
    with pytest.raises(ExtractRefused, match=r"web page.*channel ans failed too") as refusal:
        archive.receive(_source(gouv, ans), KINDS)
    assert refusal.value.reason == "html-page"
    gouv.fault = "503"
    with pytest.raises(PublisherUnreachable, match=r"503.*channel ans failed too"):
        archive.receive(_source(gouv, ans), KINDS)
    assert archive.all() == ()


def test_progress_counts_only_what_is_kept(gouv: PublisherServer, ans: AnsService, archive: Archive) -> None:
    """The bytes of a channel that failed are taken back."""
    gouv.fault = "truncated"
    seen: list[int] = []
    archive.receive(_source(gouv, ans), KINDS, progress=seen.append)
    assert sum(seen) == len(ans.archives["PS_LibreAcces"][1])


def test_a_simulated_catalogue_never_leads_out_of_this_machine(gouv: PublisherServer, tmp_path: Path) -> None:
    """With the default address of the ANS beside a catalogue on loopback, there is one channel."""
    settings = Settings(home=tmp_path, catalog_url=gouv.catalog_url)
    assert settings.channels == (ChannelName.DATA_GOUV, ChannelName.ANS)
    assert [channel.name for channel in source_of(settings)._channels] == ["data-gouv"]


def test_the_summary_and_the_report_tell_which_channel_served(
    gouv: PublisherServer, ans: AnsService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads the report in the morning sees that data.gouv.fr was down."""
    monkeypatch.setenv("RPPS_SYNC_NOW", "2026-11-20T06:00:00Z")
    gouv.fault = "503"
    settings = _settings(gouv, ans, tmp_path)
    summary = run_night(settings, source_of(settings, limits=QUICK, policy=AT_ONCE))
    assert summary.outcome == "published"
    assert summary.publication is not None
    assert {file.channel for file in summary.publication.files} == {"ans"}
    told = summary.to_json()["channels"]
    assert [(channel["name"], channel["state"]) for channel in told] == [
        ("data-gouv", "unreachable"),
        ("ans", "served"),
    ]
    assert summary.report is not None
    assert "ans a servi" in summary.report.read_text()


def test_a_night_that_fails_on_every_channel_tells_how_each_stood(
    gouv: PublisherServer, ans: AnsService, tmp_path: Path
) -> None:
    """Exit code 75, and the two reasons in the summary."""
    gouv.fault, ans.broken = "503", True
    settings = _settings(gouv, ans, tmp_path)
    summary = run_night(settings, source_of(settings, limits=QUICK, policy=AT_ONCE))
    assert summary.exit_code == 75
    assert [channel.state for channel in summary.channels] == ["unreachable", "unreachable"]
