"""One request to the publisher: redirects followed by hand, every failure sorted into 'try again' or 'give up'.

httpx is imported by this module and its neighbours ``download`` and ``way`` alone. What httpx leaves to its caller
is done here: a bound on redirects, no way to other hosts or down to http (see ``way``), no compressed body, one
deadline.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from rpps_sync import __version__
from rpps_sync.errors import PublisherUnreachable, UsageError
from rpps_sync.limits import Limits
from rpps_sync.publisher.incoming import STILL_SERVED, refused
from rpps_sync.publisher.retries import Deadline, RetryPolicy, TryAgain
from rpps_sync.publisher.way import CA_SETTING, Way, distrusted, trust

_REDIRECTS = {301, 302, 303, 307, 308}
_PASSING = {408, 425, 429, 500, 502, 503, 504}  # states of a server that pass by themselves
_JUDGED_BY_CALLER = {200, 206, 304, 416}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The base address of a publisher."""

    url: str
    setting: str  # the environment variable that holds it, for errors
    example: str  # what it should look like
    ca_file: Path | None = None  # the authorities to believe instead of the public ones

    def parsed(self) -> httpx.URL:
        """The address, understood.

        Raises:
            UsageError: it is not an http(s) one.
        """
        try:
            base = httpx.URL(self.url)
        except httpx.InvalidURL as error:
            raise UsageError(f"'{self.url}' is not an address: {error}", mend=f"check {self.setting}") from error
        if base.scheme not in {"http", "https"} or not base.host:
            raise UsageError(
                f"the publisher's address '{self.url}' is not an http(s) address",
                mend=f"set {self.setting} to {self.example} or to a simulated publisher",
                reason="publisher-url",
            )
        return base


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked for, wherever redirects lead."""

    name: str
    method: str
    headers: Mapping[str, str]
    deadline: Deadline


class Exchange:
    """The way to one publisher.

    Args:
        endpoint: where it is, and whom to believe there.
        limits: bounds on size, redirects and waiting.
        policy: how often to try, and how long to wait in between.

    Raises:
        UsageError: the address is not an http(s) one, or the file of authorities cannot be used.
    """

    def __init__(self, endpoint: Endpoint, limits: Limits, policy: RetryPolicy) -> None:
        self.limits = limits
        self.policy = policy
        self._endpoint = endpoint
        self._way = Way(endpoint.parsed(), endpoint.setting)
        self._line = _Line()
        self._client = httpx.Client(
            follow_redirects=False,
            verify=trust(endpoint.ca_file),
            headers={"User-Agent": f"rpps-sync/{__version__}", "Accept-Encoding": "identity"},
            # A site proxy named in the environment must not be asked for a publisher on this machine.
            mounts={"all://127.0.0.1": None, "all://localhost": None},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    @contextmanager
    def get(
        self, name: str, url: str, headers: Mapping[str, str], deadline: Deadline, *, method: str = "GET"
    ) -> Iterator[httpx.Response]:
        """The answer to a GET or HEAD, its body not yet read; status 200, 206, 304 or 416.

        Args:
            name: what to call the thing asked for in errors.
            url: where to start; redirects are followed, with the same headers.
            headers: conditions and range.
            deadline: of the whole transfer.
            method: GET or HEAD.

        Raises:
            TryAgain: the network or the server failed in a way that may pass.
            PublisherUnreachable: the server answers that it will not give it.
            ExtractRefused: the redirects lead nowhere acceptable.
        """
        try:
            with self._line.held_until(deadline):
                response = self._follow(_Question(name, method, headers, deadline), httpx.URL(url))
                try:
                    yield response
                finally:
                    response.close()
        except httpx.TransportError as error:
            deadline.check(name)
            if distrusted(error):
                raise self._untrusted(name, error) from error
            raise TryAgain(_unreachable(name, _in_words(error), "network")) from error

    def _follow(self, asked: _Question, url: httpx.URL) -> httpx.Response:
        for hop in range(self.limits.redirects + 1):
            self._way.refuse_other(asked.name, url)
            response = self._send(asked, url)
            if response.status_code not in _REDIRECTS:
                return _accepted(asked.name, response, redirected=hop > 0)
            response.close()
            url = _next(asked.name, response)
        raise refused(
            asked.name,
            f"more than {self.limits.redirects} redirects",
            reason="redirect-loop",
            mend=f"open the address in a browser and check {self._endpoint.setting}",
        )

    def _send(self, asked: _Question, url: httpx.URL) -> httpx.Response:
        asked.deadline.check(asked.name)
        remaining = asked.deadline.remaining
        patience = min(self.limits.read_seconds, remaining)
        request = self._client.build_request(
            asked.method,
            url,
            headers=dict(asked.headers),
            timeout=httpx.Timeout(patience, connect=min(self.limits.connect_seconds, remaining)),
            extensions={"trace": self._line.notice},
        )
        return self._client.send(request, stream=True)

    def _untrusted(self, name: str, error: httpx.TransportError) -> PublisherUnreachable:
        if self._endpoint.ca_file is None:
            mend = (
                f"name the authority to believe: for the ANS web service, set {CA_SETTING} to a PEM file with the "
                "IGC-Santé root certificate; for any other host, mend the certificates or the clock here; never "
                " switch the check off"
            )
        else:
            mend = f"{self._endpoint.ca_file} must hold the root of the chain that the publisher presents today"
        return PublisherUnreachable(
            f"{name}: the certificate of {self._endpoint.parsed().host} is not trusted: {_in_words(error)}; "
            f"{STILL_SERVED}",
            mend=mend,
            reason="untrusted-certificate",
        )


class _Line:
    """The sockets in use, hung up at the deadline.

    httpx bounds each read, and a server that drips its headers byte by byte satisfies every one of them. Between
    two blocks of a body the caller looks at the deadline itself; everywhere else this does.
    """

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []

    def notice(self, event: str, info: Mapping[str, Any]) -> None:
        """Remember a connection just made (httpcore's ``trace`` extension)."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._sockets.append(info["return_value"].get_extra_info("socket"))

    @contextmanager
    def held_until(self, deadline: Deadline) -> Iterator[None]:
        """Hang up when the deadline passes inside the block."""
        timer = threading.Timer(deadline.remaining, self._hang_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _hang_up(self) -> None:
        for line in self._sockets:
            with suppress(OSError):  # closed already
                line.shutdown(socket.SHUT_RDWR)


def _next(name: str, response: httpx.Response) -> httpx.URL:
    if response.next_request is not None:
        return response.next_request.url
    raise refused(
        name,
        f"the publisher redirects ({response.status_code}) without saying where to",
        reason="redirect-unreadable",
        mend="run again later, or tell the publisher",
    )


def _accepted(name: str, response: httpx.Response, *, redirected: bool) -> httpx.Response:
    status = response.status_code
    if status in _JUDGED_BY_CALLER:
        return response
    response.close()
    error = _unreachable(name, f"the server answered {status} at {_shown(response.url)}", f"http-{status}")
    # A dated address dies at the next deposit: the stable one will lead to its successor.
    if status in _PASSING or (redirected and status in {404, 410}):
        raise TryAgain(error, retry_after=retry_after(response.headers), crowded=status == 429)
    raise error


def _shown(url: httpx.URL) -> str:
    return str(url.copy_with(username=None, password=None, query=None))


def _unreachable(name: str, cause: str, reason: str) -> PublisherUnreachable:
    return PublisherUnreachable(
        f"{name}: the publisher gave no usable answer: {cause}; {STILL_SERVED}",
        mend="run again later; if it lasts, open the address in a browser from this machine",
        reason=reason,
    )


def _in_words(error: httpx.TransportError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return str(error) or type(error).__name__


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that an answer asks to wait (RFC 9110, 10.2.3), None when it asks nothing readable.

    A date is counted from the server's own ``Date``, so that neither clock has to be right.
    """
    asked = headers.get("retry-after", "").strip()
    if asked.isdecimal() and asked.isascii():
        return float(asked)
    try:
        wait = parsedate_to_datetime(asked) - parsedate_to_datetime(headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return max(0.0, wait.total_seconds())
