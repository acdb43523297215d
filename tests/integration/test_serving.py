"""The API as its user starts it: a process, a key from the command line, requests over the network."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pandas as pd
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from extract_builder import national_id, rpps, world, write
from rpps_sync.client import AsyncClient, Client, Refused, Unknown, Unreachable

NOW = "2026-11-20T20:00:00Z"
SECURITY = Path(__file__).parents[2] / "docs" / "security.md"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@dataclass
class Server:
    """A home with one night, and the server on it."""

    folder: Path
    address: str = ""
    key: str = ""
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What its processes are given."""
        home = {"RPPS_SYNC_HOME": str(self.folder / "home"), "RPPS_SYNC_NOW": NOW}
        return {**os.environ, **home, **self.variables}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        command = [sys.executable, "-m", "rpps_sync", *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self.folder, env=self.environment
        )

    @contextmanager
    def serving(self, *options: str) -> Iterator[subprocess.Popen[str]]:
        """The server, until the end of the block."""
        command = [sys.executable, "-m", "rpps_sync", "serve", "--port", "0", "--json", *options]
        with (
            (self.folder / "serve.log").open("w", encoding="utf-8") as log,
            subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=self.folder, env=self.environment
            ) as process,
        ):
            assert process.stdout is not None
            told = "".join(iter(process.stdout.readline, "}\n")) + "}"
            self.address = json.loads(told)["address"]
            wait_for(f"{self.address}/healthz")
            yield process
            process.terminate()


def wait_for(url: str, **options: ssl.SSLContext) -> None:
    """Until something answers."""
    for _ in range(200):
        try:
            httpx.get(url, verify=options.get("verify", True))
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"{url} does not answer")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two workers on a directory of twenty people."""
    site = Server(tmp_path_factory.mktemp("serving"))
    published = write(site.folder / "published", "202611200515", world(20))
    assert site.run("run", "--from", str(published)).returncode == 0
    site.key = site.run("keys", "create", "--name", "dpi", "--scope", "audit").stdout.strip()
    with site.serving("--workers", "2"):
        yield site


def test_a_user_asks_over_the_network_and_the_log_names_nobody(server: Server) -> None:
    """Keys of the command line open the door; what is logged holds neither number nor key."""
    headers = {"Authorization": f"Bearer {server.key}"}
    answer = httpx.get(f"{server.address}/v1/practitioners/{rpps(1)}", headers=headers)
    assert (answer.status_code, answer.json()["national_id"]) == (200, national_id(1))
    assert httpx.get(f"{server.address}/readyz").json()["status"] == "ready"
    assert (
        'rpps_sync_requests_total{method="GET",route="/v1/practitioners/{id}"'
        in httpx.get(f"{server.address}/metrics").text
    )
    log = (server.folder / "serve.log").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert "/v1/practitioners/{id}" in {line.get("route") for line in lines}
    assert rpps(1) not in log
    assert server.key not in log


def test_the_python_client_pages_enriches_and_tells_errors_apart(server: Server) -> None:
    """Typed results, every page, any number of identifiers, tables of pandas."""
    with Client(server.address, server.key) as client:
        assert client.practitioner(rpps(1)).stamp.age_seconds > 0
        assert len(list(client.search(profession="60", limit=7))) == 20
        assert len(list(client.changes())) == 20
        results = list(client.enrich([rpps(1), "1"] * 6_000, ["profession"]))
        assert (len(results), results[0].fields, results[-1].status) == (
            12_000,
            {"profession": ("Infirmier",)},
            "malformed",
        )
        table = client.enrich_frame(pd.DataFrame({"id": [rpps(2), None]}), "id", ["department"])
        assert list(table["rpps_status"]) == ["found", "malformed"]
        (match,) = client.match([{"family": client.practitioner(rpps(1)).family_name, "given": "Nobody"}])
        assert match.verdict in {"none", "several", "probable", "certain"}
        with pytest.raises(Unknown):
            client.practitioner(rpps(500))
        with pytest.raises(Refused, match="key of this RPPS number is wrong"):
            client.practitioner(str(int(rpps(1)) + 1))


def test_async_programs_have_the_same_client(server: Server) -> None:
    """The same answers without waiting."""

    async def asked() -> tuple[str, int]:
        async with AsyncClient(server.address, server.key) as client:
            someone = await client.practitioner(rpps(1))
            return someone.national_id, len([hit async for hit in client.search(profession="60", limit=50)])

    assert asyncio.run(asked()) == (national_id(1), 20)


def test_a_server_that_is_away_is_told_as_such() -> None:
    """After the retries, a sentence and a mend."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with Client(address, "key") as client, pytest.raises(Unreachable, match="does not answer"):
            client.practitioner(rpps(1))


def test_a_port_that_is_taken_is_told_before_anything_starts(server: Server) -> None:
    """Exit code 2 and the mend, rather than workers that die one after another."""
    port = server.address.rpartition(":")[2]
    done = server.run("serve", "--port", port)
    assert done.returncode == 2
    assert "cannot be listened on" in done.stderr


def test_a_server_told_to_stop_ends_cleanly(server: Server) -> None:
    """SIGTERM is how servers end: 0, whatever the number of workers."""
    for workers in ("1", "2"):
        with Server(server.folder).serving("--workers", workers) as process:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 0


def test_the_example_of_nginx_serves_over_tls_and_hides_the_metrics(server: Server, tmp_path: Path) -> None:
    """The configuration of docs/security.md, as it is printed, in front of a real server."""
    if NGINX is None:
        pytest.skip("nginx is not installed: the example of docs/security.md is not tested here")
    certify(tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "nginx.conf").write_text(example(server, tmp_path, port), encoding="utf-8")
    trusted = ssl.create_default_context(cafile=str(tmp_path / "rpps.pem"))
    with subprocess.Popen(
        [NGINX, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")], stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_for(f"https://localhost:{port}/healthz", verify=trusted)
            headers = {"Authorization": f"Bearer {server.key}"}
            with httpx.Client(base_url=f"https://localhost:{port}", headers=headers, verify=trusted) as client:
                answer = client.get(f"/v1/practitioners/{rpps(1)}")
                assert (answer.status_code, answer.json()["national_id"]) == (200, national_id(1))
                assert answer.headers["strict-transport-security"]
                assert client.get("/metrics").status_code == 403
        finally:
            process.terminate()


def example(server: Server, folder: Path, port: int) -> str:
    """The printed configuration, with the places of this test."""
    printed = re.search(r"```nginx\n(.*?)```", SECURITY.read_text(encoding="utf-8"), re.DOTALL)
    assert printed is not None
    told = printed[1]
    for was, becomes in (
        ("127.0.0.1:8470", server.address.removeprefix("http://")),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("rpps.example.org", "localhost"),
        ("/etc/ssl/", f"{folder}/"),
    ):
        assert was in told
        told = told.replace(was, becomes)
    return (
        f"daemon off; error_log {folder}/error.log; pid {folder}/nginx.pid; events {{}}\n"
        f"http {{ client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
        f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n{told}\n}}\n"
    )


def certify(folder: Path) -> None:
    """A certificate of this test for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "rpps.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "rpps.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


# A value may be well formed and mean nothing, and a text that is no JSON be a fine CSV.
CHECKS = "positive_data_acceptance,negative_data_rejection"


def test_no_request_makes_the_server_fail_or_answer_what_its_document_does_not_say(server: Server) -> None:
    """Some hundred requests made from the OpenAPI document; docs/security.md tells how to make twenty thousand."""
    key = server.run("keys", "create", "--name", "fuzz", "--scope", "admin", "--rate", "0").stdout.strip()
    options = ["--max-examples", "8", "--seed", "1", "--generation-database", "none", "--no-color"]
    rules = ["--checks", "all", "--exclude-checks", CHECKS, "--header", f"Authorization: Bearer {key}"]
    impatient = Server(server.folder, variables={"RPPS_SYNC_API_WAIT_SECONDS": "0"})
    with impatient.serving("--workers", "1"):
        command = [Path(sys.executable).with_name("schemathesis"), "run", f"{impatient.address}/openapi.json"]
        hooks = {"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(Path(__file__).parents[1])}
        done = subprocess.run(
            [*command, *options, *rules],
            capture_output=True,
            text=True,
            check=False,
            cwd=server.folder,
            env=server.environment | hooks,
        )
    assert done.returncode == 0, done.stdout[-6000:]
    assert "Tested: " in done.stdout
