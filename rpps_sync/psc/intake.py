"""From lines of JSON to observations: each line is kept or refused on its own, with its number and a reason.

Lines are read one at a time and never longer than ``LIMITS.observation_bytes``, so that a file of any size, or one
endless line, takes no more memory than one observation. What a userinfo says beyond the compared values is
dropped here and reaches neither the database nor a log.

Whose clock? A line of a file was seen in the past, at its ``observed_at``: its tokens are judged at that instant,
which must not be a day to come, nor so long ago that the token could have been found in an old log. What
is told *live* is judged by our clock alone, and an ``observed_at`` that is not now is refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

import orjson

from rpps_sync import clock
from rpps_sync.errors import TokenRefused
from rpps_sync.limits import LIMITS
from rpps_sync.observation import Observation, Scope, Trust
from rpps_sync.psc.claims import Userinfo, read_userinfo
from rpps_sync.psc.tokens import TokenKind, Verifier, is_test_bed, same_subject

_SOURCE = re.compile(r"[\w.@:+-][\w .@:/+-]{0,63}")
_EARLIEST = datetime(2017, 1, 1, tzinfo=UTC)  # Pro Santé Connect did not exist before


@dataclass(frozen=True, slots=True)
class Kept:
    """A line that yielded an observation."""

    line_number: int  # 1 is the first line of the file
    digest: int  # of what was seen, when, where and how far it is believed: told again by any way, it is the same
    observation: Observation
    unknown: tuple[str, ...] = ()  # names of claims nobody knows
    bytes: int = 0  # of the line


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was not acceptable."""

    line_number: int
    reason: str  # a stable word: see TokenRefused
    source: str = ""  # the application, when that much could be read
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Desk:
    """Where lines are judged.

    Attributes:
        verifier: what tokens must satisfy.
        now: our clock.
        source: the observing application, when the lines do not say it; it wins over what they say.
        live: whether what is told has just been seen.
    """

    verifier: Verifier
    now: datetime
    source: str = ""
    live: bool = False

    def observe(self, item: Any) -> tuple[Observation, Userinfo, datetime]:
        """One decoded line as an observation, all that its userinfo says, and the instant it was told with.

        Raises:
            TokenRefused: the line is not acceptable; its ``reason`` says why.
            UsageError: a token needs settings that are missing.
            PublisherUnreachable: the issuer's keys cannot be read.
        """
        if not isinstance(item, dict):
            raise TokenRefused("an observation is a JSON object", reason="malformed")
        told = self._told(item.get("observed_at"))
        instant = self.now if self.live else told
        application = _source(self.source or item.get("source"))
        userinfo, trust = self._userinfo(item, application, instant)
        said = read_userinfo(userinfo)
        invented = trust is Trust.VERIFIED and is_test_bed(self.verifier.issuer)
        scope = Scope.TEST_BED if invented else said.scope
        return Observation(said.national_id, application, instant.date(), trust, scope, said.claims), said, told

    def _told(self, value: Any) -> datetime:
        if self.live and value is None:
            return self.now
        instant = _instant(value)
        if instant.date() > (self.now + timedelta(seconds=LIMITS.observed_ahead_seconds)).date():
            raise TokenRefused("observed_at is a day that has not begun here", reason="observed-ahead")
        if self.live and abs(self.now - instant) > timedelta(seconds=LIMITS.live_seconds):
            raise TokenRefused("observed_at is not now; older observations come in files", reason="not-live")
        return instant

    def _userinfo(
        self, item: Mapping[str, Any], application: str, at: datetime
    ) -> tuple[Mapping[str, Any], Trust]:
        userinfo, trust = item.get("userinfo"), Trust.ATTESTED
        if isinstance(userinfo, str) and userinfo:
            userinfo, trust = self._verified(userinfo, TokenKind.USERINFO, application, at), Trust.VERIFIED
        if not isinstance(userinfo, dict):
            raise TokenRefused("the observation holds no userinfo", reason="no-userinfo")
        for kind in (TokenKind.ID, TokenKind.ACCESS):
            if item.get(kind) is not None:
                same_subject(self._verified(item[kind], kind, application, at), userinfo)
                trust = Trust.VERIFIED
        return userinfo, trust

    def _verified(self, token: Any, kind: TokenKind, application: str, at: datetime) -> Mapping[str, Any]:
        if not isinstance(token, str):
            raise TokenRefused(f"{kind} is not a text", reason="malformed")
        if self.now - at > timedelta(days=LIMITS.token_age_days):
            raise TokenRefused("a token so old proves nothing any more", reason="token-too-old")
        return self.verifier.verify(token, at=at, kind=kind, application=application)


def read(
    stream: BinaryIO, *, verifier: Verifier, source: str = "", live: bool = False
) -> Iterator[Kept | Refused]:
    """Read observations, one JSON object per line; empty lines are passed over.

    Args:
        stream: bytes of a file or of standard input.
        verifier: what tokens must satisfy.
        source: the observing application, when the lines do not say it; it wins over what they say.
        live: whether the lines come in as they are seen.

    Raises:
        UsageError: a token needs settings that are missing.
        PublisherUnreachable: the issuer's keys cannot be read.
    """
    for number, line in enumerate(bounded_lines(stream), start=1):
        desk = Desk(verifier, clock.now(), source, live)
        if line is None:
            yield Refused(number, "too-large", source)
        elif line.strip():
            yield _taken(number, line.strip(), desk)


def read_items(
    items: Iterable[tuple[int, Any]], *, verifier: Verifier, source: str = ""
) -> Iterator[Kept | Refused]:
    """Read observations that are decoded already, each with the number to tell it by."""
    for number, item in items:
        yield _judged(number, item, Desk(verifier, clock.now(), source), len(str(item)))


def bounded_lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """The lines of a stream; None stands for a line over the limit, which is skipped unread."""
    while line := stream.readline(LIMITS.observation_bytes + 1):
        if len(line) <= LIMITS.observation_bytes:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LIMITS.observation_bytes)
        yield None


def observe(item: Any, *, verifier: Verifier, source: str = "", live: bool = False) -> Observation:
    """Turn one decoded observation, of a line or of the body of a request, into what is kept of it.

    Args:
        item: the JSON object.
        verifier: what tokens must satisfy.
        source: the observing application; it wins over what the object says.
        live: whether it has just been seen: tokens are judged by our clock.

    Raises:
        TokenRefused: the observation is not acceptable; its ``reason`` says why.
        UsageError: a token needs settings that are missing.
        PublisherUnreachable: the issuer's keys cannot be read.
    """
    return Desk(verifier, clock.now(), source, live).observe(item)[0]


def _taken(number: int, line: bytes, desk: Desk) -> Kept | Refused:
    try:
        item = _decoded(line)
    except TokenRefused as refusal:
        return Refused(number, refusal.reason, desk.source, len(line))
    return _judged(number, item, desk, len(line))


def _judged(number: int, item: Any, desk: Desk, size: int) -> Kept | Refused:
    try:
        observation, said, told = desk.observe(item)
    except TokenRefused as refusal:
        return Refused(number, refusal.reason, _readable_source(item, desk), size)
    return Kept(number, _digest(observation, told), observation, said.unknown, size)


def _decoded(line: bytes) -> Any:
    value: Any = None
    reason = ""
    try:
        line.decode()
        value = orjson.loads(line)
    except UnicodeDecodeError:
        reason = "not-utf-8"
    except ValueError:
        reason = "not-json"
    if reason:
        raise TokenRefused("the line cannot be read", reason=reason)
    return value


def _digest(seen: Observation, told: datetime) -> int:
    """Sixty-four bits, enough within a day: a million observations share one once in thirty million days.

    What is never compared is left out, and the token: a file that holds the whole userinfo and a hook that sends
    a part of it tell one thing. An attested and a verified observation are two, whichever comes first.
    """
    whole = orjson.dumps([told, seen.source, seen.national_id, seen.trust, seen.claims])
    digest = hashlib.blake2b(whole, digest_size=8, person=b"rpps-sync intake").digest()
    return int.from_bytes(digest, signed=True)


def _instant(value: Any) -> datetime:
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


def _readable_source(item: Any, desk: Desk) -> str:
    named = desk.source or (item.get("source") if isinstance(item, dict) else None)
    return named if isinstance(named, str) and _SOURCE.fullmatch(named) else ""
