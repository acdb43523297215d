"""Where a publisher may lead us, and whom we believe: hosts, schemes, certificates."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx

from rpps_sync.errors import UsageError
from rpps_sync.publisher.incoming import refused

CA_SETTING = "RPPS_SYNC_ANS_CA_FILE"
_DATA_GOUV = "data.gouv.fr"


class Way:
    """The addresses that may be followed from a base address.

    Plain http is followed only when the base itself is reached over plain http (a simulated publisher on
    loopback); everywhere else the way must stay encrypted from end to end. The host must stay the same, except
    that the sites of data.gouv.fr lead to one another.
    """

    def __init__(self, base: httpx.URL, setting: str) -> None:
        self._schemes = {"https", base.scheme}
        self._host = base.host
        self._setting = setting

    def refuse_other(self, name: str, url: httpx.URL) -> None:
        """Check one address before it is asked for.

        Raises:
            ExtractRefused: it must not be followed.
        """
        if url.scheme not in self._schemes or not url.host:
            raise refused(
                name,
                f"the publisher redirects to {url.scheme or 'nowhere'}://{url.host}, which is not encrypted",
                reason="https-downgrade",
                mend="tell the publisher; a plain http address is followed only when the publisher itself is http",
            )
        if url.host != self._host and not (_of_data_gouv(url.host) and _of_data_gouv(self._host)):
            raise refused(
                name,
                f"the publisher redirects to another host, {url.host}",
                reason="redirect-elsewhere",
                mend=f"check {self._setting}, and what stands between this machine and {self._host}",
            )


def _of_data_gouv(host: str) -> bool:
    return host == _DATA_GOUV or host.endswith(f".{_DATA_GOUV}")


def trust(ca_file: Path | None) -> ssl.SSLContext | bool:
    """Whose certificates are believed: those that a file names and no others, or the public authorities.

    Raises:
        UsageError: the file cannot be read, or holds no certificate.
    """
    if ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ssl.SSLError) as error:  # an SSLError is an OSError; named because it is the usual one
        raise UsageError(
            f"the file of authorities {ca_file} cannot be used: {error.strerror or error}",
            mend=f"{CA_SETTING} must name a readable PEM file with the IGC-Santé root certificate",
            reason="ca-file",
        ) from error


def distrusted(error: BaseException) -> bool:
    """Whether a failed connection failed because the certificate is not believed."""
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
