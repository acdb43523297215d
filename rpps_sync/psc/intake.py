"""From lines of JSON to observations: each line is kept or refused on its own, with its number and a reason.

Lines are read one at a time and never longer than ``LIMITS.observation_bytes``, so that a file of any size, or one
endless line, takes no more memory than one observation. What a userinfo says beyond the compared values is
dropped here and reaches neither the database nor a log.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

from rpps_sync.errors import TokenRefused
from rpps_sync.limits import LIMITS
from rpps_sync.observation import Observation, Scope, Trust
from rpps_sync.psc.claims import read_userinfo
from rpps_sync.psc.tokens import TokenKind, Verifier, is_test_bed, same_subject

_SOURCE = re.compile(r"[\w.@:+-][\w .@:/+-]{0,63}")
_EARLIEST = datetime(2017, 1, 1, tzinfo=UTC)  # Pro Santé Connect did not exist before


@dataclass(frozen=True, slots=True)
class Kept:
    """A line that yielded an observation."""

    line_number: int  # 1 is the first line of the file
    digest: str  # of the line and its source: the same line twice has the same
    observation: Observation


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was not acceptable."""

    line_number: int
    digest: str
    reason: str  # a stable word: see TokenRefused


def read(stream: BinaryIO, *, verifier: Verifier, source: str = "") -> Iterator[Kept | Refused]:
    """Read observations, one JSON object per line; empty lines are passed over.

    Args:
        stream: bytes of a file or of standard input.
        verifier: what tokens must satisfy.
        source: the observing application, when the lines do not say it; it wins over what they say.

    Raises:
        UsageError: a token needs settings that are missing.
        PublisherUnreachable: the issuer's keys cannot be read.
    """
    for number, line in enumerate(bounded_lines(stream), start=1):
        if line is None:
            yield Refused(number, _digest(f"{number}".encode(), source), "too-large")
        elif line.strip():
            yield _taken(number, line.strip(), verifier, source)


def bounded_lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """The lines of a stream; None stands for a line over the limit, which is skipped unread."""
    while line := stream.readline(LIMITS.observation_bytes + 1):
        if len(line) <= LIMITS.observation_bytes:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LIMITS.observation_bytes)
        yield None


def observe(item: Any, *, verifier: Verifier, source: str = "") -> Observation:
    """Turn one decoded line into an observation.

    Raises:
        TokenRefused: the line is not acceptable; its ``reason`` says why.
        UsageError: a token needs settings that are missing.
        PublisherUnreachable: the issuer's keys cannot be read.
    """
    if not isinstance(item, dict):
        raise TokenRefused("an observation is a JSON object", reason="malformed")
    instant = _observed_at(item.get("observed_at"))
    application = _source(source or item.get("source"))
    userinfo, trust = _userinfo(item, verifier, instant)
    said = read_userinfo(userinfo)
    invented = trust is Trust.VERIFIED and is_test_bed(verifier.issuer)
    scope = Scope.TEST_BED if invented else said.scope
    return Observation(said.national_id, application, instant.date(), trust, scope, said.claims)


def _taken(number: int, line: bytes, verifier: Verifier, source: str) -> Kept | Refused:
    digest = _digest(line, source)
    try:
        return Kept(number, digest, observe(_decoded(line), verifier=verifier, source=source))
    except TokenRefused as refusal:
        return Refused(number, digest, refusal.reason)


def _decoded(line: bytes) -> Any:
    value: Any = None
    reason = ""
    try:
        value = json.loads(line.decode())
    except UnicodeDecodeError:
        reason = "not-utf-8"
    except (ValueError, RecursionError):
        reason = "not-json"
    if reason:
        raise TokenRefused("the line cannot be read", reason=reason)
    return value


def _digest(line: bytes, source: str) -> str:
    return hashlib.blake2b(
        source.encode() + b"\x1f" + line, digest_size=16, person=b"rpps-sync intake"
    ).hexdigest()


def _observed_at(value: Any) -> datetime:
    instant: datetime | None = None
    if isinstance(value, str):
        try:
            instant = datetime.fromisoformat(value)
            instant = instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            instant = None
    if instant is None or instant < _EARLIEST:
        raise TokenRefused("observed_at is missing or is no instant", reason="bad-observed-at")
    return instant


def _source(value: Any) -> str:
    if not isinstance(value, str) or not _SOURCE.fullmatch(value):
        raise TokenRefused("source does not name the observing application", reason="bad-source")
    return value


def _userinfo(item: Mapping[str, Any], verifier: Verifier, at: datetime) -> tuple[Mapping[str, Any], Trust]:
    userinfo, trust = item.get("userinfo"), Trust.ATTESTED
    if isinstance(userinfo, str) and userinfo:
        userinfo, trust = verifier.verify(userinfo, at=at, kind=TokenKind.USERINFO), Trust.VERIFIED
    if not isinstance(userinfo, dict):
        raise TokenRefused("the observation holds no userinfo", reason="no-userinfo")
    for kind in (TokenKind.ID, TokenKind.ACCESS):
        if item.get(kind) is not None:
            same_subject(_token(item, kind, verifier, at), userinfo)
            trust = Trust.VERIFIED
    return userinfo, trust


def _token(item: Mapping[str, Any], kind: TokenKind, verifier: Verifier, at: datetime) -> Mapping[str, Any]:
    token = item[kind]
    if not isinstance(token, str):
        raise TokenRefused(f"{kind} is not a text", reason="malformed")
    return verifier.verify(token, at=at, kind=kind)
