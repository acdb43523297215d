"""``simulate tokens``: what an application saw of so many practitioners over the simulated days.

    FILE                observations, one JSON object per line, in the order of their instants
    truth.jsonl         beside it: every finding expected on the last day
    jwks.json           beside it: the public keys of the issuer
    issuer.json         beside it: its name and the client its tokens are for

Most tokens agree with the directory of their day; the others play the stories of ``world.json``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from rpps_sync.clock import iso
from rpps_sync.errors import UsageError
from rpps_sync.simulator.alterations import altered
from rpps_sync.simulator.chances import Purpose, generator
from rpps_sync.simulator.dossiers import Cells, Dossier, differ, dossiers, everybody, structure_key
from rpps_sync.simulator.issuer import Issuer
from rpps_sync.simulator.issuer_answers import ISSUER_FILE, JWKS_FILE
from rpps_sync.simulator.schedules import ordinary_days, story_days
from rpps_sync.simulator.stories import Script, Story, read_script
from rpps_sync.simulator.truth import Expected, Played, expected
from rpps_sync.simulator.userinfo import Style, draw_style, story_style, userinfo

TRUTH_FILE = "truth.jsonl"
DEFAULT_SOURCE = "dpi-demo"
_STORIES_SHARE = 0.4  # of the people observed, at most
_SIGNED = 0.5
_OPENING = time(7, tzinfo=UTC)  # logins happen after the deposit of the day
_OPEN_SECONDS = 12 * 3600

Progress = Callable[[int], None]
Versions = list[Dossier | None]  # one per day


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose logins are observed: what the token says on each day they are seen."""

    said: dict[int, Dossier]  # by day, 1 is the first
    style: Style


@dataclass(frozen=True, slots=True)
class TokensWritten:
    """What ``simulate tokens`` wrote."""

    observations: int
    signed: int
    practitioners: int
    expected: tuple[Expected, ...]


def write_tokens(
    folder: Path,
    out: Path,
    *,
    issuer: Issuer,
    observed: int = 2_000,
    seed: int = 1,
    source: str = DEFAULT_SOURCE,
    grace: int = 3,
    progress: Progress = lambda _people: None,
) -> TokensWritten:
    """Write observations, and the truth about them.

    Args:
        folder: what ``simulate publish`` wrote.
        out: the file of observations.
        issuer: who signs about half of them.
        observed: how many people are seen, at most.
        seed: who is seen, and when.
        source: the observing application.
        grace: N of the verdicts.
        progress: called with 1 for each person.

    Raises:
        UsageError: the folder holds no simulation, or impossible numbers.
    """
    if observed < 1 or grace < 1:
        raise UsageError("nobody would be observed", mend="give --observed and --grace at least 1")
    script = read_script(folder)
    rng = generator(seed, Purpose.TOKENS)
    cast = script.stories[: max(1, int(observed * _STORIES_SHARE))]
    ordinary = _ordinary(folder, script, rng, observed - len(cast))
    history = _history(folder, script, {story.national_id for story in cast} | set(ordinary))
    structures = _structures(history[national_id][0] for national_id in ordinary)
    truth: list[Expected] = []
    people = [_agreeing(history[national_id], rng) for national_id in ordinary]
    for story in cast:
        person, played = _playing(story, history, script, rng, structures, grace)
        people.append(person)
        truth.extend(expected(played, script.days, grace, source))
    lines = sorted(_observations(people, script, rng, issuer, source, progress), key=lambda line: line[0])
    out.parent.mkdir(parents=True, exist_ok=True)
    _write(out, (line for _, line in lines))
    _write(out.parent / TRUTH_FILE, (asdict(item) for item in truth))
    (out.parent / JWKS_FILE).write_text(json.dumps(issuer.jwks(), indent=1) + "\n", encoding="utf-8")
    names = {"issuer": issuer.name, "client_id": issuer.client_id}
    (out.parent / ISSUER_FILE).write_text(json.dumps(names, indent=1) + "\n", encoding="utf-8")
    signed = sum("id_token" in line for _, line in lines)
    return TokensWritten(len(lines), signed, len(people), tuple(truth))


def _ordinary(folder: Path, script: Script, rng: np.random.Generator, count: int) -> list[str]:
    """People of the first day who play no story."""
    playing = {story.national_id for story in script.stories}
    free = [national_id for national_id in everybody(folder / "day-1") if national_id not in playing]
    return [free[index] for index in rng.permutation(len(free))[: max(count, 1)]]


def _history(folder: Path, script: Script, national_ids: set[str]) -> dict[str, Versions]:
    """What the directory said of those people on each day."""
    days = [dossiers(folder / f"day-{number}", national_ids) for number in range(1, len(script.days) + 1)]
    return {national_id: [day.get(national_id) for day in days] for national_id in sorted(national_ids)}


def _structures(people: Iterable[Dossier | None]) -> list[Cells]:
    """Activities at structures, for tokens that name a structure of somebody else's."""
    found = [
        activity
        for dossier in people
        if dossier
        for exercise in dossier.exercises
        for activity in exercise.activities
        if structure_key(activity)
    ]
    if len(found) < 3:
        raise UsageError("too few people are observed to borrow structures from", mend="raise --observed")
    return found


def _agreeing(versions: Versions, rng: np.random.Generator) -> Person:
    """Somebody whose token always says what the directory says that day; seen only while they are in it."""
    present = {number: dossier for number, dossier in enumerate(versions, start=1) if dossier}
    first = versions[0]
    assert first is not None
    if None in versions:  # left, for a while or for good: their last login would outlive them
        return Person({}, draw_style(first, rng))
    seen = ordinary_days(len(versions), rng, changing=differ(versions))
    return Person({day: present[day] for day in seen}, draw_style(first, rng))


def _playing(
    story: Story,
    history: dict[str, Versions],
    script: Script,
    rng: np.random.Generator,
    structures: Sequence[Cells],
    grace: int,
) -> tuple[Person, Played]:
    """Somebody who plays a story: what their token says on each day, and what the story comes down to."""
    seen = story_days(story, len(script.days), rng, grace)
    versions = history[story.national_id]
    if versions[0] is None:
        stranger = Dossier(story.national_id)
        return Person(dict.fromkeys(seen, stranger), story_style(rng)), Played(story, seen, stranger, stranger)
    before, after = _sides(story, versions, rng, structures)
    said = {day: _said(story, day, len(script.days), before, after) for day in seen}
    return Person(said, story_style(rng)), Played(story, seen, before, after)


def _sides(
    story: Story, versions: Versions, rng: np.random.Generator, structures: Sequence[Cells]
) -> tuple[Dossier, Dossier]:
    """What the side that changes says before and after; for ``odd``, the directory and the token."""
    if story.plot in ("odd", "recent", "ahead"):
        first = versions[0]
        assert first is not None
        return first, altered(first, story, rng, structures)
    before, after = versions[story.day - 2], versions[story.day - 1]
    assert before is not None
    return before, after or before  # somebody who left says what was last known


def _said(story: Story, day: int, days: int, before: Dossier, after: Dossier) -> Dossier:
    """What the token says on one day."""
    match story.plot:
        case "odd" | "recent":
            return after
        case "ahead":
            return after if day >= story.day else before
        case "followed":
            return after if day >= story.day - 1 else before
        case "refreshed":
            return after if day == days else before
        case _:
            return before


def _observations(
    people: Sequence[Person],
    script: Script,
    rng: np.random.Generator,
    issuer: Issuer,
    source: str,
    progress: Progress,
) -> Iterator[tuple[datetime, dict[str, Any]]]:
    for person in people:
        for day, dossier in person.said.items():
            for _ in range(1 + int(rng.random() < 0.15)):
                opening = datetime.combine(script.days[day - 1], _OPENING)
                at = opening + timedelta(seconds=int(rng.integers(0, _OPEN_SECONDS)))
                claims = userinfo(dossier, person.style)
                line: dict[str, Any] = {"observed_at": iso(at), "source": source, "userinfo": claims}
                if rng.random() < _SIGNED:
                    line["id_token"] = issuer.id_token(claims, at, rotated=day * 2 > len(script.days))
                yield at, line
        progress(1)


def _write(file: Path, lines: Iterable[dict[str, Any]]) -> None:
    with file.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
