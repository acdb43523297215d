"""The first channel: data.gouv.fr, or a simulated publisher that behaves like it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rpps_sync.limits import LIMITS, Limits
from rpps_sync.publication import ExtractKind, PublishedFile
from rpps_sync.publisher.catalogue import discover
from rpps_sync.publisher.download import download
from rpps_sync.publisher.exchange import Endpoint, Exchange
from rpps_sync.publisher.retries import RetryPolicy
from rpps_sync.publisher.sources import Deposit, Fetched, Progress


class OnlineSource:
    """Extracts published through the data.gouv.fr dataset API.

    Args:
        catalog_url: base of the API, such as ``https://www.data.gouv.fr/api/1``.
        limits: bounds on size, time and redirects.
        policy: how often to try, and how long to wait in between.
    """

    def __init__(self, catalog_url: str, *, limits: Limits = LIMITS, policy: RetryPolicy | None = None) -> None:
        self._catalog_url = catalog_url
        self._endpoint = Endpoint(catalog_url, "RPPS_SYNC_CATALOG_URL", "https://www.data.gouv.fr/api/1")
        self._limits = limits
        self._policy = policy or RetryPolicy(attempts=limits.attempts)

    def discover(self, kinds: Sequence[ExtractKind]) -> tuple[Deposit, ...]:
        """What the catalogue offers now; see ``Source.discover``."""
        with Exchange(self._endpoint, self._limits, self._policy) as exchange:
            return discover(exchange, self._catalog_url, kinds)

    def fetch(
        self, deposit: Deposit, into: Path, previous: PublishedFile | None, progress: Progress
    ) -> Fetched | None:
        """Download one deposit unless it is unchanged; see ``Source.fetch``."""
        with Exchange(self._endpoint, self._limits, self._policy) as exchange:
            return download(exchange, deposit, into, previous, progress)
