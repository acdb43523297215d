"""The Python client that other applications import; it brings none of the engine's heavy libraries with it.

from rpps_sync.client import observe

userinfo = oauth.psc.userinfo(token=token)
observe(userinfo, id_token=token["id_token"])

``Client`` and ``AsyncClient`` ask a server (docs/api.md); httpx is imported when they are.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rpps_sync.client.observing import Counters, configure, counters, flush, observe

if TYPE_CHECKING:
    from rpps_sync.client.asking import AsyncClient, Client, Refused, Unknown, Unreachable

_ASKING = frozenset({"AsyncClient", "Client", "Refused", "Unknown", "Unreachable"})

__all__ = [
    "AsyncClient",
    "Client",
    "Counters",
    "Refused",
    "Unknown",
    "Unreachable",
    "configure",
    "counters",
    "flush",
    "observe",
]


def __getattr__(name: str) -> Any:
    """What asks, loaded when first wanted: who only observes into a folder needs no network."""
    if name in _ASKING:
        return getattr(import_module("rpps_sync.client.asking"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
