"""``rpps-sync webhooks`` as an operator types it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from extract_builder import hospital, person
from rpps_sync.publication import ExtractKind
from small_directory import SmallDirectory
from webhook_receiver import Receiver, receiving

Command = Callable[..., Any]


@pytest.fixture
def lived(home: Path, embedded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallDirectory:
    """A home with one publication, whose operator allows receivers on this machine."""
    home.mkdir()
    shutil.copy(embedded, home / "rpps-sync.sqlite")
    monkeypatch.setenv("RPPS_SYNC_WEBHOOK_HOSTS", "127.0.0.1,dpi.chu.invalid")
    directory = SmallDirectory(tmp_path, f"sqlite:///{home / 'rpps-sync.sqlite'}")
    directory.publish({ExtractKind.PERSONNE_ACTIVITE: [person(number, **hospital(1)) for number in range(5)]})
    return directory


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Who listens."""
    with receiving() as served:
        yield served


def test_an_operator_subscribes_an_application_and_looks_after_it(
    lived: SmallDirectory, receiver: Receiver, rpps_sync: Command
) -> None:
    """Added, tried, delivered to, given another secret, and removed; each command tells people and machines."""
    added = rpps_sync("webhooks", "add", receiver.url, "--name", "dpi", "--since", "0", "--department", "69")
    assert added.code == 0, added.err
    receiver.secret = added.out.strip()
    assert receiver.secret.startswith("whsec_")
    assert "not shown again" in added.err
    (hook,) = rpps_sync("webhooks", "list", "--json").json
    assert (hook["filters"]["department"], hook["behind"]) == (["69"], 5)
    assert rpps_sync("webhooks", "test", hook["id"]).out == "delivered\n"
    assert rpps_sync("webhooks", "deliver").out == "5 changes in 1 messages delivered\n"
    assert rpps_sync("webhooks", "deliver", "--json").json["messages"] == 0
    told = rpps_sync("webhooks", "list").out
    assert "dpi" in told
    assert "department: 69" in told
    assert receiver.secret not in told
    renewed = rpps_sync("webhooks", "rotate", hook["id"], "--overlap", "0", "--json").json
    assert rpps_sync("webhooks", "test", hook["id"], "--json").json["failure"].endswith("answered 401")
    receiver.secret = renewed["secret"]
    assert rpps_sync("webhooks", "test", hook["id"]).code == 0
    assert rpps_sync("webhooks", "remove", hook["id"]).code == 0
    assert rpps_sync("webhooks", "list", "--json").json == []
    lived.engine.dispose()


def test_a_receiver_that_is_down_is_told_and_enabled_again(
    lived: SmallDirectory, receiver: Receiver, rpps_sync: Command
) -> None:
    """The list says why; enabling does not wait for the next attempt, and may start elsewhere."""
    added = rpps_sync("webhooks", "add", receiver.url, "--name", "pui", "--since", "2026-11-01", "--json").json
    receiver.secret, receiver.answer = added["secret"], 500
    assert rpps_sync("webhooks", "deliver").out.endswith(f"failing: {added['id']}\n")
    assert "answered 500" in rpps_sync("webhooks", "list").out
    failed = rpps_sync("webhooks", "test", added["id"])
    assert (failed.code, failed.out) == (1, "the receiver 127.0.0.1 answered 500\n")
    receiver.answer = 200
    assert rpps_sync("webhooks", "enable", added["id"], "--since", "3", "--json").json["behind"] == 2
    assert rpps_sync("webhooks", "deliver", "--json").json["changes"] == 2
    lived.engine.dispose()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("https://10.0.0.1/", "--name", "x"), "RPPS_SYNC_WEBHOOK_HOSTS"),
        (("https://nowhere.invalid/", "--name", "x"), "nowhere.invalid is not known here"),
        (("https://127.0.0.1/", "--name", " "), "needs a name"),
        (("https://127.0.0.1/", "--name", "x", "--since", "99"), "the feed ends at cursor 5"),
        (("https://127.0.0.1/", "--name", "x", "--id", "123"), "expected 11 digits"),
        (("https://127.0.0.1/", "--name", "x", "--profession", "astronaute"), "no profession is called"),
    ],
)
def test_a_subscriber_that_cannot_be_is_refused_with_the_reason(
    lived: SmallDirectory, rpps_sync: Command, arguments: tuple[str, ...], said: str
) -> None:
    """Nothing is entered, and the sentence says what to change."""
    answer = rpps_sync("webhooks", "add", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert "mend: " in answer.err
    assert rpps_sync("webhooks", "list", "--json").json == []
    lived.engine.dispose()


def test_nobody_subscribes_to_a_database_that_is_not_there(home: Path, rpps_sync: Command) -> None:
    """The command says what to run first, and leaves nothing behind."""
    answer = rpps_sync("webhooks", "add", "https://127.0.0.1/", "--name", "x")
    assert answer.code == 1
    assert "db upgrade" in answer.err
    assert not (home / "webhooks.key").exists()
