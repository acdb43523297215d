"""The secret of each subscriber, and what is signed with it (https://www.standardwebhooks.com).

No secret is stored. Each is made anew, when it is needed, of the key of this installation (a file that its owner
alone reads), of the subscriber and of the number of its secret: a copy of the database opens nothing, and put on
another machine it posts to nobody.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from standardwebhooks.webhooks import Webhook as Signer

from rpps_sync.directory.webhooks import Webhook
from rpps_sync.errors import DirectoryError, StorageError
from rpps_sync.secret_file import kept_secret
from rpps_sync.settings import Settings

FILE = "webhooks.key"


def key_file(settings: Settings) -> Path:
    """Where the key of this installation is."""
    return settings.webhook_key_file or settings.home / FILE


def key_of(settings: Settings) -> bytes:
    """The key of this installation, made when first asked for.

    Raises:
        StorageError: it can be neither read nor made.
    """
    path = key_file(settings)
    try:
        return kept_secret(path)
    except (OSError, ValueError) as error:
        raise StorageError(
            f"the key of the webhooks, {path}, can be neither read nor made",
            mend="give it to this account alone (chmod 600), or put it back from a copy",
            reason="webhook-key",
        ) from error


def check_of(key: bytes) -> str:
    """Tells a key from another, and tells nothing of it."""
    return hmac.new(key, b"check", hashlib.sha256).hexdigest()[:32]


def refuse_other_key(key: bytes, webhook: Webhook) -> None:
    """Sign for nobody with a key that their secret was not made of.

    Raises:
        DirectoryError: this is such a key.
    """
    if not hmac.compare_digest(webhook.key_check, check_of(key)):
        raise DirectoryError(
            f"the key of the webhooks here is not the one that the secret of '{webhook.name}' was made of",
            mend=f"put the file back from a copy, or 'rpps-sync webhooks rotate {webhook.id}' for a new secret",
            reason="webhook-key",
        )


def secret(key: bytes, webhook_id: str, version: int) -> str:
    """The secret that a subscriber checks signatures with: ``whsec_`` and 32 bytes in base64."""
    made = hmac.new(key, f"secret {webhook_id} {version}".encode(), hashlib.sha256).digest()
    return f"whsec_{base64.b64encode(made).decode()}"


def headers(key: bytes, webhook: Webhook, message_id: str, body: bytes, *, at: datetime) -> Mapping[str, str]:
    """The headers that prove a message; while a secret is being replaced, both sign.

    Args:
        key: of this installation.
        webhook: the subscriber.
        message_id: the same each time that the message is tried.
        body: what is sent, to the byte.
        at: the instant as far as secrets are concerned.
    """
    replacing = webhook.former_until is not None and at < webhook.former_until
    versions = (webhook.secret_version, webhook.secret_version - 1)[: 2 if replacing else 1]
    sent = datetime.now(UTC)  # what receivers compare with their clocks, were this night a simulated one
    signatures = [
        Signer(secret(key, webhook.id, version)).sign(message_id, sent, body.decode()) for version in versions
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(sent.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
