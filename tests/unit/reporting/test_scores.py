"""The scores of a report and the comparison with the publication before."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, update

from pipelines.reporting import write_report
from rpps_sync.directory.tables import PUBLICATIONS
from rpps_sync.reporting.words import Words
from rpps_sync.run_summary import Outcome, RunSummary

from .conftest import publication

YESTERDAY = "2026-11-20-00001d"


def figures(score: float, nurses: int, towns: dict[str, int]) -> dict[str, Any]:
    """What the ledger keeps of a publication, as far as a report shows it."""
    one = {"completeness": score, "validity": 0.99876, "timeliness": 1.0, "score": score}
    return {
        "scores": {
            "publication": one,
            "extracts": {"personne-activite": one},
            "professions": {"60": one, "": one},
            "authorities": {"CNOM/CNOM/ARS": one},
        },
        "files": {
            "personne-activite": {
                "lines": nurses,
                "codes": {"profession": {"60": nurses}},
                "groups": {"department": towns, "registration_authority": {"CNOM/CNOM/ARS": nurses}},
            }
        },
    }


@pytest.fixture
def scored(ledger: Connection) -> Connection:
    """The ledger in which the last two publications have their figures."""
    told = {
        YESTERDAY: figures(0.9913, 900, {"69": 40, "75": 90}),
        publication().id: figures(0.9875, 850, {"75": 91}),
    }
    for name, metrics in told.items():
        ledger.execute(update(PUBLICATIONS).where(PUBLICATIONS.c.id == name).values(metrics=metrics))
    return ledger


def _written(ledger: Connection, summary: RunSummary, folder: Path, language: str = "fr") -> tuple[str, Any]:
    page = write_report(ledger, summary, folder, language).read_text(encoding="utf-8")
    return page, json.loads((folder / f"{summary.run_id}.json").read_text(encoding="utf-8"))


def test_report_tells_the_scores_and_how_far_they_moved(
    scored: Connection, tonight: RunSummary, tmp_path: Path
) -> None:
    """The figure of the command line stands where everybody reads, with its trend."""
    page, document = _written(scored, tonight, tmp_path)
    scores = document["scores"]
    assert scores["publication"]["scores"]["score"] == 0.9875
    assert scores["publication"]["former"]["score"] == 0.9913
    assert [point["scores"]["score"] for point in scores["trend"]] == [0.9913, 0.9875]
    assert [(line["label"], line["former"]["score"]) for line in scores["professions"]] == [("Infirmier", 0.9913)]
    assert "Score de la publication\u00a0: 98,75\u00a0%" in page
    assert "−0,38\u00a0pt depuis la publication précédente" in page
    assert 'id="scores-wide-t"' in page, "the trend is drawn"


def test_report_compares_a_refused_publication_with_the_one_still_served(
    scored: Connection, tonight: RunSummary, tmp_path: Path
) -> None:
    """The département that is missing is named in the report of the refusal, in both languages."""
    scored.execute(update(PUBLICATIONS).where(PUBLICATIONS.c.id == publication().id).values(seq=None))
    summary = replace(tonight, outcome=Outcome.REFUSED, served=YESTERDAY)
    page, document = _written(scored, summary, tmp_path, "en")
    compared = document["compared"]
    assert compared["id"] == YESTERDAY
    assert compared["departments"][0] == {"name": "69", "label": "69", "before": 40, "after": 0, "change": -40}
    assert [(gap["label"], gap["change"]) for gap in compared["professions"]] == [("Infirmier", -50)]
    assert document["scores"]["trend"][-1]["refused"]
    assert "Compared with the former publication" in page
    assert "−40" in page


def test_first_publication_has_scores_and_nothing_to_be_compared_with(
    ledger: Connection, tonight: RunSummary, tmp_path: Path
) -> None:
    """Figures that are not kept are not invented."""
    page, document = _written(ledger, tonight, tmp_path)
    assert document["scores"] is None
    assert document["compared"] is None
    assert "Aucune publication n’a été servie avant celle-ci." in page


def test_share_that_is_not_whole_never_reads_a_hundred_percent() -> None:
    """One line in a million at fault shows, and what is shown adds up."""
    words = Words("en")
    assert (words.share(0.999999), words.share(1.0), words.share(None)) == ("99.99%", "100.00%", "–")
    assert (words.points(0.98754, 0.98751), words.points(0.5, None)) == ("=", "–")
    assert words.points(0.9876, 0.9874) == "+0.02\u00a0pt"


def test_checks_of_a_french_night_are_titled_in_english_in_an_english_report(
    ledger: Connection, tonight: RunSummary, tmp_path: Path
) -> None:
    """One installation, two readers: the declaration knows both languages, an unknown title stays as it was."""
    declared = replace(
        tonight.checks[-2], name="format.structure.siret", title="Numéro bien formé : Numéro SIRET site"
    )
    summary = replace(tonight, checks=(declared, tonight.checks[-1]))
    _, document = _written(ledger, summary, tmp_path, "en")
    titles = {line["name"]: line["title"] for line in document["checks"]}
    assert titles == {
        "format.structure.siret": "Well-formed number: Numéro SIRET site",
        "mssante.domain": "Domaines MSSanté",
    }
