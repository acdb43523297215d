"""Subscribers from publication to receiver: everything, in order, whoever is killed, late or started twice."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from databases import reading, writing
from extract_builder import hospital, person
from pipelines import subscribers
from pipelines.alerting import Look, check
from pipelines.subscribers import Round, deliver, try_out
from rpps_sync import clock
from rpps_sync.directory import incidents, webhooks
from rpps_sync.directory.search.filters import Filters
from rpps_sync.directory.tables import CHANGES, WEBHOOKS
from rpps_sync.directory.webhooks import State
from rpps_sync.errors import DirectoryError
from rpps_sync.webhooks import message, signing
from webhook_receiver import Posted, Receiver, receiving
from webhook_site import DAY, MINUTE, NOBODY, PA, START, Site, built, later


@pytest.fixture
def site(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Twelve people, told four at a time, on each kind of database."""
    with built(tmp_path, database_url, monkeypatch) as made:
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Who listens."""
    with receiving() as served:
        yield served


def test_a_subscriber_hears_of_every_change_once_and_in_order(site: Site, receiver: Receiver) -> None:
    """Night after night, from where it was; what it was sent is signed, and says from where to where it goes."""
    hook = site.subscribe(receiver)
    assert site.deliver() == Round(subscribers=1, messages=3, changes=12)
    later(site)
    assert site.deliver().changes == 12
    assert site.deliver() == Round()
    assert receiver.cursors == site.feed()
    assert len(receiver.posted) == len(receiver.taken) == 6
    assert [(one.data["since"], one.data["next"], one.data["more"]) for one in receiver.taken][:3] == [
        (0, 4, True), (4, 8, True), (8, 12, False),
    ]  # fmt: skip
    assert receiver.taken[1].id == f"msg_{hook}_4_8"
    assert receiver.taken[0].data["publication"] == "publication-1"
    assert site.hook(hook).cursor == 24


def test_nothing_overtakes_a_message_that_was_not_taken(site: Site, receiver: Receiver) -> None:
    """A receiver that fails gets the same message again, later each time, and the next one only after it."""
    hook = site.subscribe(receiver)

    def fail_second(one: Posted) -> None:
        receiver.answer = 500 if one.data["since"] == 4 else 204

    receiver.before_answer = fail_second
    assert site.deliver().failing == [hook]
    assert (site.hook(hook).cursor, site.hook(hook).failure) == (4, "the receiver 127.0.0.1 answered 500")
    assert site.deliver(START + MINUTE / 2) == Round()
    later(site)
    assert site.deliver(START + MINUTE).failing == [hook]
    assert site.deliver(START + 2 * MINUTE) == Round()  # the second pause is longer
    receiver.before_answer, receiver.answer = (lambda _: None), 204
    assert site.deliver(START + 3 * MINUTE).changes == 20
    assert [one.data["since"] for one in receiver.taken] == [0, 4, 4, 4, 8, 12, 16, 20]
    assert len({one.id for one in receiver.taken}) == 6
    assert site.hook(hook).failures == 0


def test_a_delivery_killed_between_two_messages_goes_on_where_it_was(
    site: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed with SIGKILL when a message was taken and not yet noted: that one comes twice, nothing is missing."""
    monkeypatch.setattr(message, "CHANGES_A_MESSAGE", 100)  # as in the process
    site.directory.publish({PA: [person(number, **hospital(1)) for number in range(250)]})
    site.subscribe(receiver)
    process = site.command("webhooks", "deliver", at=START)

    def kill(one: Posted) -> None:
        if one.data["since"] == 100:
            process.kill()
            process.wait()

    receiver.before_answer = kill
    process.communicate()
    receiver.before_answer = lambda _: None
    assert process.returncode == -signal.SIGKILL
    assert site.deliver(START + MINUTE / 2) == Round()  # the dead one's lease still holds
    assert site.deliver(START + MINUTE).changes == 150
    names = [one.id for one in receiver.taken]
    assert (len(names), names[1]) == (4, names[2])
    assert list(dict.fromkeys(receiver.cursors)) == site.feed()


def test_two_who_deliver_at_once_never_overtake_one_another(site: Site, receiver: Receiver) -> None:
    """The night, the scheduler and a person at the same time: one message is under way, and none comes twice."""
    site.subscribe(receiver)
    receiver.seconds = 0.05
    together = [threading.Thread(target=lambda: deliver(site.settings)) for _ in range(3)]
    for one in together:
        one.start()
    for one in together:
        one.join()
    assert receiver.most_at_once == 1
    assert receiver.cursors == site.feed()


def test_whoever_slept_beyond_its_lease_changes_nothing_any_more(site: Site, receiver: Receiver) -> None:
    """A machine suspended between taking and noting finds that another went on, and leaves the cursor alone."""
    hook = site.subscribe(receiver)
    with writing(site.url) as connection:
        sleeper = webhooks.take(connection, hook, START)
    assert sleeper is not None
    site.deliver(START + MINUTE)
    with writing(site.url) as connection:
        assert webhooks.delivered(connection, sleeper, 4, START + 2 * MINUTE, told=True) is None
        webhooks.not_delivered(connection, sleeper, "late", START + 2 * MINUTE, final=True)
    assert (site.hook(hook).cursor, site.hook(hook).state) == (12, State.ACTIVE)


def test_no_message_begins_that_could_outlive_its_lease(
    site: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was stopped, or read for long, lets go instead of sending beside another; nothing is lost."""
    site.subscribe(receiver)
    monkeypatch.setattr(subscribers, "BEGUN_WITHIN", -1.0)
    assert site.deliver().messages == 0
    monkeypatch.undo()
    assert site.deliver().changes == 12
    assert receiver.cursors == site.feed()


def test_a_week_of_failures_disables_and_nothing_is_lost_by_it(site: Site, receiver: Receiver) -> None:
    """Pauses grow to six hours; once enabled again, the subscriber hears of everything since."""
    hook = site.subscribe(receiver)
    at, pauses, state = START, [], State.ACTIVE
    while state is State.ACTIVE:
        with writing(site.url) as connection:
            taken = webhooks.take(connection, hook, at)
            assert taken is not None
            state = webhooks.not_delivered(connection, taken, "it answered 503", at, final=False)
        next_at = site.hook(hook).next_at
        assert next_at is not None
        pauses.append((next_at - at) // MINUTE)
        at = next_at
    assert pauses[:10] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360]
    assert timedelta(days=7) <= at - START < timedelta(days=7, hours=12)
    later(site)
    assert site.deliver(at) == Round()
    with clock.pinned(at), writing(site.url) as connection:
        webhooks.enable(connection, hook)
    assert site.deliver(at).changes == 24
    assert receiver.cursors == site.feed()


def test_a_day_of_failures_is_an_incident_that_closes_by_itself(site: Site, receiver: Receiver) -> None:
    """Nobody is woken for a receiver that restarts; somebody is told of one that stays away."""
    hook = site.subscribe(receiver)
    receiver.answer = 503

    def looked(at: datetime) -> Look:
        site.deliver(at)
        with clock.pinned(at):
            return check(site.settings)

    assert "subscribers" not in looked(START).opened
    assert "subscribers" in looked(START + DAY).opened
    with reading(site.url) as connection:
        told = [one for one in incidents.listed(connection, 9) if one["cause"] == "subscribers"]
    assert told[0]["symptoms"][0]["said"].startswith(f"dpi ({hook}): the receiver 127.0.0.1 answered 503; since")
    receiver.answer = 204
    assert "subscribers" in looked(START + 2 * DAY).closed


def test_a_feed_that_was_set_back_is_told_and_not_guessed_at(site: Site, receiver: Receiver) -> None:
    """After an older copy was put back, its cursors mean other changes: somebody has to say from where."""
    hook = site.subscribe(receiver)
    site.deliver()
    with writing(site.url) as connection:
        connection.execute(CHANGES.delete())
    assert site.deliver(START + DAY).disabled == [hook]
    assert "this feed ends at cursor 0" in site.hook(hook).failure


def test_while_a_secret_is_replaced_both_are_believed(site: Site, receiver: Receiver) -> None:
    """For a day the old one still opens; after it only the new one does."""
    hook, key = site.subscribe(receiver), signing.key_of(site.settings)
    old = receiver.secret
    with clock.pinned(START), writing(site.url) as connection:
        webhooks.renew(connection, hook, key_check=signing.check_of(key))
    site.deliver()
    one = receiver.taken[0]
    receiver.secret = signing.secret(key, hook, 2)
    assert receiver.verify(one.headers, one.body)
    later(site)
    site.deliver(START + DAY)
    assert len(receiver.taken) == 6
    receiver.secret = old
    last = receiver.posted[-1]
    assert not receiver.verify(last.headers, last.body)


def test_the_database_holds_no_secret_and_a_copy_of_it_posts_to_nobody(site: Site, receiver: Receiver) -> None:
    """Secrets are made of a key beside it; put on another machine, the same rows sign nothing."""
    hook = site.subscribe(receiver)
    key = signing.key_of(site.settings)
    assert (site.settings.home / signing.FILE).stat().st_mode & 0o777 == 0o600
    with reading(site.url) as connection:
        rows = repr(connection.execute(select(WEBHOOKS)).all())
    assert receiver.secret.removeprefix("whsec_") not in rows
    assert key.hex() not in rows
    elsewhere = site.settings.model_copy(update={"home": site.settings.home / "elsewhere"})
    with clock.pinned(START):
        assert deliver(elsewhere).failing == [hook]
    with pytest.raises(DirectoryError, match="not the one that the secret of 'dpi' was made of"):
        try_out(elsewhere, site.hook(hook))
    assert receiver.posted == []
    other = signing.key_of(elsewhere)
    with clock.pinned(START + DAY), writing(site.url) as connection:
        assert webhooks.renew(connection, hook, key_check=signing.check_of(other)).former_until is None
    receiver.secret = signing.secret(other, hook, 2)
    assert try_out(elsewhere, site.hook(hook)) == ""


def test_a_subscriber_hears_of_what_it_chose_and_moves_on_past_the_rest(site: Site, receiver: Receiver) -> None:
    """Another department's changes make no message, and are not looked at again."""
    with receiving() as far:
        here = site.subscribe(receiver, people=Filters(departments=("69",)), field="identity")
        there = site.subscribe(far, "far", people=Filters(departments=("13",)))
        later(site, without=NOBODY)
        site.deliver()
        assert far.posted == []
    assert {one["field"] for post in receiver.taken for one in post.data["changes"]} == {"identity.family_name"}
    assert (site.hook(here).cursor, site.hook(there).cursor) == (24, 24)
