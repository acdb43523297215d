from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from extract_builder import national_id
from gate_visits import CARDS, DIPL, MAIL, PA, SKILLS, night_of, nurses, profile, visit
from rpps_sync.extracts.crossing import Orphans, orphans
from rpps_sync.quality.gate import assess
from rpps_sync.run_summary import CheckResult, CheckStatus

MORNING = datetime(2026, 11, 20, 4, 10, tzinfo=UTC)


def _index(*identifiers: str) -> pl.DataFrame:
    lines = pl.Series("line_hash", range(len(identifiers)), dtype=pl.UInt64)
    return pl.DataFrame({"line_hash": lines, "national_id": pl.Series(identifiers, dtype=pl.String)})


def _same_day(**hours_later: float) -> CheckResult:
    kinds = {"people": PA, "diplomas": DIPL, "skills": SKILLS, "mailboxes": MAIL, "cards": CARDS}
    dates = {kinds[name]: MORNING + timedelta(hours=hours) for name, hours in hours_later.items()}
    return next(
        result for result in assess({}, None, (), "en", deposited=dates) if result.name.endswith("same-day")
    )


def _crossed(tonight: int, past: float, people: int = 100_000) -> CheckResult:
    """The check on diplomas whose holders are absent: so many tonight, such a share before."""
    dipl = profile(nurses(3), DIPL)
    before = night_of(dipl, orphans={DIPL: Orphans(round(past * people), people)})
    return visit(dipl, history=[before], orphans={DIPL: Orphans(tonight, people)})["orphans.people"]


def test_files_deposited_minutes_apart_are_of_one_day() -> None:
    """A usual morning."""
    result = _same_day(people=0, diplomas=0.1, skills=0.3)
    assert result.success
    assert (result.observed[:4], result.expected) == ("1 h:", "≤ 12 h")


def test_skills_of_yesterday_among_the_files_of_today_are_refused_by_name() -> None:
    """What the reception let through, or what was archived before it looked, stops here."""
    result = _same_day(people=24, diplomas=24, skills=0)
    assert result.blocks
    assert result.observed.startswith("24 h: ")
    assert "savoirfaire 2026-11-20T04:10:00Z" in result.samples


def test_twelve_hours_are_a_late_deposit_and_one_second_more_is_another_day() -> None:
    """The bound itself."""
    assert _same_day(people=0, skills=12).success
    assert _same_day(people=0, skills=12 + 1 / 3600).blocks


def test_mailboxes_and_cards_of_another_morning_are_usual() -> None:
    """They are made by other chains, at other hours."""
    assert _same_day(people=0, diplomas=0, skills=0, mailboxes=20, cards=-30).success


def test_dates_that_nobody_knows_are_not_green() -> None:
    """Files checked by hand have no deposit."""
    assert _same_day().status is CheckStatus.SKIPPED


def test_orphans_are_people_of_another_file_that_the_activity_file_lacks() -> None:
    """Counted once each, whatever their lines; organisations are nobody."""
    one, two, three = (national_id(number) for number in (1, 2, 3))
    found = orphans({PA: _index(one, one, two), DIPL: _index(one, three, three), MAIL: _index(two, "1990000001")})
    assert found == {DIPL: Orphans(1, 2), MAIL: Orphans(0, 1)}


def test_without_the_activity_file_nobody_is_an_orphan() -> None:
    """A missing file is told by its own check, not as a million orphans."""
    assert orphans({DIPL: _index(national_id(1))}) == {}


def test_empty_file_has_no_share_of_orphans() -> None:
    """Nothing is divided by nobody."""
    assert Orphans(0, 0).share == 0.0


@pytest.mark.parametrize(
    ("tonight", "verdict"),
    [(2_400, "passed"), (2_409, "passed"), (2_420, "warning"), (2_460, "error"), (3_000, "blocking")],
    ids=["as ever", "a few more", "a hundredth of a point", "one day apart", "the activity file is cut"],
)
def test_jump_of_the_orphans_shows_files_that_do_not_belong_together(tonight: int, verdict: str) -> None:
    """Some diplomas have always been without activity: what counts is the jump from one night to the next."""
    result = _crossed(tonight, past=0.024)
    assert (str(result.severity) if result.to_see else str(result.status)) == verdict
    assert result.blocks == (verdict == "blocking")


def test_orphans_that_come_back_are_good_news() -> None:
    """A fall is never told."""
    assert _crossed(0, past=0.024).success


def test_handful_of_orphans_in_a_small_directory_is_nothing() -> None:
    """Nine of three thousand are under the floor, although far over a hundredth of a point."""
    assert _crossed(9, past=0.0, people=3_000).success


def test_orphans_are_not_judged_without_a_past() -> None:
    """The share that is usual is not known on a first load."""
    dipl = profile(nurses(3), DIPL)
    result = visit(dipl, history=[night_of(dipl)], orphans={DIPL: Orphans(3, 3)})["orphans.people"]
    assert result.status is CheckStatus.SKIPPED


def test_cards_of_people_who_left_never_refuse_a_publication() -> None:
    """A card outlives its holder's exercise: a jump is told, and the night goes on."""
    cards = profile([], CARDS)
    assert cards.kind is CARDS
    mail = profile([{"mailbox_type": "PER", "address": "a@x.invalid", "national_id": national_id(1)}], MAIL)
    before = night_of(mail, orphans={MAIL: Orphans(0, 10_000)})
    result = visit(mail, history=[before], orphans={MAIL: Orphans(900, 10_000)})["orphans.holders"]
    assert (str(result.severity), result.blocks) == ("warning", False)
