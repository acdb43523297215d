"""Whom a request was about, as the access log tells it: a name that only the holder of a secret finds again."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

FILE = "access-log.key"


def secret_of(home: Path) -> bytes:
    """The secret of this installation, made when first asked for; readable by its owner alone.

    Raises:
        OSError: it can be neither read nor made.
    """
    path = home / FILE
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(path.read_text(encoding="ascii"))
    draft = secrets.token_hex(32)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(draft)
    return bytes.fromhex(draft)


def pseudonym(secret: bytes, national_id: str) -> str:
    """Sixteen hexadecimal digits that stand for somebody in the access log."""
    return hmac.new(secret, national_id.encode(), hashlib.sha256).hexdigest()[:16]
