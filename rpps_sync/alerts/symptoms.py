"""From what the ledgers say to symptoms, grouped by the cause that somebody has to mend.

A grave symptom opens an incident; a slight one (a warning) only keeps an open one from closing, so that nobody
hears of a value that wavers around a limit. What follows from a graver cause is told with it: after a refused
publication the directory grows old, and that is one incident, not two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from rpps_sync.errors import EXIT_TRY_LATER, EXIT_USAGE
from rpps_sync.run_summary import FreshnessState, Outcome

Symptoms = Mapping["Cause", tuple["Symptom", ...]]


class Cause(StrEnum):
    """What somebody has to look at; each has a page in docs/runbook. A cause hides those that follow from it."""

    RUN = "run"  # our own night does not take place, or fails
    GATE = "gate"  # the checks refused the publication
    PUBLICATION = "publication"  # nothing new, or nothing usable, comes from the publisher
    FEED = "feed"  # one registration authority is silent
    QUALITY = "quality"  # published, with errors that do not block
    CLAIMS = "claims"  # applications no longer tell what they see
    ARCHIVE = "archive"  # the archive or the database is damaged
    SUBSCRIBERS = "subscribers"  # an application no longer takes the changes that it subscribed to


_FOLLOWS: Mapping[Cause, tuple[Cause, ...]] = {
    Cause.PUBLICATION: (Cause.RUN, Cause.GATE),
    Cause.FEED: (Cause.RUN, Cause.GATE, Cause.PUBLICATION),
}
_OBJECTIVES: Mapping[str, Cause] = {  # by the first word of the objective
    "run": Cause.RUN,
    "claims": Cause.CLAIMS,
    "feed": Cause.FEED,
}
_JOBS: Mapping[str, Cause] = {"verification": Cause.ARCHIVE, "claims": Cause.CLAIMS}  # the others are RUN
_NIGHTS = ("night", "publisher")  # jobs that leave a summary, which says more than their exit code
LONG_REFUSED = timedelta(days=1)
_BY_HAND = ("stopped by SystemExit", "stopped by KeyboardInterrupt")  # somebody stopped it, and knows


@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing seen: a stable name, a sentence, and whether it is grave enough to open an incident."""

    name: str
    said: str
    grave: bool = True

    def to_json(self) -> dict[str, Any]:
        """As the ledger of incidents keeps it."""
        return asdict(self)


def symptoms(
    run: Mapping[str, Any] | None,
    states: Iterable[tuple[FreshnessState, str]],
    jobs: Mapping[str, Mapping[str, Any]],
    already_open: Collection[str] = (),
    refused: Iterable[Mapping[str, Any]] = (),
) -> Symptoms:
    """What is wrong now.

    Args:
        run: the summary of the last run that ended, as the ledger keeps it.
        states: of the freshness objectives, now, each with its title.
        jobs: the last time of each job of the scheduler that says whether it works.
        already_open: causes that have an incident: what follows from another keeps its own.
        refused: the webhooks that do not take their messages, as lists show them.
    """
    found: dict[Cause, list[Symptom]] = {}
    for cause, symptom in (*_of_run(run or {}), *_of_states(states), *_of_jobs(jobs), *_of_webhooks(refused)):
        found.setdefault(cause, []).append(symptom)
    return _grouped({cause: tuple(several) for cause, several in found.items()}, already_open)


def _of_run(run: Mapping[str, Any]) -> Iterator[tuple[Cause, Symptom]]:
    message, outcome = str(run.get("message", "")), run.get("outcome")
    if outcome == Outcome.FAILED and not message.startswith(_BY_HAND):
        unreachable = run.get("exit_code") == EXIT_TRY_LATER
        yield Cause.PUBLICATION if unreachable else Cause.RUN, Symptom("run.failed", message)
    elif outcome == Outcome.REFUSED:
        yield Cause.GATE if run.get("publication") else Cause.PUBLICATION, Symptom("run.refused", message)
    for check in run.get("checks", ()):
        if check["status"] not in ("failed", "error") or check.get("acknowledged"):
            continue
        said = f"{check['title']}: {check['observed']}"
        if check["severity"] == "error":
            cause = Cause.PUBLICATION if outcome == Outcome.UNCHANGED else Cause.QUALITY
            yield Cause.GATE if outcome == Outcome.REFUSED else cause, Symptom(check["name"], said)
    for file in run.get("inbox", {}).get("waiting", ()):
        yield Cause.CLAIMS, Symptom("inbox.waiting", str(file))


def _of_states(states: Iterable[tuple[FreshnessState, str]]) -> Iterator[tuple[Cause, Symptom]]:
    for state, title in states:
        if state.state in ("warn", "error"):
            cause = _OBJECTIVES.get(state.objective.partition(".")[0], Cause.PUBLICATION)
            said = f"{title}: {state.observed} ({state.limit})"
            yield cause, Symptom(state.objective, said, grave=state.state == "error")


def _of_jobs(jobs: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[Cause, Symptom]]:
    for job, last in jobs.items():
        if last["outcome"] == "failed" and not (job in _NIGHTS and _summed_up(last["exit_code"])):
            said = f"{job} ({last['started_at']}): {last['message'] or last['exit_code']}"
            yield _JOBS.get(job, Cause.RUN), Symptom(f"job.{job}", said)


def _summed_up(exit_code: int | None) -> bool:
    """Whether a night came far enough to tell of itself: not when a setting kept it from starting, nor killed."""
    return exit_code is not None and exit_code >= 0 and exit_code != EXIT_USAGE


def _of_webhooks(refused: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Cause, Symptom]]:
    """One failure is nothing yet: receivers restart. A day of them is, and so is giving up."""
    for hook in refused:
        lost = hook["state"] == "disabled"
        said = f"{hook['name']} ({hook['id']}): {hook['failure']}; since {hook['failing_since']}, {hook['state']}"
        grave = lost or hook["failing_for"] >= LONG_REFUSED.total_seconds()
        yield Cause.SUBSCRIBERS, Symptom(f"webhook.{hook['id']}", said, grave=grave)


def _grouped(found: Symptoms, already_open: Collection[str]) -> Symptoms:
    """Symptoms that follow from another grave cause, told with it."""
    grave = {cause for cause, several in found.items() if any(symptom.grave for symptom in several)}
    grouped: dict[Cause, tuple[Symptom, ...]] = {}
    for cause, several in found.items():
        behind = next((other for other in _FOLLOWS.get(cause, ()) if other in grave), cause)
        target = cause if cause in already_open else behind
        grouped[target] = (*grouped.get(target, ()), *several)
    return grouped
