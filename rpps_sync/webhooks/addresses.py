"""Where messages may be sent: addresses of the Internet over TLS, and those inside that the operator names.

Whoever may enter a subscriber could otherwise have this server knock at doors that only it can reach (SSRF). A
name is therefore looked up once for each message, every address that it stands for is judged, and the connection
goes to the judged address: a name that leads elsewhere a second later changes nothing.
"""

from __future__ import annotations

import asyncio
import socket
import urllib.request
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

from rpps_sync.errors import UsageError

IP = IPv4Address | IPv6Address
MOST_CHARACTERS = 2_000
_NAT64 = IPv6Network("64:ff9b::/96")
_FORM = "write https://host/path, without user, password or #"


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the operator allows beside the Internet (``WEBHOOK_HOSTS``): names, endings of names, networks."""

    names: tuple[str, ...] = ()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of(cls, told: Iterable[str]) -> Allowed:
        """Read entries such as ``dpi.chu.example``, ``*.chu.example``, ``10.20.0.0/16``.

        Raises:
            UsageError: an entry is none of these.
        """
        names: list[str] = []
        networks: list[IPv4Network | IPv6Network] = []
        for entry in told:
            try:
                networks.append(ip_network(entry, strict=False))
            except ValueError as error:
                if "/" in entry or not entry.removeprefix("*."):
                    raise UsageError(
                        f"WEBHOOK_HOSTS: '{entry}' is neither a host nor a network",
                        mend="write dpi.chu.example, *.chu.example or 10.20.0.0/16",
                    ) from error
                names.append(entry.lower())
        return cls(tuple(names), tuple(networks))

    def permits(self, host: str, ip: IP) -> bool:
        """Whether messages for a host may go to an address."""
        real = embedded(ip)
        if real.is_global and not real.is_multicast:
            return True
        return any(real in network for network in self.networks) or any(_named(host, name) for name in self.names)


def _named(host: str, name: str) -> bool:
    return host.endswith(name[1:]) if name.startswith("*.") else host == name


def embedded(ip: IP) -> IP:
    """The address that another one stands for: IPv4 inside IPv6, by mapping, 6to4 or NAT64.

    >>> embedded(ip_address("::ffff:10.0.0.1")), embedded(ip_address("64:ff9b::a9fe:a9fe"))
    (IPv4Address('10.0.0.1'), IPv4Address('169.254.169.254'))
    """
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def parsed(text: str) -> httpx.URL:
    """The address of a receiver, if it has the form of one.

    Raises:
        UsageError: it has not; the message repeats none of it, as it may hold a secret.
    """
    try:
        url = httpx.URL(text.strip())
        port = url.port
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise UsageError("this is no address", mend=_FORM, reason="bad-address") from error
    readable = len(text) <= MOST_CHARACTERS and text.isprintable()
    if not (readable and url.scheme in ("https", "http") and url.host and (port is None or 0 < port < 65_536)):
        raise UsageError("this is no address of a receiver", mend=_FORM, reason="bad-address")
    if url.userinfo or url.fragment:
        raise UsageError(
            "an address with a user, a password or a # is not taken", mend=_FORM, reason="bad-address"
        )
    return url


async def looked_up(url: httpx.URL, allowed: Allowed) -> Sequence[IP]:
    """The addresses that messages for a receiver may go to.

    Raises:
        UsageError: its name is not known, it leads somewhere not allowed, or it is not encrypted.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(url.host, url.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UsageError(
            f"the name {url.host} is not known here", mend="check it, and the name server", reason="unknown-host"
        ) from error
    ips = list(dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))
    for ip in ips:
        _judge(url, ip, allowed)
    return ips


def _judge(url: httpx.URL, ip: IP, allowed: Allowed) -> None:
    if not allowed.permits(url.host, ip):
        where = "" if url.host == str(ip) else f" is at {ip}, which"
        raise UsageError(
            f"{url.host}{where} is not on the Internet, and RPPS_SYNC_WEBHOOK_HOSTS does not name it",
            mend=f"if it is meant, add {url.host} or its network to RPPS_SYNC_WEBHOOK_HOSTS (docs/webhooks.md)",
            reason="address-not-allowed",
        )
    if url.scheme == "http" and not embedded(ip).is_loopback:
        raise UsageError(
            f"messages to {url.host} would not be encrypted",
            mend="write https://; http:// is for this machine alone",
            reason="not-encrypted",
        )


def proxy_of(url: httpx.URL) -> str | None:
    """The proxy that the environment sets for a host (``HTTPS_PROXY``, ``NO_PROXY``); none for bare addresses."""
    proxies = urllib.request.getproxies_environment()
    if urllib.request.proxy_bypass_environment(url.host, proxies):  # type: ignore[attr-defined] # not in its stubs
        return None
    try:
        ip_address(url.host)
    except ValueError:
        return proxies.get(url.scheme)
    return None


async def check(text: str, allowed: Allowed) -> httpx.URL:
    """An address that messages may be sent to, as far as this machine can tell.

    Raises:
        UsageError: it is none.
    """
    url = parsed(text)
    if proxy_of(url) is None:
        await looked_up(url, allowed)
    elif url.scheme != "https":
        raise UsageError("messages would not be encrypted", mend="write https://", reason="not-encrypted")
    return url
