"""How long somebody stays signed in: signed cookies for keys, an end for everybody.

The secret of the signatures is made when the application starts and kept nowhere: a restart signs everybody out.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from threading import Lock

from itsdangerous import BadSignature, URLSafeTimedSerializer

COOKIE = "rpps_sync_session"


@dataclass(frozen=True, slots=True)
class Session:
    """What a cookie says: which session of which key."""

    id: str
    key_id: str


class Sessions:
    """The sessions of one running application.

    Args:
        hours: after which one must sign in again.
    """

    def __init__(self, hours: int) -> None:
        self.seconds = hours * 3600
        secret = secrets.token_urlsafe(32)
        self._signer = URLSafeTimedSerializer(secret, salt="key session")
        self._ends = URLSafeTimedSerializer(secret, salt="end of a session")
        self._ended: dict[str, float] = {}
        self._ending = Lock()

    def begin(self, key_id: str) -> str:
        """The cookie of a new session; it holds no secret of the key."""
        return str(self._signer.dumps([secrets.token_urlsafe(9), key_id]))

    def read(self, cookie: str) -> Session | None:
        """The session of a cookie; None when it is not ours, too old, or was ended."""
        try:
            session_id, key_id = self._signer.loads(cookie, max_age=self.seconds)
        except BadSignature:
            return None
        return None if session_id in self._ended else Session(session_id, key_id)

    def goes_on(self, session_id: str, began: float) -> bool:
        """Whether a session of the identity provider, begun at that Unix time, is neither too old nor ended."""
        return session_id not in self._ended and time.time() - began < self.seconds

    def end(self, session_id: str) -> None:
        """End a session at once, in every tab, whatever cookies come back."""
        now = time.time()
        with self._ending:
            self._ended = {one: at for one, at in self._ended.items() if now - at < self.seconds} | {
                session_id: now
            }

    def ticket(self, session_id: str) -> str:
        """What the way out of a page carries: the page alone could make it."""
        return str(self._ends.dumps(session_id))

    def end_by(self, ticket: str) -> bool:
        """End the session that a ticket is for; whether it was one of ours."""
        try:
            self.end(self._ends.loads(ticket))
        except BadSignature:
            return False
        return True
