from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from pipelines.reporting import rewrite_report, run_document, write_report
from rpps_sync.directory.tables import QUARANTINE, RUNS
from rpps_sync.errors import DirectoryError, NotFound, UsageError
from rpps_sync.publication import ExtractKind
from rpps_sync.reporting.html import policy
from rpps_sync.reporting.words import typographic
from rpps_sync.run_summary import (
    CheckResult,
    CheckSeverity,
    CheckStatus,
    ComparisonSummary,
    Delta,
    FreshnessState,
    Outcome,
    PublicationSummary,
    QuarantinedLine,
    RunSummary,
)

SERVED_BEFORE = "2026-11-20-00001d"  # what the last night of the ledger published
NO_LOAD = {"href", "src", "srcset", "data", "action", "poster", "background", "xlink:href"}


class Page(HTMLParser):
    """What a browser would see: tags, what they would load, headings, tables, text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.headings: list[int] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)
        self.attributes.append((tag, dict(attrs)))
        self.loads += [value or "" for name, value in attrs if name in NO_LOAD]
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data


def _html(connection: Connection, summary: RunSummary, folder: Path, language: str = "fr") -> str:
    return write_report(connection, summary, folder, language).read_text(encoding="utf-8")


def _headline(html: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", html)
    assert found
    return found[1].replace("\u00a0", " ").replace("\u202f", " ")


def _quiet_night(summary: RunSummary) -> RunSummary:
    return replace(summary, quarantine=(), checks=summary.checks[:6])


def test_the_page_loads_nothing_from_anywhere(ledger: Connection, tonight: RunSummary, tmp_path: Path) -> None:
    """No address to fetch, no script, no style but its own: the page is one file, readable offline."""
    html = _html(ledger, tonight, tmp_path)
    page = Page(html)
    assert all(target.startswith("#") for target in page.loads)
    assert not {"script", "link", "img", "iframe", "object", "embed", "form"} & set(page.tags)
    assert not re.search(r"url\(|@import|https?://", html)
    assert not any("style" in attributes for _, attributes in page.attributes)
    assert len(html.encode()) < 500_000


def test_the_policy_of_the_page_allows_its_style_alone(
    ledger: Connection, tonight: RunSummary, tmp_path: Path
) -> None:
    """Whatever slips into the page can neither run nor call home: the policy names the one style by its digest."""
    html = _html(ledger, tonight, tmp_path)
    style = html.split("<style>")[1].split("</style>")[0]
    content = next(a["content"] for _, a in Page(html).attributes if a.get("http-equiv"))
    assert content == policy(style)
    assert content is not None
    assert content.startswith("default-src 'none'")
    assert "unsafe" not in content


def test_a_name_that_is_markup_stays_a_name(ledger: Connection, tonight: RunSummary, tmp_path: Path) -> None:
    """Tags and quotes in names and sample keys are shown as text, not obeyed."""
    html = _html(ledger, tonight, tmp_path)
    hostile = '<script>alert("d\'Été")</script>'
    assert hostile not in html
    assert Page(html).text.count(hostile) == 2  # a sample key of a check, a value of a token
    assert 'D’ALMEIDA "DIT" LE GOFF' in Page(html).text


def test_headings_are_in_order_and_tables_are_named(
    ledger: Connection, tonight: RunSummary, tmp_path: Path
) -> None:
    """One first heading, no level skipped; every table has a caption and every header cell a scope."""
    page = Page(_html(ledger, tonight, tmp_path))
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in zip(page.headings, page.headings[1:], strict=False))
    assert page.tags.count("table") == page.tags.count("caption") > 8
    assert all(attributes.get("scope") for tag, attributes in page.attributes if tag == "th")
    ids = [attributes["id"] for _, attributes in page.attributes if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {target[1:] for target in page.loads} <= set(ids)


def test_a_night_with_reservations_says_what_to_look_at(
    ledger: Connection, tonight: RunSummary, tmp_path: Path
) -> None:
    """The first sentence names what is served, its age, and everything that needs eyes."""
    assert _headline(_html(ledger, tonight, tmp_path)) == (
        "Nouvelle publication servie, avec des réserves. La publication du 20 novembre 2026 est servie ; "
        "elle a 7 h. À voir : 2 contrôles en défaut et 7 lignes en quarantaine."
    )


def test_a_clean_night_says_so_and_names_what_waits(
    ledger: Connection, tonight: RunSummary, tmp_path: Path
) -> None:
    """Nothing failed, nothing is set aside: three sentences, without a reservation."""
    html = _html(ledger, _quiet_night(tonight), tmp_path, "en")
    assert _headline(html) == (
        "A clean night. The publication of 20 November 2026 is served; it is 7 h old. "
        "64 findings wait for somebody."
    )
    assert "All 6 checks that were run passed." in html


def test_a_refused_night_says_why_and_what_is_still_served(
    ledger: Connection, tonight: RunSummary, tmp_path: Path
) -> None:
    """The reasons, the mend and the age of the former publication stand at the top; nothing is said to change."""
    blocking = CheckResult(
        "volume.drop",
        "Lignes",
        "personne-activite",
        CheckSeverity.BLOCKING,
        CheckStatus.FAILED,
        "1 100 200",
        "≥ 2 268 000",
        failing=1_191_090,
    )
    summary = replace(
        _quiet_night(tonight),
        outcome=Outcome.REFUSED,
        delta=Delta(),
        comparison=ComparisonSummary(),
        served=SERVED_BEFORE,
        publication=PublicationSummary("2026-11-21-ffffff", tonight.started_at),
        checks=(*tonight.checks[:6], blocking),
        message="Le fichier a perdu la moitié de ses lignes.",
        mend="attendre la prochaine publication",
    )
    html = _html(ledger, summary, tmp_path)
    assert _headline(html) == (
        "Publication du 21 novembre 2026 refusée par 1 contrôle bloquant. "
        "La publication du 20 novembre 2026 reste servie ; elle a 24 h. 64 constats attendent quelqu’un."
    )
    text = Page(html).text
    assert "Lignes\u00a0: 1 100 200." in text, "in the words of the report, not in those of the command line"
    assert "rpps-sync accept 2026-11-21-ffffff" in text
    assert "Ce passage n’a rien publié" in text
    assert "65 constats restent ouverts" in text
    document = json.loads((tmp_path / f"{summary.run_id}.json").read_text())
    assert document["light"] == "error"
    assert document["changes"]["by_field"] == document["changes"]["by_profession"] == []


def test_a_night_with_nothing_new_keeps_its_age_growing(
    ledger: Connection, tonight: RunSummary, tmp_path: Path
) -> None:
    """An unchanged source is told as such, with the age of what is served; a missed objective makes it red."""
    late = FreshnessState("publication.age", "error", "80 h", "alerte au-delà de 36 h")
    summary = replace(
        _quiet_night(tonight), outcome=Outcome.UNCHANGED, publication=None, served=SERVED_BEFORE, freshness=(late,)
    )
    html = _html(ledger, summary, tmp_path)
    assert _headline(html) == (
        "Rien de nouveau chez l’éditeur. La publication du 20 novembre 2026 reste servie ; elle a 24 h. "
        "À voir : 1 objectif de fraîcheur dépassé."
    )
    assert json.loads((tmp_path / "latest.json").read_text())["light"] == "error"


def test_a_first_night_that_failed_still_has_a_report(
    connection: Connection, tonight: RunSummary, tmp_path: Path
) -> None:
    """With an empty database and no publication at all, the page says that nothing is served, and why."""
    at = tonight.started_at
    summary = RunSummary("run-1", at, at + timedelta(seconds=9), Outcome.FAILED, "Éditeur injoignable.")
    html = _html(connection, summary, tmp_path)
    assert _headline(html) == "Le passage a échoué. Aucune publication n’est servie. Rien d’autre n’est à voir."
    assert "Éditeur injoignable." in html
    assert "Premier passage connu" in html
    assert "Toutes les lignes ont pu être lues" not in html


def test_changes_are_counted_by_profession_and_by_field(
    ledger: Connection, tonight: RunSummary, tmp_path: Path
) -> None:
    """Arrivals and changes come from the feed, departures from the tombstones, labels from the extract."""
    _html(ledger, tonight, tmp_path)
    changes = json.loads((tmp_path / "latest.json").read_text())["changes"]
    nurses = next(line for line in changes["by_profession"] if line["code"] == "60")
    assert nurses == {"code": "60", "label": "Infirmier", "arrived": 5, "changed": 9, "departed": 2}
    assert sum(line["practitioners"] for line in changes["by_field"]) == 21
    assert all(line["gained"] + line["replaced"] > 0 and line["lost"] == 0 for line in changes["by_field"])


def test_findings_are_grouped_by_who_can_correct_them_gravest_first(
    ledger: Connection, tonight: RunSummary, tmp_path: Path
) -> None:
    """Resolved findings are out, nobody is asked to correct a late token, the worst are listed first."""
    html = _html(ledger, tonight, tmp_path)
    findings = json.loads((tmp_path / "latest.json").read_text())["findings"]
    assert findings["open"] == 65
    assert {line["authority"]: line["by_verdict"] for line in findings["by_authority"]} == {
        "": {"pending": 1},
        "CNOM/CNOM/ARS": {"directory_stale": 1},
        "CNOM/CNOM/CNOM": {"conflict": 1},
    }
    assert [line["verdict"] for line in findings["gravest"][:2]] == ["departed_practitioner", "directory_stale"]
    assert len(findings["gravest"]) == 40
    assert "Et 25 autres constats" in html.replace("\u00a0", " ")
    assert "gone" not in html


def test_only_the_first_quarantined_lines_are_listed(
    ledger: Connection, tonight: RunSummary, tmp_path: Path
) -> None:
    """A hundred lines are shown, the rest is counted, and the page stays small."""
    lines = tuple(
        QuarantinedLine(ExtractKind.SAVOIRFAIRE, number, "not-utf-8", "byte 0xE9 at 12")
        for number in range(2, 5002)
    )
    html = _html(ledger, replace(tonight, quarantine=lines), tmp_path)
    text = Page(html).text.replace("\u202f", " ")
    assert text.count("byte 0xE9 at 12") == 100
    assert "Et 4 900 autres lignes" in text


def test_the_english_page_is_english(ledger: Connection, tonight: RunSummary, tmp_path: Path) -> None:
    """Language, numbers, months and sentences change together."""
    html = _html(ledger, tonight, tmp_path, "en")
    text = Page(html).text.replace("\u00a0", " ")
    assert '<html lang="en">' in html
    assert "2,291,290" in text
    assert "21 November 2026 at 03:40 UTC" in text
    assert "under Licence Ouverte 2.0" in text
    assert "novembre" not in text


def test_page_and_document_tell_the_same(ledger: Connection, tonight: RunSummary, tmp_path: Path) -> None:
    """Every check, objective and file of the JSON document is on the page, and the citation is in both."""
    page = Page(_html(ledger, tonight, tmp_path)).text
    document = json.loads((tmp_path / f"{tonight.run_id}.json").read_text())
    for line in [*document["checks"], *document["freshness"]]:
        assert line["title"] in page
        assert typographic(line["observed"]) in page
    for file in document["files"]:
        assert file["sha256"][:12] in page
    assert document["headline"] in page
    assert len(document["trend"]) == 30
    assert document["source"]["licence"] == "Licence Ouverte 2.0"
    assert "Licence Ouverte 2.0" in page
    assert "Agence du Numérique en Santé, publication du 20\u00a0novembre\u00a02026" in page


def test_a_past_report_is_written_again_from_the_ledger(
    ledger: Connection, tonight: RunSummary, tmp_path: Path
) -> None:
    """The same run gives the same document, quarantined lines included; an old one never becomes the latest."""
    row = {"run_id": tonight.run_id, "started_at": tonight.started_at, "finished_at": tonight.finished_at}
    ledger.execute(insert(RUNS), [row | {"outcome": "published", "summary": tonight.to_json()}])
    names = ("kind", "line_number", "reason", "detail", "national_id", "raw", "cut")
    lines: list[dict[str, Any]] = [{name: getattr(line, name) for name in names} for line in tonight.quarantine]
    extra = {"run_id": tonight.run_id, "publication_id": tonight.served}
    ledger.execute(insert(QUARANTINE), [line | extra for line in lines])
    first = write_report(ledger, tonight, tmp_path / "a", "fr", ["json"])
    again = rewrite_report(ledger, run_document(ledger), tmp_path / "b", "fr", ["json"])[0]
    former = rewrite_report(ledger, run_document(ledger, "run-05"), tmp_path / "b", "fr", ["json", "html"])
    one, other = (json.loads(path.read_text()) for path in (first, again))
    one["production"].pop("edited_at")
    other["production"].pop("edited_at")
    assert one == other
    assert [path.name for path in former] == ["run-05.json", "run-05.html"]
    assert json.loads((tmp_path / "b" / "latest.json").read_text())["production"]["run_id"] == tonight.run_id
    assert not (tmp_path / "b" / "latest.html").exists()


def test_no_half_written_report_is_left_behind(ledger: Connection, tonight: RunSummary, tmp_path: Path) -> None:
    """A folder that cannot be written is told in words, and only finished files ever appear."""
    _html(ledger, tonight, tmp_path)
    assert {path.name.rsplit(".", 1)[0] for path in tmp_path.iterdir()} == {"latest", tonight.run_id}
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DirectoryError, match="cannot be written"):
        write_report(ledger, tonight, tmp_path / "file", "fr")


def test_a_run_or_a_format_that_does_not_exist_is_told(ledger: Connection, tmp_path: Path) -> None:
    """The messages name what was asked for and what there is."""
    with pytest.raises(NotFound, match="run-99"):
        run_document(ledger, "run-99")
    with pytest.raises(UsageError, match="docx"):
        rewrite_report(ledger, run_document(ledger), tmp_path, "fr", ["html", "docx"])
    assert list(tmp_path.iterdir()) == []


def test_no_report_before_the_first_run(connection: Connection) -> None:
    """An empty ledger has nothing to report, and says how to begin."""
    with pytest.raises(NotFound) as refused:
        run_document(connection)
    assert "rpps-sync run" in refused.value.mend
