"""Whom a request was about, as the access log tells it: a name that only the holder of a secret finds again."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

FILE = "access-log.key"


def secret_of(home: Path) -> bytes:
    """The secret of this installation, made when first asked for; readable by its owner alone.

    Raises:
        OSError: it can be neither read nor made.
    """
    path = home / FILE
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{secrets.token_hex(4)}.part")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        with suppress(FileExistsError):  # another worker was first: its secret is the one
            os.link(draft, path)
        draft.unlink()
    return bytes.fromhex(path.read_text(encoding="ascii"))


def pseudonym(secret: bytes, national_id: str) -> str:
    """Sixteen hexadecimal digits that stand for somebody in the access log."""
    return hmac.new(secret, national_id.encode(), hashlib.sha256).hexdigest()[:16]
