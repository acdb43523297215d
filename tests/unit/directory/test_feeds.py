from datetime import date
from typing import Any

from extract_builder import hospital, person
from rpps_sync.directory.engine import reading
from rpps_sync.directory.feeds import EVERYBODY, Counted, Feed, authority_of, counted
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory

PA, SF, MSS = ExtractKind.PERSONNE_ACTIVITE, ExtractKind.SAVOIRFAIRE, ExtractKind.MSSANTE
NURSES, ALL_NURSES = Feed("CNOI", "60"), Feed("CNOI")


def nurse(number: int, **values: str) -> dict[str, str]:
    """A nurse whom her Order registered."""
    return person(number, registration_authority="CNOI/CNOI/CNOI", **hospital(1)) | values


def _last(directory: SmallDirectory) -> Counted:
    with reading(directory.engine) as connection:
        return counted(connection, 10)[-1]


def test_the_first_publication_counts_no_change(directory: SmallDirectory) -> None:
    """Everybody arrives on the first night: nothing of it is a change, and nothing is kept."""
    directory.publish({PA: [nurse(1)]})
    with reading(directory.engine) as connection:
        assert counted(connection, 10) == []


def test_a_quiet_night_was_counted_all_the_same(directory: SmallDirectory) -> None:
    """A publication that changes nobody leaves a row that says so: zero is not unknown."""
    directory.publish({PA: [nurse(1)]})
    directory.publish({PA: [nurse(1)]})
    last = _last(directory)
    assert (last.changes, last.follows, last.day) == ({Feed(EVERYBODY): 0}, date(2026, 11, 1), date(2026, 11, 2))


def test_arrivals_departures_and_changes_are_counted_once_each(directory: SmallDirectory) -> None:
    """A nurse who comes, one who goes and one who moves twice in a night are three practitioners of the feed."""
    directory.publish({PA: [nurse(1), nurse(2), nurse(3)]})
    moved = [nurse(3, mode="L"), nurse(3, **hospital(2))]
    directory.publish({PA: [nurse(1), *moved, nurse(4)]})
    assert _last(directory).changes == {Feed(EVERYBODY): 3, ALL_NURSES: 3, NURSES: 3}


def test_a_corrected_hospital_is_not_the_orders_doing(directory: SmallDirectory) -> None:
    """The telephone of a hospital comes from another chain: it must not hide that the Order sends nothing."""
    directory.publish({PA: [nurse(1), nurse(2)]})
    directory.publish({PA: [nurse(1, phone="0472000001"), nurse(2, phone="0472000001")]})
    assert _last(directory).changes == {Feed(EVERYBODY): 2}


def test_a_new_mailbox_is_not_the_orders_doing(directory: SmallDirectory) -> None:
    """Mailboxes come from their operators."""
    directory.publish({PA: [nurse(1)], MSS: []})
    directory.publish({PA: [nurse(1)], MSS: [person(1, mailbox_type="PER", address="camille@mss.invalid")]})
    assert _last(directory).changes == {Feed(EVERYBODY): 1}


def test_a_new_skill_comes_through_the_feed_of_its_profession(directory: SmallDirectory) -> None:
    """Somebody of two professions and two authorities who gains a skill in one changes that feed alone."""
    lines: list[Any] = [nurse(1), person(1, profession="10", registration_authority="CNOM/CNOM/ARS", mode="L")]
    directory.publish({PA: lines, SF: []})
    directory.publish({PA: lines, SF: [person(1, profession="10", skill_type="S", skill="SM26")]})
    changes = _last(directory).changes
    assert changes == {Feed(EVERYBODY): 1, Feed("CNOM"): 1, Feed("CNOM", "10"): 1}


def test_a_married_name_comes_through_every_feed_of_its_bearer(directory: SmallDirectory) -> None:
    """Identity has no authority of its own: those who register the person send it."""
    lines = [nurse(1), person(1, profession="93", registration_authority="ARS/ARS/ARS")]
    directory.publish({PA: lines})
    directory.publish({PA: [line | {"family_name": "AUTRE EXEMPLE"} for line in lines]})
    assert {feed for feed in _last(directory).changes if feed.profession} == {NURSES, Feed("ARS", "93")}


def test_authorities_are_known_by_the_acronym_they_start_with() -> None:
    """What names nobody, or is no acronym, is no authority: a shifted column makes no feed."""
    assert authority_of("CNOP/CNOP/ARS + CNOP") == "CNOP"
    assert [authority_of(text) for text in ("//", "", "12 RUE DE LA PAIX", "A" * 40, "cnom/cnom")] == [""] * 5
