"""What may never reach a log, and how lines look."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from rpps_sync import logs

RPPS = "99900000003"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJmOnVzZXIifQ.c2lnbmF0dXJl"
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----"


@pytest.fixture(autouse=True)
def _configuration_of_other_tests() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    "secret",
    [
        JWT,
        f"Authorization: Bearer {JWT}",
        PEM,
        '{"kty": "RSA", "d": "c2VjcmV0LWV4cG9uZW50"}',
        "ESANTE-API-KEY: 0123456789abcdef",
        "postgresql+psycopg://rpps:hunter2@db/rpps",
        "Basic cnBwczpodW50ZXIy",
    ],
)
@pytest.mark.parametrize("level", ["debug", "info", "error"])
def test_secret_is_masked_at_every_level(secret: str, level: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Tokens, keys and passwords are taken out of messages, fields and nested fields, at DEBUG too."""
    logs.configure(verbose=True)
    getattr(structlog.get_logger(), level)(f"seen {secret}", detail=secret, nested={"list": [secret]})
    written = capsys.readouterr().err
    assert written.count("***") >= 3
    for leak in ("c2lnbmF0dXJl", "MIIEvQ", "c2VjcmV0", "0123456789abcdef", "hunter2", "cnBwczpod"):
        assert leak not in written


@pytest.mark.parametrize("identifier", [RPPS, f"8{RPPS}", int(RPPS)])
def test_identifier_is_masked_above_debug(identifier: object, capsys: pytest.CaptureFixture[str]) -> None:
    """An RPPS number or national identifier is readable at DEBUG only, wherever in the event it stands."""
    logs.configure(verbose=True)
    log = structlog.get_logger()
    event = f"looked up {identifier}"
    log.info(event, who=identifier, counts={str(identifier): 3})
    assert RPPS not in capsys.readouterr().err
    log.debug("looked up", who=identifier)
    assert RPPS in capsys.readouterr().err


def test_field_named_after_a_secret_is_masked_whatever_it_holds(capsys: pytest.CaptureFixture[str]) -> None:
    """A short token has no recognisable shape; the name of its field gives it away."""
    logs.configure()
    structlog.get_logger().info("e", id_token="short", api_key="k", smtp_password="p", pseudonym_hash_key="h")
    event = json.loads(capsys.readouterr().err)
    assert {event[name] for name in ("id_token", "api_key", "smtp_password", "pseudonym_hash_key")} == {"***"}


def test_traceback_is_redacted_too(capsys: pytest.CaptureFixture[str]) -> None:
    """An exception that quotes a token does not smuggle it into the log."""
    logs.configure()
    try:
        int(f"{JWT} of {RPPS}")
    except ValueError:
        structlog.get_logger().exception("refused")
    written = capsys.readouterr().err
    assert "ValueError: invalid literal for int() with base 10: '*** of ***'" in written


def test_libraries_that_log_by_themselves_are_redacted(capsys: pytest.CaptureFixture[str]) -> None:
    """The standard logging of libraries goes through the same last step."""
    logs.configure()
    logging.getLogger("some.library").warning("GET /%s failed", RPPS)
    event = json.loads(capsys.readouterr().err)
    assert event["event"] == "GET /*** failed"
    assert event["level"] == "warning"


def test_chatty_library_is_heard_from_warnings_on(capsys: pytest.CaptureFixture[str]) -> None:
    """A library that sets its own level does not fill the log of the night."""
    logs.configure()
    chatty = logging.getLogger("great_expectations.data_context")
    chatty.setLevel(logging.INFO)
    chatty.info("a temporary directory was made")
    chatty.warning("something is wrong")
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "something is wrong"
    chatty.setLevel(logging.NOTSET)


def test_checksum_with_many_digits_stays_readable() -> None:
    """A SHA-256 and a structure's SIRET are no identifiers of people."""
    for text in ("sha256:a12345678901234b", "siret 12345678901234", "2026-11-20T08:12:00.123456Z"):
        assert logs.redacted(text) == text


def test_run_is_named_in_every_line_of_its_block(capsys: pytest.CaptureFixture[str]) -> None:
    """Inside a run each line carries its run_id, outside none does."""
    logs.configure()
    log = structlog.get_logger()
    with logs.bound_to_run("2026-11-20T02-00"):
        log.info("inside")
    log.info("outside")
    inside, outside = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert inside["run_id"] == "2026-11-20T02-00"
    assert "run_id" not in outside


def test_quiet_keeps_warnings_only(capsys: pytest.CaptureFixture[str]) -> None:
    """Under cron the mailbox receives what needs attention."""
    logs.configure(quiet=True)
    structlog.get_logger().info("done")
    structlog.get_logger().warning("late")
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "late"


def test_terminal_gets_lines_for_people(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal a line is text, without colours under NO_COLOR."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    logs.configure()
    structlog.get_logger().info("published", lines=12)
    written = capsys.readouterr().err
    assert "published" in written
    assert "lines=12" in written
    assert "\x1b" not in written


def test_a_second_try_is_no_news_for_cron(capsys: pytest.CaptureFixture[str]) -> None:
    """Under --quiet only the failure is told, should it come; otherwise the retry is."""
    for quiet, told in ((True, False), (False, True)):
        logs.configure(quiet=quiet)
        structlog.get_logger().warning("stamina.retry_scheduled", retry_num=1)
        assert ("stamina" in capsys.readouterr().err) is told
