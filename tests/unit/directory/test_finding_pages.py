"""Pages of findings: the order of the list, whatever the size of the pages and what happens between them."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import insert, update

from extract_builder import national_id
from rpps_sync.directory import finding_pages, findings
from rpps_sync.directory.engine import reading, writing
from rpps_sync.directory.findings import Filters
from rpps_sync.directory.tables import FINDINGS
from rpps_sync.finding import Finding, FindingStatus, Judgement, Severity, Verdict
from small_directory import SmallDirectory

DAY = date(2026, 11, 1)
PEOPLE = 60


def several() -> list[Finding]:
    """Findings of every kind; some people left, and of those some still sign in."""
    draw = random.Random(5)
    found = []
    for number in range(PEOPLE):
        verdict = draw.choice([Verdict.CONFLICT, Verdict.TOKEN_STALE, Verdict.DEPARTED_PRACTITIONER])
        left = verdict is Verdict.DEPARTED_PRACTITIONER
        evidence = {"seen_since": draw.choice(["2026-11-03", ""])} if left and draw.random() < 0.8 else {}
        judgement = Judgement(
            national_id(number),
            draw.choice(["dpi", "pui"]),
            "practitioner" if left else "activity.mode",
            "",
            verdict,
            "S",
            "L",
            draw.choice([None, DAY + timedelta(days=draw.randrange(4))]),
            draw.choice(list(Severity)),
            "CNOI",
            evidence,
        )
        status = draw.choice([FindingStatus.OPEN, FindingStatus.OPEN, FindingStatus.ACKNOWLEDGED])
        first = DAY + timedelta(days=draw.randrange(4))
        found.append(Finding(judgement, first, first, 1, status))
    return found


def enter(directory: SmallDirectory, some: list[Finding]) -> None:
    """Put findings into the table."""
    with writing(directory.engine) as connection:
        connection.execute(insert(FINDINGS), [findings._columns(one) for one in some])


def in_order(some: list[Finding]) -> list[str]:
    """The identifiers in the order that people are promised."""

    def place(one: Finding) -> tuple[bool, bool, int, date, str]:
        told = one.judgement
        acknowledged = one.status is FindingStatus.ACKNOWLEDGED
        return (
            acknowledged,
            not told.heads_the_list,
            list(Severity).index(told.severity),
            told.since or one.first_seen,
            told.id,
        )

    return [one.judgement.id for one in sorted(some, key=place)]


def paged(directory: SmallDirectory, filters: Filters, size: int) -> list[str]:
    """All pages, each read by itself."""
    told, after = [], None
    while True:
        with reading(directory.engine) as connection:
            page, after = finding_pages.following(connection, filters, limit=size, after=after)
        assert len(page) <= size
        told += [one.judgement.id for one in page]
        if after is None:
            return told


def test_who_left_and_still_signs_in_comes_first_on_every_kind_of_page(directory: SmallDirectory) -> None:
    """The list and the pages of any size have one order, which the database makes."""
    some = several()
    enter(directory, some)
    expected = in_order(some)
    assert some[[one.judgement.id for one in some].index(expected[0])].judgement.heads_the_list
    with reading(directory.engine) as connection:
        assert [one.judgement.id for one in findings.find(connection)] == expected
        skipped = finding_pages.page(connection, Filters(), limit=10, skip=20)
        assert [one.judgement.id for one in skipped] == expected[20:30]
    for size in (1, 7, PEOPLE, 1000):
        assert paged(directory, Filters(), size) == expected
    of_one = [one for one in some if one.judgement.source == "pui"]
    assert paged(directory, Filters(source="pui"), 4) == in_order(of_one)


def test_what_is_settled_between_two_pages_makes_nobody_disappear(directory: SmallDirectory) -> None:
    """Somebody acknowledges what the first page showed: the second goes on where the first ended."""
    some = several()
    enter(directory, some)
    expected = in_order(some)
    with reading(directory.engine) as connection:
        first, after = finding_pages.following(connection, Filters(), limit=20)
    assert [one.judgement.id for one in first] == expected[:20]
    acknowledged = str(FindingStatus.ACKNOWLEDGED)
    with writing(directory.engine) as connection:
        shown = FINDINGS.c.id.in_(expected[15:20])
        connection.execute(update(FINDINGS).where(shown).values(status=acknowledged))
        new = replace(some[0].judgement, element="new", severity=Severity.HIGH, since=DAY - timedelta(days=9))
        connection.execute(insert(FINDINGS), [findings._columns(replace(some[0], judgement=new))])
    with reading(directory.engine) as connection:
        second, _ = finding_pages.following(connection, Filters(), limit=1000, after=after)
    open_ones = {one.judgement.id for one in some if one.status is FindingStatus.OPEN}
    told = [one.judgement.id for one in second if one.status is FindingStatus.OPEN]
    assert told == [name for name in expected[20:] if name in open_ones]
