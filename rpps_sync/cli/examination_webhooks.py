"""What ``doctor`` finds about subscribers of the change feed, and about the key that their secrets are made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rpps_sync.cli.symptom import Symptom
from rpps_sync.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from rpps_sync.settings import Settings


def examine_webhooks(settings: Settings, connection: Connection) -> Iterator[Symptom]:
    """Who does not take messages any more, and whether they can be signed at all."""
    from rpps_sync.clock import now
    from rpps_sync.directory import webhooks

    for hook in webhooks.refused(connection, now()):
        mend = f"mend the receiver, 'rpps-sync webhooks test {hook['id']}', then 'enable': nothing was lost"
        lost = hook["state"] == "disabled"
        seen = f"{'disabled, ' if lost else ''}failing since {hook['failing_since']}: {hook['failure']}"
        yield Symptom(f"webhook {hook['name']}", "wrong" if lost else "warn", seen, mend)
    if checks := {hook.key_check for hook in webhooks.every(connection)}:
        yield from _key(settings, checks)


def _key(settings: Settings, checks: set[str]) -> Iterator[Symptom]:
    from rpps_sync.webhooks import signing

    path = signing.key_file(settings)
    mend = f"put {path} back from a copy, or 'rpps-sync webhooks rotate' for new secrets"
    if not path.is_file():
        yield Symptom("webhook key", "wrong", f"{path} is not there: nothing can be signed", mend)
        return
    try:
        own = signing.check_of(signing.key_of(settings))
    except StorageError as error:
        yield Symptom("webhook key", "wrong", error.what, error.mend)
        return
    if checks != {own}:
        yield Symptom("webhook key", "wrong", f"{path} is not the key that secrets were made of", mend)
    if path.stat().st_mode & 0o077:
        yield Symptom("webhook key", "warn", f"others may read or write {path}", f"chmod 600 {path}")
