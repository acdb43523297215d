"""The page that is forwarded: what needs somebody and who, and what moved since the edition before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from rpps_sync.directory.tables import FINDING_EVENTS, RUNS
from rpps_sync.errors import UsageError
from rpps_sync.reporting import html, pdf
from rpps_sync.reporting.build import build
from rpps_sync.reporting.material import gather
from rpps_sync.reporting.model import Light, ReportModel
from rpps_sync.reporting.moves import told
from rpps_sync.reporting.words import Words
from rpps_sync.run_summary import CheckSeverity, CheckStatus, FreshnessState, Outcome, RunSummary


def _model(connection: Connection, summary: RunSummary, language: str = "fr") -> ReportModel:
    return build(gather(connection, summary.to_json()), language=language, edited_at=summary.finished_at)


def _moves(model: ReportModel) -> list[str]:
    return [told(move, Words(model.language)).replace("\u00a0", " ") for move in model.difference.moves]


def test_everything_that_needs_somebody_names_who_the_worst_first(ledger: Connection, tonight: RunSummary) -> None:
    """A wrong key is the publisher's, a person who left the application's, a late record the authority's."""
    late = FreshnessState(
        "feed.changes:CNOP", "error", "9 j", "alerte au-delà de 5 j", link="producer", mend="prévenir le CNOP"
    )
    hands = _model(ledger, replace(tonight, freshness=(late,))).hands
    assert [hand.light for hand in hands] == [Light.ERROR] * 3 + [Light.WARN] * 4
    who = {hand.who: hand.how for hand in hands}
    assert who["l’autorité d’enregistrement"] == "prévenir le CNOP"
    assert (
        "réexaminer leur accès" in who["l’application dpi-chu"]
        or "relire userinfo" in who["l’application dpi-chu"]
    )
    assert "conseil de l’Ordre" in who["Ordre des médecins"]
    assert not any("99900" in hand.what + hand.how for hand in hands), "the first page names nobody"


def test_night_that_needs_nobody_says_so(connection: Connection, tonight: RunSummary) -> None:
    """An empty table would leave one guessing whether something is missing."""
    quiet = replace(tonight, quarantine=(), checks=tonight.checks[:6])
    page = html.render(_model(connection, quiet))
    assert "ne demandent d’intervention" in page
    assert "il n’y a pas d’édition précédente" in page


def test_refused_night_asks_for_a_decision_first(ledger: Connection, tonight: RunSummary) -> None:
    """Why it was refused and what to do stand before anything else, and are not told twice."""
    shut = replace(tonight.checks[6], status=CheckStatus.FAILED, observed="1 100 200", failing=1_191_090)
    assert shut.severity is CheckSeverity.BLOCKING
    hands = _model(ledger, replace(tonight, outcome=Outcome.REFUSED, checks=(shut,), message="x", mend="y")).hands
    assert hands[0].who == "notre équipe"
    assert "rpps-sync accept" in hands[0].how
    assert sum("1 100 200" in hand.what for hand in hands) == 1


def test_what_moved_since_the_night_before_is_told_in_figures(ledger: Connection, tonight: RunSummary) -> None:
    """Checks that began to fail, lines that cannot be read, findings that came and went."""
    event = {"national_id": "x", "at": tonight.started_at, "by": "", "because": "", "resolved_by": ""}
    rows = [
        event | {"finding_id": str(rank), "event": name, "verdict": "conflict", "lag_days": None}
        for rank, name in enumerate(("opened", "opened", "resolved", "acknowledged"))
    ]
    early = event | {"at": tonight.started_at - timedelta(days=3), "finding_id": "9", "event": "opened"}
    ledger.execute(insert(FINDING_EVENTS), [*rows, early | {"verdict": "conflict", "lag_days": None}])
    moves = _moves(_model(ledger, tonight))
    assert moves == [
        "Nouveau – contrôle : Clé de contrôle des numéros RPPS (personne-activite) (612)",
        "Nouveau – contrôle : Codes de rôle connus de la nomenclature TRE_R21 (personne-activite) (18)",
        "Nouveau – constats : conflit (2)",
        "Moins bien – quarantaine : lignes illisibles, 7 contre 0",
        "Disparu – constats : conflit (1)",
    ]


def _yesterday(connection: Connection, tonight: RunSummary, **values: Any) -> None:
    """The run before, which is tonight's but for some values."""
    at = tonight.started_at - timedelta(hours=2)
    former = replace(tonight, run_id="former", started_at=at, finished_at=at + timedelta(minutes=2), **values)
    columns = {"run_id": "former", "started_at": at, "finished_at": former.finished_at}
    connection.execute(insert(RUNS), [columns | {"outcome": former.outcome.value, "summary": former.to_json()}])


def test_night_after_a_refused_one_is_told_as_better(ledger: Connection, tonight: RunSummary) -> None:
    """Everything is published again, and what failed fails no longer: that is news too."""
    _yesterday(ledger, tonight, outcome=Outcome.REFUSED)
    moves = _moves(_model(ledger, replace(tonight, checks=tonight.checks[:7], quarantine=())))
    assert moves == [
        "Mieux – nuits : issue de la nuit, publiée contre refusée",
        "Mieux – quarantaine : lignes illisibles, 0 contre 7",
        "Disparu – contrôle : Clé de contrôle des numéros RPPS (personne-activite) (612)",
        "Disparu – contrôle : Codes de rôle connus de la nomenclature TRE_R21 (personne-activite) (18)",
    ]


def test_same_night_again_moves_nothing(ledger: Connection, tonight: RunSummary) -> None:
    """A check that fails as it did yesterday is no news, and the page says that there is none."""
    _yesterday(ledger, tonight)
    model = _model(ledger, tonight)
    assert model.difference.moves == ()
    assert "Rien n’a bougé depuis l’édition du" in html.render(model)


def test_objective_that_is_missed_and_met_again_is_told(ledger: Connection, tonight: RunSummary) -> None:
    """What went from met to missed is worse, the reverse better; what stayed met is no news."""
    states = {
        "publication.age": ("ok", "error"),
        "run.last_success": ("error", "ok"),
        "claims.intake": ("no_data", "ok"),
    }
    before, now = (
        tuple(FreshnessState(name, pair[place], f"{place} h", "") for name, pair in states.items())
        for place in (0, 1)
    )
    _yesterday(ledger, tonight, freshness=before)
    assert _moves(_model(ledger, replace(tonight, freshness=now))) == [
        "Moins bien – fraîcheur : Âge de la publication servie, 1 h contre 0 h",
        "Mieux – fraîcheur : Dernier passage réussi, 1 h contre 0 h",
    ]


def test_unchanged_night_makes_no_check_disappear(ledger: Connection, tonight: RunSummary) -> None:
    """A night that found nothing new ran no check: nobody is told that all is mended."""
    _yesterday(ledger, tonight)
    moves = _moves(_model(ledger, replace(tonight, outcome=Outcome.UNCHANGED, checks=(), quarantine=())))
    assert moves == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_first_page_is_one_sheet_of_paper(ledger: Connection, tonight: RunSummary, language: str) -> None:
    """However much there is to tell, the annexes begin on page two."""
    many = tuple(replace(tonight.checks[8], name=f"keys.{n}", title=f"{n} " + "mot " * 20) for n in range(30))
    model = _model(ledger, replace(tonight, checks=many), language)
    try:
        bookmarks = pdf.laid_out(html.render(model)).make_bookmark_tree()
    except UsageError as error:
        pytest.skip(error.mend)  # Pango is the system's: what to install is told
    pages = {label: place[0] for _, _, sections, _ in bookmarks for label, place, *_ in sections}
    words = Words(language)
    assert pages[words("section.hands")] == pages[words("section.difference")] == 0
    assert pages[words("section.moves")] == 1
