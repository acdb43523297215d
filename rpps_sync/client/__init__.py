"""The Python client that other applications import; it brings none of the engine's heavy libraries with it.

from rpps_sync.client import observe

userinfo = oauth.psc.userinfo(token=token)
observe(userinfo, id_token=token["id_token"])
"""

from rpps_sync.client.observing import Counters, configure, counters, flush, observe

__all__ = ["Counters", "configure", "counters", "flush", "observe"]
