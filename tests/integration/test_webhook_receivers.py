"""The way to receivers: what is signed, to whom it goes, and what a bad receiver cannot do."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from extract_builder import national_id
from mail_server import certificate
from pipelines import subscribers
from pipelines.subscribers import after_night, deliver, try_out
from rpps_sync import clock
from rpps_sync.webhooks import message, posting, signing
from webhook_receiver import Receiver, receiving
from webhook_site import MINUTE, START, Site, built, later

GUIDE = Path(__file__).parents[2] / "docs" / "webhooks.md"


@pytest.fixture
def embedded_site(tmp_path: Path, embedded: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The same on SQLite alone: for what happens on the way to the receiver."""
    file = shutil.copy(embedded, tmp_path / "directory.sqlite")
    with built(tmp_path, f"sqlite:///{file}", monkeypatch) as made:
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Who listens."""
    with receiving() as served:
        yield served


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


def test_a_receiver_says_when_to_come_back_and_when_not_to(embedded_site: Site, receiver: Receiver) -> None:
    """Retry-After is kept to, within reason; 410 ends it at once."""
    hook = embedded_site.subscribe(receiver)
    receiver.answer, receiver.headers = 429, {"Retry-After": "3600"}
    embedded_site.deliver()
    assert embedded_site.hook(hook).next_at == START + timedelta(hours=1)
    receiver.answer = 410
    assert embedded_site.deliver(START + timedelta(hours=1)).disabled == [hook]


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
