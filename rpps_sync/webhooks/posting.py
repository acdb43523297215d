"""Sending a message once, to an address that was judged, within a time that no receiver can stretch."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

import httpx

from rpps_sync import __version__
from rpps_sync.alerts.delivery import DeliveryFailed
from rpps_sync.errors import UsageError
from rpps_sync.webhooks.addresses import IP, Allowed, looked_up, parsed, proxy_of

SECONDS = 20.0  # for one message, whatever the receiver does meanwhile
CONNECT_SECONDS = 5.0
_FIXED = {"Content-Type": "application/json", "User-Agent": f"rpps-sync/{__version__}"}


class NotTaken(DeliveryFailed):
    """A receiver did not take a message."""

    def __init__(self, what: str, *, gone: bool = False, wait: float | None = None) -> None:
        super().__init__(what)
        self.gone = gone  # it wants no more
        self.wait = wait  # seconds that it asks for


def trust(ca_file: Path | None) -> ssl.SSLContext:
    """The authorities believed: the usual ones, and that of the organisation.

    Raises:
        UsageError: the file of that one cannot be read.
    """
    context = httpx.create_ssl_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(
                f"WEBHOOK_CA_FILE: {ca_file} holds no certificate that can be read", mend="give a PEM file"
            ) from error
    return context


class Poster:
    """Sends messages.

    Args:
        allowed: where they may go beside the Internet.
        context: which authorities are believed.
    """

    def __init__(self, allowed: Allowed, context: ssl.SSLContext) -> None:
        self._allowed = allowed
        self._context = context

    async def post(self, address: str, headers: Mapping[str, str], body: bytes) -> None:
        """Send one message; redirects are not followed, and of the answer the status alone is read.

        Raises:
            NotTaken: it did not arrive, or was not accepted; the words name the host and nothing more.
        """
        host = ""
        try:
            url = parsed(address)
            host = url.host
            async with asyncio.timeout(SECONDS):
                answer = await self._posted(url, {**_FIXED, **headers}, body)
        except UsageError as error:
            raise NotTaken(error.what) from error
        except TimeoutError as error:
            raise NotTaken(f"the receiver {host} did not answer within {SECONDS:g} s") from error
        except httpx.HTTPError as error:
            raise NotTaken(f"the receiver {host} cannot be reached: {_why(error)}") from error
        if not answer.is_success:
            raise _refused(host, answer)

    async def _posted(self, url: httpx.URL, headers: Mapping[str, str], body: bytes) -> httpx.Response:
        proxy = proxy_of(url)
        ips: Sequence[IP | None] = [None] if proxy else await looked_up(url, self._allowed)
        timeout = httpx.Timeout(SECONDS, connect=CONNECT_SECONDS)
        async with httpx.AsyncClient(
            verify=self._context, proxy=proxy, trust_env=False, timeout=timeout
        ) as client:
            for place, ip in enumerate(ips, start=1):
                try:
                    async with client.stream(
                        "POST", _pinned(url, ip), headers=_host(url, headers), content=body, extensions=_name(url)
                    ) as answer:
                        return answer
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    if place == len(ips):
                        raise
        raise AssertionError("a name that is known has an address")


def _pinned(url: httpx.URL, ip: IP | None) -> httpx.URL:
    """The same with the address that was judged in place of the name."""
    return url if ip is None else url.copy_with(host=str(ip))


def _host(url: httpx.URL, headers: Mapping[str, str]) -> dict[str, str]:
    return {"Host": url.netloc.decode("ascii"), **headers}


def _name(url: httpx.URL) -> dict[str, str]:
    """The name that the certificate has to bear."""
    return {"sni_hostname": url.raw_host.decode("ascii")}


def _refused(host: str, answer: httpx.Response) -> NotTaken:
    told = f"the receiver {host} answered {answer.status_code}"
    if answer.is_redirect:
        return NotTaken(f"{told}: redirects are not followed; enter the address that it leads to")
    asked = answer.headers.get("retry-after", "")
    wait = float(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 8 else None
    return NotTaken(told, gone=answer.status_code == HTTPStatus.GONE, wait=wait)


def _why(error: BaseException) -> str:
    """What went wrong on the way, without what either side said."""
    cause: BaseException | None = error
    system = ""
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not to be believed ({cause.verify_message}); see RPPS_SYNC_WEBHOOK_CA_FILE"
        if isinstance(cause, OSError) and cause.errno:
            system = os.strerror(cause.errno)
        cause = cause.__cause__ or cause.__context__
    return system or type(error).__name__
