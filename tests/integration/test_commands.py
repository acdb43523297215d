"""Two nights at the command line, as an operator runs them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

EVENING = {"day-1": "2026-11-19T20:00:00Z", "day-2": "2026-11-20T20:00:00Z"}
WEEKS_LATER = "2026-12-15T20:00:00Z"


@dataclass(frozen=True)
class Site:
    """A home, and extracts of two days."""

    home: Path
    published: Path

    def rpps_sync(self, *arguments: str, now: str = EVENING["day-2"]) -> subprocess.CompletedProcess[str]:
        """Run a command in its own process, at a given instant."""
        return subprocess.run(
            [sys.executable, "-m", "rpps_sync", *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "RPPS_SYNC_HOME": str(self.home), "RPPS_SYNC_NOW": now},
        )

    def json(self, *arguments: str) -> Any:
        """What a command answers to a machine."""
        return json.loads(self.rpps_sync(*arguments, "--json").stdout)

    def changes(self, *arguments: str) -> list[dict[str, Any]]:
        """The feed of changes."""
        return [json.loads(line) for line in self.rpps_sync("changes", *arguments).stdout.splitlines()]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Two nights already run."""
    folder = tmp_path_factory.mktemp("site")
    made = Site(folder / "home", folder / "published")
    written = made.rpps_sync(
        "simulate", "publish", "--out", str(made.published), "--practitioners", "400", "--days", "2",
        "--start", "2026-11-19", "--change-rate", "0.02",
    )  # fmt: skip
    assert written.returncode == 0, written.stderr
    for day, evening in EVENING.items():
        night = made.rpps_sync("--quiet", "run", "--from", str(made.published / day), "--json", now=evening)
        assert night.returncode == 0, night.stderr + night.stdout
        assert json.loads(night.stdout)["outcome"] == "published"
        assert night.stderr == ""
    return made


def test_night_with_nothing_new_ends_well_and_says_so(site: Site) -> None:
    """A second run on the same day is no error."""
    again = site.rpps_sync("run", "--from", str(site.published / "day-2"))
    assert again.returncode == 0
    assert again.stdout.startswith("unchanged: 2026-11-20-")


def test_stale_directory_ends_the_run_with_4(site: Site, tmp_path: Path) -> None:
    """When nothing new came for weeks the run succeeds, and its exit code says that something is stale."""
    later = Site(shutil.copytree(site.home, tmp_path / "home"), site.published)
    stale = later.rpps_sync("run", "--from", str(site.published / "day-2"), now=WEEKS_LATER)
    assert stale.returncode == 4
    assert "freshness publication.age: error" in stale.stdout


def test_lookup_answers_for_today_and_for_the_day_before(site: Site) -> None:
    """A practitioner who changed on the second day is shown as on the first with --as-of."""
    changed = next(change for change in site.changes() if change["field"].startswith("activity"))
    who, name = changed["national_id"], changed["field"]
    today, before = site.json("lookup", who), site.json("lookup", who, "--as-of", "2026-11-19")
    assert today["publication"].startswith("2026-11-20-")
    assert before["publication"].startswith("2026-11-19-")
    assert today["exercises"] != before["exercises"], name
    card = site.rpps_sync("lookup", who)
    assert today["family_name"] in card.stdout
    assert f"publication {today['publication']}" in card.stdout


def test_departed_practitioner_is_a_tombstone(site: Site) -> None:
    """Somebody who left is told with the day and no personal detail, to people and to machines."""
    gone = next(change["national_id"] for change in site.changes() if change["kind"] == "departed")
    document = site.json("lookup", gone)
    assert document["status"] == "departed"
    assert "family_name" not in document
    assert "left the directory on 2026-11-20" in site.rpps_sync("lookup", gone).stdout


def test_nobody_bears_that_identifier(site: Site) -> None:
    """A well-formed number that no publication contains ends with 1 and a mend."""
    answer = site.rpps_sync("lookup", "99999999990")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "mend:" in answer.stderr


def test_feed_resumes_after_a_cursor_or_from_a_day(site: Site) -> None:
    """A reader that kept its cursor misses nothing and reads nothing twice."""
    everything = site.changes()
    first = site.changes("--limit", "5")
    rest = site.changes("--since", str(first[-1]["cursor"]))
    assert first + rest == everything
    second_day = site.changes("--since", "2026-11-20")
    assert second_day == [change for change in everything if change["publication"].startswith("2026-11-20-")]
    assert second_day


def test_ledgers_tell_what_happened(site: Site) -> None:
    """Both publications and all runs are listed, newest first; a night that found nothing new too."""
    assert site.json("run", "--from", str(site.published / "day-2"))["outcome"] == "unchanged"
    listed = site.json("publications")
    assert [item["id"][:10] for item in listed] == ["2026-11-20", "2026-11-19"]
    assert {item["outcome"] for item in site.json("runs")} == {"published", "unchanged"}
    assert listed[0]["id"] in site.rpps_sync("publications").stdout
    assert site.json("quarantine") == []


def test_doctor_finds_nothing_wrong_after_two_nights(site: Site) -> None:
    """Archive, database and last run are looked at, and are well."""
    report = site.json("doctor")
    states = {check["name"]: check["state"] for check in report["checks"]}
    assert report["healthy"] is True, report
    assert states["archive"] == states["database"] == "ok"
    assert "last run" in states


def test_damaged_file_is_refused_by_hand_and_at_night(
    site: Site, tmp_path: Path, damaged: Callable[[Path], Path]
) -> None:
    """A renamed column is named, the exit code is 3, and what was served still is."""
    folder = damaged(tmp_path)
    by_hand = site.rpps_sync("check", str(folder / "ps-libreacces-personne-activite.txt"))
    assert by_hand.returncode == 3
    assert "« Code profession »" in by_hand.stderr
    served = site.json("publications")[0]["id"]
    night = site.rpps_sync("run", "--from", str(folder), now="2026-11-22T20:00:00Z")
    assert night.returncode == 3
    assert "« Code profession »" in night.stdout
    assert f"served: {served}" in night.stdout


def test_sound_file_is_checked_by_hand_without_touching_anything(site: Site) -> None:
    """Checking publishes nothing."""
    before = site.json("publications")
    checked = site.json("check", str(site.published / "day-2" / "ps-libreacces-savoirfaire.txt"))
    assert {result["status"] for result in checked} <= {"passed", "skipped", "warned"}
    assert site.json("publications") == before


@pytest.fixture
def damaged(site: Site) -> Callable[[Path], Path]:
    """Make a third day whose activity file has a renamed column."""

    def make(folder: Path) -> Path:
        for path in (site.published / "day-2").glob("*.txt"):
            text = path.read_text(encoding="utf-8")
            if "personne" in path.name:
                text = text.replace("Code profession|", "Profession|", 1)
            (folder / path.name).write_text(text, encoding="utf-8")
            os.utime(folder / path.name, (1_795_300_000, 1_795_300_000))
        return folder

    return make
