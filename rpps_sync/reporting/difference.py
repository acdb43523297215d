"""What moved between two nights: checks, freshness, findings, scores, and how each night ended.

The edition before is the report of the run before. A night that found nothing new ran no check, so that checks and
unreadable lines are compared with the last night that read files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rpps_sync.clock import parse_instant
from rpps_sync.directory.finding_history import Event
from rpps_sync.freshness.objectives import title_of
from rpps_sync.quality.judging import told_in
from rpps_sync.reporting.lights import READING_ORDER, check_light
from rpps_sync.reporting.material import Material, Rows
from rpps_sync.reporting.model import Difference, Former, Light, Move, Turn, Unit
from rpps_sync.reporting.moves import Better, compared, in_order
from rpps_sync.reporting.scores import scores_of
from rpps_sync.reporting.words import Words
from rpps_sync.run_summary import Outcome

_BAD = (Light.ERROR, Light.WARN)
_OUTCOMES = (Outcome.PUBLISHED, Outcome.UNCHANGED, Outcome.REFUSED, Outcome.FAILED)  # the best first
_STATES = ("no_data", "ok", "warn", "error")  # from what asks for nothing on
_LATE = _STATES.index("warn")
_READ = (Outcome.PUBLISHED, Outcome.REFUSED)
Summary = Mapping[str, Any]


def difference(material: Material, language: str) -> Difference:
    """All that moved since the run before."""
    if not material.runs:
        return Difference(None)
    now, former, words = material.summary, material.runs[-1]["summary"], Words(language)
    moves = (
        *_outcome(former, now, words),
        *_files_read(material, words),
        *_freshness(former, now, language),
        *_findings(material, words),
        *_scores(material, words),
    )
    return Difference(Former(former["run_id"], parse_instant(former["started_at"])), in_order(moves))


def _outcome(former: Summary, now: Summary, words: Words) -> Iterator[Move]:
    before, after = (_OUTCOMES.index(one["outcome"]) for one in (former, now))
    if before != after and max(before, after) > 1:  # nothing new is as good as published
        said = [words.known("outcome", one["outcome"]) for one in (former, now)]
        turn = Turn.WORSE if after > before else Turn.BETTER
        yield Move(turn, "nights", words("difference.outcome"), said[0], said[1], Unit.WORDS)


def _files_read(material: Material, words: Words) -> Iterator[Move]:
    """Checks and unreadable lines, against the last night that read files."""
    if material.summary["outcome"] not in _READ:
        return
    read = (row["summary"] for row in reversed(material.runs) if row["outcome"] in _READ)
    before = next(read, None)
    if before is None:
        return
    yield from checks_moved(before["checks"], material.summary["checks"], words)
    lines = (before["quarantine"]["lines"], material.summary["quarantine"]["lines"])
    yield from compared("quarantine", words("difference.quarantine"), lines, Better.LOWER)


def checks_moved(before: Iterable[Summary], now: Iterable[Summary], words: Words) -> Iterator[Move]:
    """Checks that began to fail, fail no longer, or fail more or less than they did."""
    was, standing = _failing(before), _failing(now)
    for key in was.keys() | standing.keys():
        old, new = was.get(key), standing.get(key)
        if (turn := _turn(old, new)) is not None:
            some = new or old
            assert some is not None
            yield Move(turn, "checks", _titled(some, words), _found(old), _found(new), _unit(old, new))


def _failing(checks: Iterable[Summary]) -> dict[tuple[str, str], Summary]:
    return {(check["name"], check["file"]): check for check in checks if _light(check) in _BAD}


def _light(check: Summary) -> Light:
    return check_light(check["status"], check["severity"], known=bool(check.get("acknowledged")))


def _turn(old: Summary | None, new: Summary | None) -> Turn | None:
    if old is None or new is None:
        return Turn.APPEARED if old is None else Turn.GONE
    was, is_now = ((-READING_ORDER.index(_light(check)), check["failing"]) for check in (old, new))
    if was == is_now:
        return None
    return Turn.WORSE if is_now > was else Turn.BETTER


def _unit(old: Summary | None, new: Summary | None) -> Unit:
    counted = all(check is None or check["failing"] for check in (old, new))
    return Unit.NUMBER if counted else Unit.WORDS


def _found(check: Summary | None) -> float | str | None:
    return None if check is None else check["failing"] or check["observed"]


def _titled(check: Summary, words: Words) -> str:
    told = told_in(words.language, check["name"], check["file"], check["title"])
    title = check["title"] if told is None else told[0]
    return words("difference.check", title=title, file=check["file"]) if check["file"] else title


def _freshness(former: Summary, now: Summary, language: str) -> Iterator[Move]:
    """Objectives that got worse or better, where one of the nights missed them; subjects that are new and late."""
    before, after = ({line["objective"]: line for line in one["freshness"]} for one in (former, now))
    for name, line in after.items():
        old, title = before.get(name), title_of(name, language)
        rank, was = _STATES.index(line["state"]), _STATES.index(old["state"]) if old else 0
        if rank == was or max(rank, was) < _LATE:
            continue
        if old is None:
            yield Move(Turn.APPEARED, "freshness", title, None, line["observed"], Unit.WORDS)
        else:
            turn = Turn.WORSE if rank > was else Turn.BETTER
            yield Move(turn, "freshness", title, old["observed"], line["observed"], Unit.WORDS)


def _findings(material: Material, words: Words) -> Iterator[Move]:
    yield from findings_moved(material.happened, words)


def findings_moved(happened: Rows, words: Words) -> Iterator[Move]:
    """Findings that came and went, by verdict: rows with ``event``, ``verdict`` and ``findings``."""
    turns = {Event.OPENED: Turn.APPEARED, Event.REOPENED: Turn.APPEARED, Event.RESOLVED: Turn.GONE}
    counts: dict[tuple[Turn, str], int] = {}
    for row in happened:
        if (turn := turns.get(row["event"])) is not None:
            counts[turn, row["verdict"]] = counts.get((turn, row["verdict"]), 0) + row["findings"]
    for (turn, verdict), number in counts.items():
        subject = words("difference.findings", verdict=words.known("verdict", verdict))
        before, now = (None, number) if turn is Turn.APPEARED else (number, None)
        yield Move(turn, "findings", subject, before, now, Unit.NUMBER)


def _scores(material: Material, words: Words) -> Iterator[Move]:
    scores = scores_of(material.publications, material.labels)
    if scores is None or material.summary["outcome"] not in _READ:
        return
    now, before = (told.get("score") for told in (scores.publication.scores, scores.publication.former))
    if now is not None and before is not None and words.points(now, before) != "=":
        yield from compared("scores", words("difference.score"), (before, now), Better.HIGHER, Unit.SHARE)
