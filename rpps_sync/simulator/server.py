"""``simulate serve``: simulated days over HTTP, the way data.gouv.fr serves the real ones.

    GET /api/1/datasets/<id>/            the dataset answer of the day
    GET /api/1/datasets/r/<resource>     302 to the dated address of the day
    GET /resources/<slug>/<stamp>/<file> the file, 404 once the next deposit took its place
    GET /auth/realms/esante-wallet/…     the simulated PSC issuer, when the folder holds its jwks.json

On loopback only. Files have a strong ETag and Last-Modified, answer conditional and Range requests (see
``file_answers``), and are streamed. ``PublisherServer`` serves one day at a time: set ``day`` to make the next
deposit.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rpps_sync.errors import UsageError
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.catalogue import resource
from rpps_sync.simulator import issuer_answers
from rpps_sync.simulator.catalogue import API_HOST, CATALOGUE_FILE, STATIC_HOST
from rpps_sync.simulator.faults import Fault, FaultKind
from rpps_sync.simulator.file_answers import FileAnswer

_API = "/api/1/datasets/"
_LATE = ExtractKind.SAVOIRFAIRE  # one of those that are made together, and so must be of one day
_RETRY_AFTER_SECONDS = "1"


@dataclass(slots=True)
class PublisherServer:
    """A publisher on loopback, for tests, the demo and ``simulate serve``.

    Args:
        folder: what ``simulate publish`` wrote.
        day: the day being served; may be set while running.
        fault: how to misbehave, such as ``truncated`` or ``503:2``; may be set while running.
        port: 0 takes a free one.

    Raises:
        UsageError: no such day, or no such fault.
    """

    folder: Path
    day: int = 1
    fault: str | None = None
    port: int = 0
    slow_seconds: float = 0.5  # between two pieces of a slow answer
    requests: list[tuple[str, str, int]] = field(default_factory=list)  # method, path, status
    _http: _Http = field(init=False)
    _thread: threading.Thread = field(init=False)
    _spoilt: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.catalogue()
        if self.fault:
            Fault.read(self.fault)

    def __enter__(self) -> Self:
        """Start serving."""
        try:
            self._http = _Http(("127.0.0.1", self.port), _Handler)
        except OSError as error:
            raise UsageError(
                f"port {self.port} cannot be used: {error.strerror}", mend="choose another --port"
            ) from error
        self._http.publisher = self
        self.port = self._http.server_address[1]
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving and free the port."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def catalog_url(self) -> str:
        """What to set ``RPPS_SYNC_CATALOG_URL`` to."""
        return f"{self.url}/api/1"

    def catalogue(self) -> list[dict[str, Any]]:
        """The dataset answers of the day, faults included, with addresses that lead here.

        Raises:
            UsageError: the folder does not hold that day.
        """
        fault = Fault.read(self.fault).kind if self.fault else None
        day = self._day_before() if fault is FaultKind.STALE_CATALOGUE else self.day
        answers = self._answers(day)
        if fault is FaultKind.MIXED_DAYS:
            late = dict(self._late())
            for answer in answers:
                answer["resources"] = [late.get(item["id"], item) for item in answer["resources"]]
        return answers

    def current_resources(self) -> dict[str, tuple[dict[str, Any], Path]]:
        """The deposits that can be fetched now: by path of their dated address, the resource and its file."""
        mixed = self.fault is not None and Fault.read(self.fault).kind is FaultKind.MIXED_DAYS
        found = self._deposits(self.day)
        if mixed:
            late = dict(self._late())
            before = [item for item in self._deposits(self._day_before()) if item[0]["id"] in late]
            found = [*(item for item in found if item[0]["id"] not in late), *before]
        return {item["url"].removeprefix(self.url): (item, file) for item, file in found}

    def take_fault(self, *kinds: FaultKind) -> FaultKind | None:
        """The fault that spoils this request, if it is one of those kinds and not used up."""
        fault = Fault.read(self.fault) if self.fault else None
        if fault is None or fault.kind not in kinds:
            return None
        with self._lock:
            if fault.times is not None and self._spoilt >= fault.times:
                return None
            self._spoilt += 1
        return fault.kind

    def _deposits(self, day: int) -> list[tuple[dict[str, Any], Path]]:
        return [
            (item, self.folder / f"day-{day}" / str(item["url"]).rsplit("/", 1)[-1])
            for answer in self._answers(day)
            for item in answer["resources"]
        ]

    def _late(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The former deposit of the file that is late when days are mixed, by the identifier of its resource."""
        for answer in self._answers(self._day_before()):
            for item in answer["resources"]:
                if item["id"] == resource(_LATE).id:
                    yield item["id"], item

    def _day_before(self) -> int:
        return max(1, self.day - 1)

    def _answers(self, day: int) -> list[dict[str, Any]]:
        file = self.folder / f"day-{day}" / CATALOGUE_FILE
        if not file.is_file():
            raise UsageError(
                f"{self.folder} holds no simulated day {day}",
                mend="run rpps-sync simulate publish --out there first",
            )
        text = file.read_text(encoding="utf-8").replace(API_HOST, self.url).replace(STATIC_HOST, self.url)
        answers: list[dict[str, Any]] = json.loads(text)["data"]
        return answers


class _Http(ThreadingHTTPServer):
    """The listening socket; knows whose requests these are."""

    daemon_threads = True
    publisher: PublisherServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is its own business: nothing is printed."""


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: _Http

    def do_GET(self) -> None:
        """Answer a GET."""
        self._route()

    def do_HEAD(self) -> None:
        """Answer a HEAD: the same headers, no body."""
        self._route()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - idem
        """Requests are kept in ``PublisherServer.requests`` and not printed."""

    def send_response(self, code: int, message: str | None = None) -> None:
        """Note each answer in the list of requests as soon as its status is known."""
        self.server.publisher.requests.append((self.command, self.path, int(code)))
        super().send_response(code, message)

    def _route(self) -> None:
        publisher, path = self.server.publisher, self.path.partition("?")[0]
        if path.startswith(issuer_answers.REALM):
            self._json(issuer_answers.answer(publisher.folder, path, publisher.url))
        elif fault := publisher.take_fault(FaultKind.TOO_MANY, FaultKind.UNAVAILABLE):
            self._plain(HTTPStatus(int(fault)), {"Retry-After": _RETRY_AFTER_SECONDS})
        elif path.startswith(f"{_API}r/"):
            self._redirect(path.removeprefix(f"{_API}r/").strip("/"))
        elif path.startswith(_API):
            wanted = path.removeprefix(_API).strip("/")
            self._json(
                next((item for item in publisher.catalogue() if wanted in (item["id"], item["slug"])), None)
            )
        elif found := publisher.current_resources().get(path):
            item, file = found
            FileAnswer(self, item, file, publisher.take_fault, publisher.slow_seconds).send()
        else:
            self._plain(HTTPStatus.NOT_FOUND, {})

    def _redirect(self, identifier: str) -> None:
        for item, _ in self.server.publisher.current_resources().values():
            if item["id"] == identifier:
                self._plain(HTTPStatus.FOUND, {"Location": item["url"]})
                return
        self._plain(HTTPStatus.NOT_FOUND, {})

    def _json(self, value: dict[str, Any] | None) -> None:
        if value is None:
            self._plain(HTTPStatus.NOT_FOUND, {})
            return
        self._send(HTTPStatus.OK, {"Content-Type": "application/json"}, json.dumps(value).encode())

    def _plain(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        self._send(status, {"Content-Type": "text/plain; charset=utf-8"} | headers, f"{status.phrase}\n".encode())

    def _send(self, status: HTTPStatus, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
