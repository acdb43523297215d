"""The extraction service of the ANS on loopback, over http or https: ZIP files with a stamp in their name."""

from __future__ import annotations

import ssl
import threading
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http

    def do_HEAD(self) -> None:
        """Which ZIP is offered."""
        self.server.service.answer(self)

    do_GET = do_HEAD  # noqa: N815 - the name that the library looks for

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that the library gives it
        """Say nothing."""


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    service: AnsService

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let clients hang up: they do when they do not trust us."""


@dataclass
class AnsService:
    """The service, running inside a ``with`` block; what it offers may be changed meanwhile."""

    archives: dict[str, tuple[str, bytes]] = field(default_factory=dict)  # archive: its stamp and its bytes
    tls: Path | None = None  # a PEM file with key and certificate
    crowded: list[dict[str, str]] = field(default_factory=list)  # headers of the next answers 429
    broken: bool = False
    moved: str = ""  # where every answer redirects to
    requests: list[tuple[str, str]] = field(default_factory=list)  # method and archive

    def __enter__(self) -> Self:
        """Start serving."""
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.service = self
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.tls)
            self._http.socket = context.wrap_socket(
                self._http.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """What to set ``RPPS_SYNC_ANS_URL`` to."""
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self._http.server_port}/services/extraction"

    @property
    def downloads(self) -> list[str]:
        """The archives that were asked for with a GET."""
        return [name for method, name in self.requests if method == "GET"]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """One request."""
        name = handler.path.rsplit("/", 1)[-1]
        self.requests.append((handler.command, name))
        if self.broken:
            _send(handler, 500, {}, b"")
        elif self.moved:
            _send(handler, 302, {"Location": self.moved}, b"")
        elif self.crowded:
            _send(handler, 429, self.crowded.pop(0), b"")
        elif name not in self.archives:
            _send(handler, 404, {}, b"")
        else:
            stamp, body = self.archives[name]
            _send(handler, 200, {"Content-Disposition": f'attachment; filename="{name}_{stamp}.zip"'}, body)


def _send(handler: BaseHTTPRequestHandler, status: int, headers: Mapping[str, str], body: bytes) -> None:
    handler.send_response(status)
    for name, value in {**headers, "Content-Length": str(len(body))}.items():
        handler.send_header(name, value)
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A ZIP of texts by name."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return target.getvalue()


def authority(folder: Path) -> tuple[Path, Path]:
    """An invented authority: its certificate, and the key and certificate it gave to 127.0.0.1 (PEM files)."""
    issuer_key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Invented authority")])
    leaf = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    root = _builder(issuer, issuer, issuer_key.public_key(), ca=True).sign(issuer_key, hashes.SHA256())
    served = _builder(leaf, issuer, leaf_key.public_key(), ca=False).sign(issuer_key, hashes.SHA256())
    ca_file, leaf_file = folder / "authority.pem", folder / "leaf.pem"
    ca_file.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    private = leaf_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    leaf_file.write_bytes(private + served.public_bytes(serialization.Encoding.PEM))
    return ca_file, leaf_file


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, ca: bool
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
    address = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(address, critical=False)
    )
