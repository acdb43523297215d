"""``simulate tokens``: what an application saw of so many practitioners over the simulated days.

    FILE                observations, one JSON object per line, in the order of their instants
    truth.jsonl         beside it: every finding expected on the last day
    jwks.json           beside it: the public keys of the issuer
    issuer.json         beside it: its name and the client its tokens are for

    arrivals.json       beside it, when some are late: the day on which each line arrives, line after line

Most tokens agree with the directory of their day; the others play the stories of ``world.json``. Some people are
seen by a second application, whose tokens may be up to date where the first's are not, or late in their own way.
"""

from __future__ import annotations

import json
import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from rpps_sync.clock import iso
from rpps_sync.errors import UsageError
from rpps_sync.simulator.chances import Purpose, generator
from rpps_sync.simulator.dossiers import Cells, Dossier, dossiers, everybody, structure_key
from rpps_sync.simulator.issuer import Issuer
from rpps_sync.simulator.issuer_answers import ISSUER_FILE, JWKS_FILE
from rpps_sync.simulator.logins import Person, Scene, Stage, Versions, agreeing, scenes
from rpps_sync.simulator.stories import Script, read_script
from rpps_sync.simulator.truth import Calendar, Expected, expected
from rpps_sync.simulator.userinfo import userinfo

TRUTH_FILE = "truth.jsonl"
ARRIVALS_FILE = "arrivals.json"
DEFAULT_SOURCE = "dpi-demo"
SECOND_SOURCE = "portail-demo"
_STORIES_SHARE = 0.4  # of the people observed, at most
_LENDERS = 60  # people whose structures tokens borrow, at least
_SIGNED = 0.5
_TWICE = 0.15  # share of the days on which somebody signs in twice
_OPENING = time(7, tzinfo=UTC)  # logins happen after the deposit of the day
_OPEN_SECONDS = 12 * 3600

Progress = Callable[[int], None]


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
    refused: Sequence[int] = (),
    late: float = 0.0,
    progress: Progress = lambda _people: None,
) -> TokensWritten:
    """Write observations, and the truth about them.

    Args:
        folder: what ``simulate publish`` wrote.
        out: the file of observations.
        issuer: who signs about half of them.
        observed: how many people are seen, at most.
        seed: who is seen, and when.
        source: the observing application; what the second one sees is told as of ``portail-demo``.
        grace: N of the verdicts.
        refused: days whose publication is never served, for the truth; neither the first nor the last.
        late: share of the observations that arrive on a later day than theirs; they come in order of arrival.
        progress: called with 1 for each person.

    Raises:
        UsageError: the folder holds no simulation, or impossible numbers.
    """
    if observed < 1 or grace < 1:
        raise UsageError("nobody would be observed", mend="give --observed and --grace at least 1")
    script = read_script(folder)
    if not 0 <= late <= 1 or any(not 1 < day < len(script.days) for day in refused):
        raise UsageError(
            f"a share of {late:g} or the refused days {sorted(refused)} do not fit {len(script.days)} days",
            mend="give --late from 0 to 1, and --refused neither the first day nor the last",
        )
    rng = generator(seed, Purpose.TOKENS)
    cast = script.stories[: max(1, int(observed * _STORIES_SHARE))]
    ordinary = _ordinary(folder, script, rng, observed - len(cast))
    history = _history(folder, script, {story.national_id for story in cast} | set(ordinary))
    stage = Stage(rng, len(script.days), grace, history, _structures(history[person][0] for person in ordinary))
    agreed = (agreeing(stage, national_id) for national_id in ordinary[: observed - len(cast)])
    seen = [Scene(person, None) for person in agreed if person]
    turns: defaultdict[str, Iterator[int]] = defaultdict(count)  # by plot, so that each is played everywhere
    seen += [scene for story in cast for scene in scenes(stage, story, next(turns[story.plot]))]
    calendar = Calendar(script.days, frozenset(refused))
    lines: list[dict[str, Any]] = []
    truth: list[Expected] = []
    for scene in seen:
        application = SECOND_SOURCE if scene.elsewhere else source
        lines += [login.observation(issuer, application) for login in _logins(scene.person, script, rng)]
        truth += expected(scene.played, calendar, grace, application) if scene.played else ()
        progress(not scene.elsewhere)
    lines.sort(key=operator.itemgetter("observed_at"))
    if late:
        lines, arrivals = _delayed(lines, script, late, rng)
        out.parent.mkdir(parents=True, exist_ok=True)
        (out.parent / ARRIVALS_FILE).write_text(json.dumps(arrivals) + "\n", encoding="utf-8")
    _write_all(out, lines, truth, issuer)
    signed = sum("id_token" in line for line in lines)
    return TokensWritten(len(lines), signed, sum(not scene.elsewhere for scene in seen), tuple(truth))


def _write_all(out: Path, lines: list[dict[str, Any]], truth: Sequence[Expected], issuer: Issuer) -> None:
    """The observations, and the files beside them."""
    out.parent.mkdir(parents=True, exist_ok=True)
    _write(out, lines)
    _write(out.parent / TRUTH_FILE, (asdict(item) for item in truth))
    (out.parent / JWKS_FILE).write_text(json.dumps(issuer.jwks(), indent=1) + "\n", encoding="utf-8")
    names = {"issuer": issuer.name, "client_id": issuer.client_id}
    (out.parent / ISSUER_FILE).write_text(json.dumps(names, indent=1) + "\n", encoding="utf-8")


def _delayed(
    lines: Sequence[dict[str, Any]], script: Script, share: float, rng: np.random.Generator
) -> tuple[list[dict[str, Any]], list[int]]:
    """The lines in the order of their arrival, and the day on which each arrives."""
    numbers = {day.isoformat(): number for number, day in enumerate(script.days, start=1)}
    days = np.array([numbers[line["observed_at"][:10]] for line in lines])
    delays = np.where(rng.random(days.size) < share, rng.integers(1, len(script.days) + 1, days.size), 0)
    arrivals = np.minimum(days + delays, len(script.days))
    order = rng.permutation(days.size)
    order = order[np.argsort(arrivals[order], kind="stable")]
    return [lines[number] for number in order], [int(day) for day in arrivals[order]]


def _ordinary(folder: Path, script: Script, rng: np.random.Generator, count: int) -> list[str]:
    """People of the first day who play no story: so many, and enough to borrow structures from."""
    storied = {story.national_id for story in script.stories}
    free = [national_id for national_id in everybody(folder / "day-1") if national_id not in storied]
    return [free[index] for index in rng.permutation(len(free))[: max(count, _LENDERS)]]


def _history(folder: Path, script: Script, national_ids: set[str]) -> dict[str, Versions]:
    """What the directory said of those people on each day."""
    days = [dossiers(folder / f"day-{number}", national_ids) for number in range(1, len(script.days) + 1)]
    return {national_id: [day.get(national_id) for day in days] for national_id in sorted(national_ids)}


def _structures(people: Iterable[Dossier | None]) -> list[Cells]:
    """Activities at structures, for tokens that name a structure of somebody else's."""
    return [
        activity
        for dossier in people
        if dossier
        for exercise in dossier.exercises
        for activity in exercise.activities
        if structure_key(activity)
    ]


@dataclass(frozen=True, slots=True)
class _Login:
    """One moment at which somebody signed in."""

    at: datetime
    userinfo: dict[str, Any]
    signed: bool
    rotated: bool  # whether the issuer had replaced its key by then

    def observation(self, issuer: Issuer, source: str) -> dict[str, Any]:
        """One line of the file."""
        line = {"observed_at": iso(self.at), "source": source, "userinfo": self.userinfo}
        if self.signed:
            line["id_token"] = issuer.id_token(self.userinfo, self.at, rotated=self.rotated)
        return line


def _logins(person: Person, script: Script, rng: np.random.Generator) -> Iterator[_Login]:
    """One login on each day the person is seen, two on some."""
    for day, dossier in person.said.items():
        for _ in range(2 if rng.random() < _TWICE else 1):
            at = datetime.combine(script.days[day - 1], _OPENING)
            at += timedelta(seconds=int(rng.integers(0, _OPEN_SECONDS)))
            signed = bool(rng.random() < _SIGNED)
            yield _Login(at, userinfo(dossier, person.style, day), signed, rotated=day * 2 > len(script.days))


def _write(file: Path, lines: Iterable[dict[str, Any]]) -> None:
    with file.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
