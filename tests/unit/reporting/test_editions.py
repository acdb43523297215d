"""The week and the month: which days, what is counted in them, and what moved since the period before."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Connection, insert

from pipelines.editions import forget_old, model_of, period_asked, write_edition
from rpps_sync import clock
from rpps_sync.directory.tables import FINDING_EVENTS, INCIDENTS, OBJECTIVE_STATES, RUNS
from rpps_sync.errors import UsageError
from rpps_sync.reporting.cover import of_period
from rpps_sync.reporting.editions import html, sheets
from rpps_sync.reporting.editions.model import DayState, PeriodModel
from rpps_sync.reporting.editions.period import Edition, Period, last_complete, period_of
from rpps_sync.reporting.letter import write
from rpps_sync.reporting.model import Light
from rpps_sync.reporting.moves import told
from rpps_sync.reporting.words import Words
from rpps_sync.run_summary import RunSummary

SUNDAY = date(2026, 11, 22)
MONDAY_MORNING = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    """The morning on which the schedule writes the report of the week."""
    with clock.pinned(MONDAY_MORNING):
        yield


@pytest.fixture
def month(ledger: Connection, tonight: RunSummary) -> Connection:
    """The ledger of thirty nights, with incidents, findings that came and went, and a late day."""
    row = {"run_id": tonight.run_id, "started_at": tonight.started_at, "finished_at": tonight.finished_at}
    ledger.execute(insert(RUNS), [row | {"outcome": "published", "summary": tonight.to_json()}])
    at = tonight.started_at
    incident = {"last_seen_at": at, "symptoms": [], "reminders": 0, "told_at": at}
    ledger.execute(
        insert(INCIDENTS),
        [
            incident | {"cause": "gate", "opened_at": at - 9 * DAY, "closed_at": at - 8 * DAY},
            incident | {"cause": "run", "opened_at": at - 3 * DAY, "closed_at": at - 2 * DAY},
            incident | {"cause": "feed", "opened_at": at - 1 * DAY, "closed_at": None},
        ],
    )
    ledger.execute(insert(FINDING_EVENTS), list(_events(at)))
    late = {"objective": "publication.age", "state": "warn", "link": "us", "observed": "40 h"}
    ledger.execute(insert(OBJECTIVE_STATES), [late | {"since": at - 3 * DAY, "until": at - 2.5 * DAY}])
    return ledger


def _events(at: datetime) -> Iterator[dict[str, Any]]:
    """Sixteen findings opened before the week, ten in it; twelve resolved in it, by either side."""
    event = {"national_id": "x", "verdict": "token_stale", "by": "", "because": "", "resolved_by": ""}
    for rank in range(26):
        row = event | {"finding_id": f"{rank:016x}", "lag_days": None}
        yield row | {"event": "opened", "at": at - (9 if rank < 16 else 4) * DAY}
        if rank < 12:
            side = {"resolved_by": "directory" if rank % 3 == 0 else "token", "lag_days": rank % 5}
            yield row | side | {"event": "resolved", "at": at - 2 * DAY}


def _model(connection: Connection, last: date = SUNDAY, language: str = "fr") -> PeriodModel:
    return model_of(connection, period_of(Edition.WEEK, last), language)


@pytest.mark.parametrize(
    ("edition", "today", "first", "last"),
    [
        (Edition.WEEK, date(2026, 11, 23), date(2026, 11, 16), date(2026, 11, 22)),
        (Edition.WEEK, date(2026, 11, 22), date(2026, 11, 9), date(2026, 11, 15)),
        (Edition.MONTH, date(2026, 12, 1), date(2026, 11, 1), date(2026, 11, 30)),
        (Edition.MONTH, date(2027, 1, 31), date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_job_of_monday_is_about_the_week_that_is_over(
    edition: Edition, today: date, first: date, last: date
) -> None:
    """From Monday to Sunday, from the first of the month to its last day; never a period still under way."""
    assert last_complete(edition, today) == Period(edition, first, last)


def test_month_may_end_within_a_month() -> None:
    """Then it begins on the day after that of the month before; the one before ends where it begins."""
    period = period_of(Edition.MONTH, date(2026, 11, 21))
    assert (period.first, period.former.last) == (date(2026, 10, 22), date(2026, 10, 21))
    assert period_of(Edition.MONTH, date(2027, 2, 28)).first == date(2027, 2, 1)
    assert period_of(Edition.MONTH, date(2027, 3, 30)).first == date(2027, 2, 28)


def test_week_when_clocks_change_is_an_hour_longer() -> None:
    """Days are those of France: the last week of October 2026 has 169 hours."""
    period = period_of(Edition.WEEK, date(2026, 10, 25))
    assert period.ends - period.begins == timedelta(hours=169)


def test_day_that_has_not_come_ends_no_edition() -> None:
    """A week that lies ahead is refused in words."""
    assert period_asked(Edition.WEEK, date(2026, 11, 23)).last == date(2026, 11, 23)
    with pytest.raises(UsageError, match="2026-11-24"):
        period_asked(Edition.WEEK, date(2026, 11, 24))


def test_each_night_of_the_week_is_told_by_its_best_run(month: Connection) -> None:
    """Published, with reservations, too old at some hour, and Sunday, when the machine was off."""
    states = {day.day.day: day.state for day in _model(month).days}
    assert states == {
        **dict.fromkeys((16, 17, 19, 20), DayState.CLEAN),
        18: DayState.LATE,
        21: DayState.RESERVED,
        22: DayState.MISSED,
    }
    before = {day.day.day: day.state for day in _model(month, date(2026, 11, 15)).days}
    assert before[13] is DayState.FAILED
    assert period_of(Edition.WEEK, date(2026, 11, 15)) == period_of(Edition.WEEK, SUNDAY).former


def test_week_tells_its_lags_incidents_and_findings(month: Connection) -> None:
    """What ended in it, what was open in it, what came and went in it, and what stands at its end."""
    model = _model(month)
    figures = model.figures
    assert (figures["incidents_opened"], figures["incidents_standing"]) == (2, 1)
    assert [line.seconds // 3600 for line in model.lines.incidents] == [24, 75]
    assert (figures["findings_opened"], figures["findings_resolved"], figures["findings_standing"]) == (10, 12, 14)
    assert {(lag.side, lag.ended, lag.median_days) for lag in model.lines.lags if not lag.field} == {
        ("directory", 4, 1),
        ("token", 8, 1),
    }
    assert [flow.name for flow in model.lines.sources] == ["dpi-chu"]
    assert sum(flow.opened for flow in model.lines.authorities) == 10
    assert model.lines.objectives[0].warned_seconds == 12 * 3600
    assert model.light is Light.ERROR


def test_week_speaks_three_sentences(month: Connection) -> None:
    """Its nights, how long each side takes, what came and went; in both languages."""
    assert _model(month).headline.replace("\u00a0", " ").replace("\u202f", " ") == (
        "Semaine du 16 au 22 novembre 2026 : 7 nuits, dont 4 sans réserve ; 1 avec des réserves, 1 en retard et "
        "1 échouée ou manquée. Délai médian de mise à jour : 1 j pour l’annuaire et 1 j pour les jetons. "
        "2 incidents ; 10 constats ouverts, 12 résolus."
    )
    english = _model(month, language="en").headline.replace("\u00a0", " ")
    assert english.startswith("Week of 16 to 22 November 2026: 7 nights, 4 without reservation;")


def test_what_moved_since_the_week_before_is_told_with_its_sense(month: Connection) -> None:
    """Fewer findings opened is better, a new cause of incidents appears, a check that begins to fail is new."""
    moves = {
        told(move, Words("en")).replace("\u00a0", " ") for move in _model(month, language="en").difference.moves
    }
    assert "Better – findings: findings opened, 10 after 16" in moves
    assert "Better – findings: findings standing at the end, 14 after 16" in moves
    assert "New – incidents: A registration authority transmits no changes any more (1)" in moves
    assert "Gone – incidents: The checks refuse the new publication (1)" in moves
    assert "New – check: failing nights, Clé de contrôle des numéros RPPS (personne-activite) (1)" in moves
    assert any(move.startswith("Changed – directory: practitioners served") for move in moves)


def test_first_week_has_nothing_to_be_compared_with_and_says_so(month: Connection) -> None:
    """The ledger begins in the month: no zero is taken for the period before."""
    model = model_of(month, period_of(Edition.MONTH, date(2026, 11, 21)), "fr")
    assert model.difference.former is None
    assert len(model.days) == 30, "the days before the first run ever are not missed nights"
    assert "il n’y en a pas de précédente" in html.render(model)


def test_week_of_an_empty_ledger_is_a_page_all_the_same(connection: Connection) -> None:
    """No run, no zero out of zero, no traceback: every section says that there is nothing."""
    model = _model(connection)
    assert (model.light, model.days) == (Light.NONE, ())
    page = html.render(model)
    assert "aucun passage n’a eu lieu" in page
    assert "Tous les objectifs ont été tenus" in page
    assert load_workbook(io.BytesIO(sheets.workbook(model))).sheetnames


@pytest.mark.parametrize("language", ["fr", "en"])
def test_page_of_the_week_loads_nothing_and_names_nobody(month: Connection, language: str) -> None:
    """It is kept for years and forwarded: no number of a person, no address to load, its own style alone."""
    page = html.render(_model(month, language=language))
    assert not re.search(r"(?<!\d)8?9990\d{7}", page)
    assert not re.search(r"url\(|@import|https?://|<script|<img", page)
    assert page.count("<h1>") == 1
    assert page.count("<table") == page.count("<caption")


def test_editions_are_kept_by_name_until_they_are_old(month: Connection, tmp_path: Path) -> None:
    """The newest is also ``latest-week``; one written again later for a former week is not."""
    write_edition(_model(month), tmp_path, ("html", "json", "xlsx"))
    write_edition(_model(month, date(2026, 11, 15)), tmp_path, ("json",))
    assert json.loads((tmp_path / "latest-week.json").read_text())["period"]["last"] == "2026-11-22"
    assert {path.name for path in tmp_path.iterdir()} == {
        *(f"week-2026-11-22.{name}" for name in ("html", "json", "xlsx")),
        *(f"latest-week.{name}" for name in ("html", "json", "xlsx")),
        "week-2026-11-15.json",
    }
    assert forget_old(tmp_path, 5) == 1
    assert not (tmp_path / "week-2026-11-15.json").exists()


def test_title_that_is_a_formula_stays_a_text(month: Connection, tonight: RunSummary) -> None:
    """What a publisher wrote does not run on the machine of a manager."""
    model = _model(month)
    check = {**tonight.to_json()["checks"][8], "title": "=HYPERLINK(1)", "name": "evil.check"}
    row = {"run_id": "later", "started_at": MONDAY_MORNING - DAY, "finished_at": MONDAY_MORNING - DAY}
    summary = tonight.to_json() | {"checks": [check], "started_at": clock.iso(MONDAY_MORNING - DAY)}
    month.execute(insert(RUNS), [row | {"outcome": "published", "summary": summary}])
    book = load_workbook(io.BytesIO(sheets.workbook(_model(month))))
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert any(cell.value == "'=HYPERLINK(1)" for cell in cells)
    assert all(cell.data_type != "f" for cell in cells)
    assert model.lines.checks


@pytest.mark.parametrize("language", ["fr", "en"])
def test_mail_of_the_week_says_the_same_in_text_and_in_markup(month: Connection, language: str) -> None:
    """Inline styles and tables alone, nothing to load; every figure and every hand in both parts."""
    cover = of_period(_model(month, language=language))
    letter = write(cover)
    assert "week" not in letter.subject.lower() or language == "en"
    assert not re.search(r"<style|<svg|<img|<link|class=|https?://|position:|display:", letter.html)
    plain = letter.text.replace("\n", " ").replace("\u00a0", " ")
    for one in cover.figures:
        assert one.value.replace("\u00a0", " ") in plain
        assert one.label in letter.html
    assert len(cover.hands) == letter.html.count("border-bottom:6px") > 2
    assert max(len(line) for line in letter.text.splitlines()) <= 76
