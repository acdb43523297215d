"""The second channel: the extraction service of the ANS, which gives ZIP files.

    HEAD …/extraction/PS_LibreAcces   Content-Disposition: …; filename="PS_LibreAcces_202611200911.zip"
    GET  …/extraction/PS_LibreAcces   the ZIP: PS_LibreAcces_Personne_activite_202611200827.txt and two others

The stamp on the ZIP is when the ZIP was made; only the names inside say of when the data are (both in Paris time).
A ZIP that serves several extracts is fetched once. The service answers 429 to downloads that follow one another
closely, and its certificate comes from an authority (IGC-Santé) that public stores do not hold: a file names it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rpps_sync.clock import iso
from rpps_sync.errors import ExtractRefused
from rpps_sync.limits import LIMITS, Limits
from rpps_sync.publication import ExtractKind, PublishedFile
from rpps_sync.publisher import containers
from rpps_sync.publisher.catalogue import resource
from rpps_sync.publisher.disk import require_space, storage_told
from rpps_sync.publisher.download import download, file_name
from rpps_sync.publisher.exchange import Endpoint, Exchange
from rpps_sync.publisher.file_names import name_pattern, read_stamp, stamp_of
from rpps_sync.publisher.incoming import IncomingFile, refused
from rpps_sync.publisher.retries import Deadline, RetryPolicy, retried
from rpps_sync.publisher.sources import Deposit, Fetched, Progress, unchanged

CHANNEL = "ans"
_EXPANSION = 5  # a ZIP of 230 MB holds 1.1 GB of text
_ZIP_STAMP = re.compile(r"_(\d{12})\.zip$", re.IGNORECASE)
_CROWDED_WAIT = 60.0  # 1, 2, 4, 8 minutes after a 429: what its users found to be enough


@dataclass(frozen=True, slots=True)
class _Zip:
    """A ZIP that came."""

    path: Path
    fetched: Fetched
    stamp: datetime


class WebService:
    """Extracts published by the ANS itself.

    Args:
        base_url: the extraction service, up to ``/extraction``.
        ca_file: PEM file of the authorities to believe there; without it the public ones.
        limits: bounds on size, time and archives.
        policy: how often to try, and how long to wait in between.
    """

    def __init__(
        self,
        base_url: str,
        *,
        ca_file: Path | None = None,
        limits: Limits = LIMITS,
        policy: RetryPolicy | None = None,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._endpoint = Endpoint(
            base_url,
            "RPPS_SYNC_ANS_URL",
            "https://service.annuaire.sante.fr/annuaire-sante-webservices/V300/services/extraction",
            ca_file,
        )
        self._limits = limits
        self._policy = policy or RetryPolicy(attempts=limits.attempts, crowded_wait=_CROWDED_WAIT)
        self._came: dict[str, _Zip] = {}

    def discover(self, kinds: Sequence[ExtractKind]) -> tuple[Deposit, ...]:
        """The ZIP that holds each kind now; see ``Source.discover``.

        ``published_at`` is the stamp of the ZIP: the data inside are never later, and may be days older.

        Raises:
            PublisherUnreachable: no usable answer within the retries, or a certificate that is not trusted.
            ExtractRefused: the answer does not say which ZIP is offered.
        """
        self._came = {}
        with Exchange(self._endpoint, self._limits, self._policy) as exchange:
            names = dict.fromkeys(resource(kind).archive for kind in kinds)
            offered = {name: self._ask(exchange, name) for name in names}
        return tuple(self._deposit(kind, offered[resource(kind).archive]) for kind in kinds)

    def fetch(
        self, deposit: Deposit, into: Path, previous: PublishedFile | None, progress: Progress
    ) -> Fetched | None:
        """Take one extract out of its ZIP, fetched when nobody asked for it yet; see ``Source.fetch``."""
        if previous is not None and (previous.url, previous.etag) == (deposit.url, deposit.validator):
            return unchanged(previous)
        archive = self._archive(deposit, into.parent, progress)
        entry, size, published_at, notes = self._inside(archive, deposit.kind)
        name = f"{deposit.kind} ({deposit.url}#{entry})"
        with IncomingFile(into, name=name, limits=self._limits, expected=size) as file:
            for block in containers.text_blocks(archive.path, entry, self._limits):
                file.write(block)
            if previous is None or file.sha256 != previous.sha256:
                file.keep()
            return Fetched(
                bytes=file.bytes,
                sha256=file.sha256,
                published_at=published_at,
                etag=_validator(archive.fetched.file_name, archive.fetched.bytes),
                last_modified=archive.fetched.last_modified,
                notes=(*archive.fetched.notes, *notes),
            )

    def _ask(self, exchange: Exchange, archive: str) -> tuple[str, int | None, datetime]:
        """Name, size and stamp of the ZIP offered now."""
        url, deadline = f"{self._base}/{archive}", Deadline(exchange.limits.download_seconds)

        def head() -> tuple[str, int | None, datetime]:
            with exchange.get(f"the ANS archive {archive}", url, {}, deadline, method="HEAD") as response:
                name = file_name(response.headers.get("content-disposition", ""))
                length = response.headers.get("content-length", "")
            return name, int(length) if length.isdecimal() else None, _zip_stamp(url, name)

        return retried(exchange.policy, deadline, head)

    def _deposit(self, kind: ExtractKind, offered: tuple[str, int | None, datetime]) -> Deposit:
        name, size, stamp = offered
        return Deposit(
            kind=kind,
            url=f"{self._base}/{resource(kind).archive}",
            published_at=stamp,
            bytes=None,
            checksum="",
            channel=CHANNEL,
            validator=_validator(name, size),
        )

    def _archive(self, deposit: Deposit, folder: Path, progress: Progress) -> _Zip:
        name = resource(deposit.kind).archive
        known = self._came.get(name)
        if known is None or not known.path.is_file():
            self._came[name] = known = self._download(deposit, folder / f".{name}.zip", progress)
        return known

    def _download(self, deposit: Deposit, into: Path, progress: Progress) -> _Zip:
        _, _, size = deposit.validator.rpartition(" ")
        announced = int(size) if size.isdecimal() else None
        require_space(into.parent, (announced or 0) * _EXPANSION)
        whole = Deposit(
            deposit.kind, deposit.url, deposit.published_at, announced, "", channel=CHANNEL, packed=True
        )
        with Exchange(self._endpoint, self._limits, self._policy) as exchange:
            fetched = download(exchange, whole, into, None, progress)
        assert fetched is not None  # no condition was sent
        return _Zip(into, fetched, _zip_stamp(deposit.url, fetched.file_name))

    def _inside(self, archive: _Zip, kind: ExtractKind) -> tuple[str, int, datetime, tuple[str, ...]]:
        """Name, size and date of one extract inside a ZIP, with what is to be noted of them."""
        where = f"{kind} ({archive.fetched.file_name})"
        with storage_told(archive.path):
            listed = containers.entries(archive.path, self._limits)
        found = [match for match in map(name_pattern(kind).fullmatch, listed) if match and not match["packed"]]
        if len(found) != 1:
            raise _unexpected(where, f"the archive holds {len(found)} files of that extract: {', '.join(listed)}")
        try:
            stamp = stamp_of(found[0])
        except ValueError as error:
            raise _unexpected(where, f"the name {found[0].string} carries a stamp that is no date") from error
        if stamp is not None:
            return found[0].string, listed[found[0].string], stamp, ()
        note = f"the file inside carries no date: that of the archive, {iso(archive.stamp)}, is taken"
        return found[0].string, listed[found[0].string], archive.stamp, (note,)


def _zip_stamp(url: str, name: str) -> datetime:
    match = _ZIP_STAMP.search(name)
    try:
        return read_stamp(match[1] if match else "")
    except ValueError as error:
        raise _unexpected(url, f"the archive offered is called '{name}', without a readable stamp") from error


def _validator(name: str, size: int | None) -> str:
    """What tells one ZIP from the next: the service documents no ETag."""
    return f"{name} {size or ''}".strip()


def _unexpected(where: str, what: str) -> ExtractRefused:
    return refused(
        where,
        what,
        reason="archive-unexpected",
        mend="look at the archive in a browser; if the ANS changed its names, tell the maintainers of rpps-sync",
    )
