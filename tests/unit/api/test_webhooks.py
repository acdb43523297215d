"""Subscribers entered and looked after over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api_site import EVENING, Site
from api_site import site as site_of
from pipelines.subscribers import deliver
from rpps_sync import clock
from rpps_sync.api.models import Webhooks, WebhookWithSecret
from rpps_sync.directory import webhooks
from rpps_sync.directory.engine import writing
from webhook_receiver import Receiver, receiving


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Iterator[Site]:
    """The API of an operator who allows receivers on this machine, on both kinds of database."""
    with site_of(tmp_path, database_url, webhook_hosts=("127.0.0.1",)) as built:
        yield built


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Who listens."""
    with receiving() as served:
        yield served


def subscribed(site: Site, receiver: Receiver, **more: Any) -> WebhookWithSecret:
    """A new subscriber."""
    answer = site.post("/v1/webhooks", json={"name": "dpi", "url": receiver.url} | more, scope="admin")
    assert answer.status_code == 201, answer.text
    told = WebhookWithSecret.model_validate_json(answer.content)
    receiver.secret = told.secret
    return told


def test_an_application_is_subscribed_tried_told_and_removed(site: Site, receiver: Receiver) -> None:
    """From the first request to the last; the secret is in the first answer alone."""
    hook = subscribed(site, receiver, since="0", filters={"department": ["69"], "profession": ["Infirmier"]})
    assert (hook.filters.profession, hook.created_by, hook.behind) == (["60"], "admin", 33)
    path = f"/v1/webhooks/{hook.id}"
    assert site.post(f"{path}/test", scope="admin").json() == {"delivered": True, "failure": ""}
    assert deliver(site.app.state.house.settings).changes == 32  # of who left, the departure alone
    listed = site.get("/v1/webhooks", scope="admin")
    (one,) = Webhooks.model_validate_json(listed.content).webhooks
    assert (one.cursor, one.behind, one.failures) == (33, 0, 0)
    assert hook.secret not in listed.text + site.get(path, scope="admin").text
    assert site.ask("DELETE", path, scope="admin").status_code == 204
    assert site.get(path, scope="admin").status_code == 404


def test_a_new_secret_and_a_new_start(site: Site, receiver: Receiver) -> None:
    """What was disabled goes on from where somebody says, signed with the new secret too."""
    hook = subscribed(site, receiver, since="0")
    path = f"/v1/webhooks/{hook.id}"
    with writing(site.directory.engine) as connection:
        taken = webhooks.take(connection, hook.id, clock.now())
        assert taken is not None
        webhooks.not_delivered(connection, taken, "gone", clock.now(), final=True)
    assert site.get(path, scope="admin").json()["state"] == "disabled"
    receiver.secret = site.post(f"{path}/rotate", scope="admin").json()["secret"]
    assert receiver.secret != hook.secret
    again = site.post(f"{path}/enable", json={"since": "2026-11-02"}, scope="admin").json()
    assert (again["state"], again["cursor"], again["behind"]) == ("active", 30, 3)
    assert deliver(site.app.state.house.settings).changes == 3
    assert len(receiver.taken) == 1


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://10.1.2.3/hook", "address-not-allowed"),
        ("https://169.254.169.254/latest/meta-data", "address-not-allowed"),
        ("https://[::ffff:10.0.0.1]/", "address-not-allowed"),
        ("https://0x7f.1/", "address-not-allowed"),
        ("http://1.1.1.1/", "not-encrypted"),
        ("https://u:p@dpi.example.org/", "bad-address"),
        ("ftp://dpi.example.org/", "bad-address"),
        ("https://", "bad-address"),
    ],
)
def test_a_key_of_the_api_opens_no_door_inside(embedded_site: Site, url: str, reason: str) -> None:
    """Addresses that only this server can reach are refused, however they are written; nothing is asked there."""
    answer = embedded_site.post("/v1/webhooks", json={"name": "x", "url": url}, scope="admin")
    assert (answer.status_code, answer.json()["reason"]) == (422, reason)
    assert answer.json()["errors"][0]["field"] == "body.url"


def test_filters_and_cursors_that_mean_nothing_are_named(site: Site, receiver: Receiver) -> None:
    """A subscriber that would never hear of anything is refused at once."""
    body = {"name": "dpi", "url": receiver.url}
    for more, field in (
        ({"since": "never"}, "body.since"),
        ({"since": "99999999"}, "body"),
        ({"filters": {"id": "1"}}, "body.filters.id"),
        ({"filters": {"profession": ["astronaute"]}}, "body"),
        ({"filters": {"kind": ["moved"]}}, "body.filters.kind.0"),
    ):
        answer = site.post("/v1/webhooks", json=body | more, scope="admin")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), answer.text
    assert site.get("/v1/webhooks", scope="admin").json() == {"webhooks": []}
    assert clock.now() == EVENING
