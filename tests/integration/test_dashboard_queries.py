"""What the dashboard asks of the directory, on both kinds of database."""

from datetime import date
from pathlib import Path

from sqlalchemy import select

from dashboard_home import claims_of, night_of, world_of
from databases import reading
from rpps_sync.directory import finding_pages, findings, moved, nights
from rpps_sync.directory.changes import ChangeKind
from rpps_sync.directory.finding_pages import Grouping
from rpps_sync.directory.findings import Filters
from rpps_sync.directory.history import versions_of
from rpps_sync.directory.tables import FORMER_VERSIONS
from rpps_sync.directory.timeline import timeline
from rpps_sync.publication import ExtractKind
from rpps_sync.run_summary import Outcome
from rpps_sync.settings import Settings


def test_pages_read_the_same_from_both_kinds_of_database(settings: Settings, tmp_path: Path) -> None:
    """Two nights with tokens: trends, pages of findings and lives agree with what the other queries tell."""
    world, tokens = world_of(tmp_path, people=200, nights=2)
    settings = settings.model_copy(update=claims_of(world))
    assert [night_of(settings, world, tokens, day) for day in (1, 2)] == [Outcome.PUBLISHED] * 2
    with reading(settings.database) as connection:
        assert nights.pulse(connection)
        assert [night.day for night in nights.nights(connection)] == [date(2026, 11, 17), date(2026, 11, 18)]
        volumes = nights.volumes(connection)
        assert [one.seq for one in volumes] == [1, 2]
        assert set(volumes[-1].movement) == {"arrived", "departed", "changed"}
        assert 0.9 < volumes[-1].scores["score"] <= 1
        persons = str(ExtractKind.PERSONNE_ACTIVITE)
        assert sum(nights.lines_by(connection, persons, "department")[-1][1].values()) > 100
        assert "60" in nights.lines_by(connection, persons, "profession")[-1][1]
        held = nights.extracts(connection)[-1][1]
        assert set(held) == {str(kind) for kind in ExtractKind}
        assert held[persons]["lines"] > held[persons]["practitioners"] > 100

        people = moved.how_many(connection, 2)
        assert people == {kind: number for kind, number in nights.moves(connection)[2].items() if number}
        listed = moved.page(connection, 2, ChangeKind.CHANGED, limit=1000)
        assert len(listed) == people["changed"]
        assert moved.page(connection, 2, ChangeKind.CHANGED, limit=2, skip=1) == listed[1:3]
        assert all(one.fields for one in listed)
        assert moved.how_many(connection, 1) == {}
        (first, checks), _ = nights.check_results(connection)
        assert first.outcome == Outcome.PUBLISHED
        assert "transport.whole" in {check["name"] for check in checks}

        every = findings.find(connection)
        assert finding_pages.how_many(connection, Filters()) == len(every) > 3
        pages = [finding_pages.page(connection, Filters(), limit=2, skip=skip) for skip in range(0, len(every), 2)]
        assert {one.judgement.id for page in pages for one in page} == {one.judgement.id for one in every}
        authority = max(one.judgement.registration_authority for one in every)
        of_it = [one for one in every if one.judgement.registration_authority == authority]
        assert finding_pages.how_many(connection, Filters(authority=authority)) == len(of_it)
        for grouping in Grouping:
            assert sum(one.findings for one in finding_pages.tallies(connection, grouping)) == len(every)
        assert finding_pages.was_judged(connection, every[0].judgement.national_id)

        changed = connection.execute(select(FORMER_VERSIONS.c.national_id).limit(1)).scalar_one()
        life = timeline(connection, changed)
        assert [moment.seq for moment in life] == [seq for seq, _ in versions_of(connection, changed)][::-1]
        assert life[-1].kind is ChangeKind.ARRIVED
        assert life[0].changes or life[0].kind is ChangeKind.DEPARTED
