"""Webhooks from end to end: publications, subscribers in the database, real receivers that check signatures."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from standardwebhooks.webhooks import WebhookVerificationError

from databases import reading, writing
from extract_builder import hospital, national_id, person
from mail_server import certificate
from pipelines import subscribers
from pipelines.alerting import Look, check
from pipelines.subscribers import Round, after_night, deliver, try_out
from rpps_sync import clock
from rpps_sync.directory import changes, incidents, webhooks
from rpps_sync.directory.choice import Choice
from rpps_sync.directory.search.filters import Filters
from rpps_sync.directory.tables import CHANGES, WEBHOOKS
from rpps_sync.directory.webhooks import State, Webhook
from rpps_sync.errors import DirectoryError
from rpps_sync.publication import ExtractKind
from rpps_sync.settings import Settings, load
from rpps_sync.webhooks import message, posting, signing
from small_directory import SmallDirectory
from webhook_receiver import Posted, Receiver, receiving

PA = ExtractKind.PERSONNE_ACTIVITE
START = clock.parse_instant("2026-11-20T06:00:00Z")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NOBODY = -1
GUIDE = Path(__file__).parents[2] / "docs" / "webhooks.md"


@dataclass
class Site:
    """A directory, its settings, and who subscribes to it."""

    directory: SmallDirectory
    settings: Settings
    url: str
    hooks: dict[str, str] = field(default_factory=dict)

    def subscribe(self, receiver: Receiver, name: str = "dpi", *, since: int = 0, **choice: Any) -> str:
        """Enter a receiver, and hand it the secret."""
        key = signing.key_of(self.settings)
        with clock.pinned(START), writing(self.url) as connection:
            made = webhooks.create(
                connection,
                name,
                receiver.url,
                Choice(**choice),
                cursor=since,
                key_check=signing.check_of(key),
                by="tests",
            )
        receiver.secret = signing.secret(key, made.id, 1)
        return made.id

    def deliver(self, at: datetime = START, **more: Any) -> Round:
        """A delivery at an instant."""
        with clock.pinned(at):
            return deliver(self.settings, **more)

    def hook(self, webhook_id: str) -> Webhook:
        """A subscriber as the database has it."""
        with reading(self.url) as connection:
            return webhooks.get(connection, webhook_id)

    def feed(self) -> list[int]:
        """Every cursor of the feed."""
        with reading(self.url) as connection:
            return [row["cursor"] for row in changes.feed(connection)]

    def command(self, *arguments: str, at: datetime) -> subprocess.Popen[str]:
        """Our own command, in a process of its own."""
        variables = {
            "RPPS_SYNC_HOME": str(self.settings.home),
            "RPPS_SYNC_DATABASE_URL": self.url,
            "RPPS_SYNC_WEBHOOK_HOSTS": "127.0.0.1",
            "RPPS_SYNC_NOW": clock.iso(at),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "rpps_sync", *arguments],
            env={**os.environ, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def site(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Twelve people, told four at a time, on each kind of database."""
    with built(tmp_path, database_url, monkeypatch) as made:
        yield made


@pytest.fixture
def embedded_site(tmp_path: Path, embedded: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The same on SQLite alone: for what happens on the way to the receiver."""
    file = shutil.copy(embedded, tmp_path / "directory.sqlite")
    with built(tmp_path, f"sqlite:///{file}", monkeypatch) as made:
        yield made


@contextmanager
def built(folder: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A directory, and settings that allow receivers on this machine."""
    monkeypatch.setattr(message, "CHANGES_A_MESSAGE", 4)
    directory = SmallDirectory(folder, url)
    directory.publish({PA: [person(number, **hospital(1)) for number in range(12)]})
    yield Site(directory, load(home=folder / "home", database_url=url, webhook_hosts=("127.0.0.1",)), url)
    directory.engine.dispose()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Who listens."""
    with receiving() as served:
        yield served


def later(site: Site, *, without: int = 0) -> None:
    """Another publication: a name changed for everybody, and somebody gone."""
    site.directory.publish(
        {PA: [person(number, family_name="AUTRE", **hospital(1)) for number in range(12) if number != without]}
    )


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


def test_a_message_that_was_forged_altered_or_kept_is_not_believed(
    embedded_site: Site, receiver: Receiver
) -> None:
    """Another secret, another body, another name, a signature of ten minutes ago: the library refuses each."""
    embedded_site.subscribe(receiver)
    embedded_site.deliver()
    real = receiver.taken[0]
    assert receiver.verify(real.headers, real.body)
    old = str(int(real.headers["webhook-timestamp"]) - 600)
    for changed in ({"webhook-id": "msg_other"}, {"webhook-timestamp": old}, {"webhook-signature": "v1,AAAA"}):
        assert not receiver.verify({**real.headers, **changed}, real.body)
    assert not receiver.verify(real.headers, real.body.replace(b"EXEMPLE", b"EXAMPLE"))
    receiver.secret = signing.secret(b"another key", "x", 1)
    assert not receiver.verify(real.headers, real.body)


def test_the_receiver_of_the_guide_believes_what_is_real_and_nothing_else(
    embedded_site: Site, receiver: Receiver
) -> None:
    """The lines of docs/webhooks.md, as they are printed there."""
    embedded_site.subscribe(receiver)
    embedded_site.deliver()
    applied: list[int] = []
    guide: dict[str, Any] = {"apply": lambda change: applied.append(change["cursor"])}
    (lines,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    exec(lines.replace("whsec_…", receiver.secret), guide)  # noqa: S102 - our own page
    for one in receiver.taken:
        guide["received"](one.body, one.headers)
    assert applied == embedded_site.feed()
    with pytest.raises(WebhookVerificationError):
        guide["received"](receiver.taken[0].body + b" ", receiver.taken[0].headers)


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


def test_a_receiver_that_takes_its_time_holds_neither_the_others_nor_the_night(
    embedded_site: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is cut off; the other subscriber has everything by then, and the night goes on within its time."""
    monkeypatch.setattr(posting, "SECONDS", 0.4)
    monkeypatch.setattr(subscribers, "NIGHT_SECONDS", 5.0)
    with receiving() as slow:
        slow.seconds = 1.5
        hook = embedded_site.subscribe(slow, "slow")
        embedded_site.subscribe(receiver, "quick")
        before = time.monotonic()
        with clock.pinned(START):
            after_night(embedded_site.settings)
        assert time.monotonic() - before < 4
        assert embedded_site.hook(hook).failure == "the receiver 127.0.0.1 did not answer within 0.4 s"
    assert receiver.cursors == embedded_site.feed()


def test_the_night_begins_no_message_after_its_time(embedded_site: Site, receiver: Receiver) -> None:
    """What is left is for the next delivery, which need not wait for a lease."""
    hook = embedded_site.subscribe(receiver)
    receiver.seconds = 0.2
    assert 0 < embedded_site.deliver(seconds=0.1).messages < 3
    assert 0 < embedded_site.hook(hook).cursor < 12
    receiver.seconds = 0
    embedded_site.deliver()
    assert receiver.cursors == embedded_site.feed()


def test_a_night_does_not_fail_with_its_subscribers(embedded_site: Site, receiver: Receiver) -> None:
    """Be it the receiver, or our own key that nobody can read."""
    embedded_site.subscribe(receiver)
    (embedded_site.settings.home / signing.FILE).write_text("no key")
    after_night(embedded_site.settings)
    assert receiver.posted == []


def test_a_redirect_is_not_followed(embedded_site: Site, receiver: Receiver) -> None:
    """What is sent goes to the address that was entered and judged, and to no other."""
    with receiving() as elsewhere:
        hook = embedded_site.subscribe(receiver)
        receiver.answer, receiver.headers = 307, {"Location": elsewhere.url}
        assert embedded_site.deliver().failing == [hook]
        assert elsewhere.posted == []
    assert "redirects are not followed" in embedded_site.hook(hook).failure


def test_a_certificate_that_nobody_vouches_for_is_refused_and_that_of_the_house_taken(
    embedded_site: Site, tmp_path: Path
) -> None:
    """Receivers inside bear certificates of an authority of their own, which a setting names."""
    (folder := tmp_path / "tls").mkdir()
    authority = certificate(folder)
    with receiving(authority) as inside:
        hook = embedded_site.subscribe(inside)
        assert embedded_site.deliver().failing == [hook]
        assert "RPPS_SYNC_WEBHOOK_CA_FILE" in embedded_site.hook(hook).failure
        assert inside.posted == []
        trusting = embedded_site.settings.model_copy(update={"webhook_ca_file": authority})
        with clock.pinned(START + MINUTE):
            assert deliver(trusting).changes == 12


def test_an_address_that_is_no_longer_allowed_gets_nothing(embedded_site: Site, receiver: Receiver) -> None:
    """The rule holds at each delivery, not only when a subscriber is entered."""
    hook = embedded_site.subscribe(receiver)
    with clock.pinned(START):
        deliver(embedded_site.settings.model_copy(update={"webhook_hosts": ()}))
    assert receiver.posted == []
    assert "RPPS_SYNC_WEBHOOK_HOSTS" in embedded_site.hook(hook).failure


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


def test_a_receiver_says_when_to_come_back_and_when_not_to(embedded_site: Site, receiver: Receiver) -> None:
    """Retry-After is kept to, within reason; 410 ends it at once."""
    hook = embedded_site.subscribe(receiver)
    receiver.answer, receiver.headers = 429, {"Retry-After": "3600"}
    embedded_site.deliver()
    assert embedded_site.hook(hook).next_at == START + timedelta(hours=1)
    receiver.answer = 410
    assert embedded_site.deliver(START + timedelta(hours=1)).disabled == [hook]


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


def test_values_of_who_left_are_in_no_message(embedded_site: Site, receiver: Receiver) -> None:
    """Nobody has to be told where somebody was who may be hiding; that they left is told."""
    later(embedded_site, without=3)
    embedded_site.subscribe(receiver)
    embedded_site.deliver()
    hers = [one for post in receiver.taken for one in post.data["changes"] if one["national_id"] == national_id(3)]
    assert [(one["kind"], one["before"], one["after"], one["document"]) for one in hers] == [
        ("arrived", None, None, None),
        ("departed", None, None, None),
    ]


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


def test_messages_stay_small_enough_for_what_stands_before_receivers(
    embedded_site: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fewer changes go into a message rather than a message that a reverse proxy refuses for ever."""
    monkeypatch.setattr(message, "MOST_BYTES", 1_500)
    embedded_site.subscribe(receiver)
    embedded_site.deliver()
    assert receiver.cursors == embedded_site.feed()
    assert max(len(one.body) for one in receiver.taken) <= 1_500
    assert len(receiver.taken) > 3


def test_a_trial_message_is_signed_and_moves_nothing(embedded_site: Site, receiver: Receiver) -> None:
    """It tells whether the way, the certificate and the secret are right."""
    hook = embedded_site.subscribe(receiver)
    assert try_out(embedded_site.settings, embedded_site.hook(hook)) == ""
    receiver.secret = "whsec_AAAA"
    assert try_out(embedded_site.settings, embedded_site.hook(hook)) == "the receiver 127.0.0.1 answered 401"
    assert [one.believed for one in receiver.posted] == [True, False]
    assert embedded_site.hook(hook).cursor == 0
