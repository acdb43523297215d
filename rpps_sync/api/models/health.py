"""Whether there is a server, and something to serve."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class Alive(BaseModel):
    """The process answers. / Le processus répond."""

    status: Literal["alive"]
    version: str


class Ready(BaseModel):
    """Whether there is something good to serve. / Y a-t-il de quoi répondre ?"""

    status: Literal["ready", "stale", "empty", "unavailable"]
    detail: str
    publication: str | None
    published_at: str | None
    age_seconds: int | None
