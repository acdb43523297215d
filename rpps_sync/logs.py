"""Logs: for people on a terminal, as JSON elsewhere, always on standard error, and never a secret in them.

Rooms say ``structlog.get_logger()``; libraries use the standard ``logging``. Both go through the same last step,
which takes out tokens, keys and passwords at every level, and RPPS numbers at every level above DEBUG.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from contextlib import AbstractContextManager
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

MASK = "***"
CHATTY = frozenset({"alembic", "apscheduler", "asyncio", "great_expectations", "httpcore", "httpx"})
"""Libraries that tell at INFO what nobody asked."""

_SECRET_FIELDS = re.compile(
    r"(?i)(^|_)(token|jwt|secret|password|passwd|authorization|cookie|(api|private|signing|hash|pseudonym)_?key|key_?pem)$"
)
_SECRET_TEXTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){1,4}"), MASK),  # a signed or encrypted JWT
    (re.compile(r"-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\Z)", re.DOTALL), MASK),  # a PEM key
    (re.compile(r"""(["'](?:d|p|q|dp|dq|qi|k)["']\s*:\s*["'])[^"']+"""), rf"\1{MASK}"),  # a private JWK
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {MASK}"),
    (re.compile(r"whsec_[A-Za-z0-9+/=_-]{8,}"), MASK),  # the secret of a webhook
    (re.compile(r"(?i)(esante-api-key\W{1,3})\S+"), rf"\1{MASK}"),
    (re.compile(r"(://[^/\s:@]*:)[^/\s@]+@"), rf"\1{MASK}@"),  # a password inside a URL
)
# Hexadecimal neighbours are let through: a SHA-256 may hold eleven digits in a row and must stay readable.
_IDENTIFIERS = re.compile(r"(?<![0-9A-Fa-f])8?[0-9]{11}(?![0-9A-Fa-f])")


def configure(*, quiet: bool = False, verbose: bool = False) -> None:
    """Set logging up for this process: INFO and above; WARNING when quiet, DEBUG when verbose."""
    level = logging.DEBUG if verbose else logging.WARNING if quiet else logging.INFO
    structlog.configure(
        processors=[
            *((_without_retries,) if quiet else ()),
            structlog.contextvars.merge_contextvars,
            *_described(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,  # so that tests may configure again
    )
    handler = _ToStandardError()
    if not verbose:
        handler.addFilter(_worth_telling)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processors=_rendered(), foreign_pre_chain=_described())
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.captureWarnings(capture=True)


def bound_to_run(run_id: str) -> AbstractContextManager[None]:
    """Name the run in every line logged inside the block."""
    return structlog.contextvars.bound_contextvars(run_id=run_id)


def redacted(text: str, *, identifiers: bool = True) -> str:
    """The text without tokens, keys and passwords, and without RPPS numbers unless they are allowed."""
    for pattern, replacement in _SECRET_TEXTS:
        text = pattern.sub(replacement, text)
    return _IDENTIFIERS.sub(MASK, text) if identifiers else text


def redact(_logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Take secrets out of every field of a log event; the last step before it is written."""
    identifiers = event.get("level", method) != "debug"
    return {key: _clean(key, value, identifiers=identifiers) for key, value in event.items()}


def _clean(key: str, value: Any, *, identifiers: bool) -> Any:
    if _SECRET_FIELDS.search(key):
        return MASK
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if redacted(str(value), identifiers=identifiers) == str(value) else MASK
    if isinstance(value, dict):
        return {
            redacted(str(name), identifiers=identifiers): _clean(str(name), item, identifiers=identifiers)
            for name, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", item, identifiers=identifiers) for item in value]
    return redacted(str(value), identifiers=identifiers)


def _without_retries(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A second try that may well succeed is nothing that cron should mail about; the failure is, if it comes."""
    if event.get("event") == "stamina.retry_scheduled":
        raise structlog.DropEvent
    return event


def _worth_telling(record: logging.LogRecord) -> bool:
    # On the handler, not on their loggers: Great Expectations sets the level of its own when it is imported.
    return record.levelno >= logging.WARNING or record.name.split(".")[0] not in CHATTY


class _ToStandardError(logging.StreamHandler[TextIO]):
    """Writes on whatever standard error is at that moment: progress bars and tests replace it."""

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, _stream: TextIO) -> None:
        """Standard error is not to be replaced by another stream here."""


def _described() -> list[Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]


def _rendered() -> list[Processor]:
    people = sys.stderr.isatty()
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors="NO_COLOR" not in os.environ)
        if people
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    return [structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, renderer]
