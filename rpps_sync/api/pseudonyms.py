"""Whom a request was about, as the access log tells it: a name that only the holder of a secret finds again."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from rpps_sync.secret_file import kept_secret

FILE = "access-log.key"


def secret_of(home: Path) -> bytes:
    """The secret of this installation, made when first asked for; readable by its owner alone.

    Raises:
        OSError: it can be neither read nor made.
    """
    return kept_secret(home / FILE)


def pseudonym(secret: bytes, national_id: str) -> str:
    """Sixteen hexadecimal digits that stand for somebody in the access log."""
    return hmac.new(secret, national_id.encode(), hashlib.sha256).hexdigest()[:16]
