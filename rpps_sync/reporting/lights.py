"""Which light stands at the head of a line, and in which order lines are read: the worst first."""

from __future__ import annotations

from rpps_sync.finding import QUIET_VERDICTS, Verdict
from rpps_sync.freshness.states import State
from rpps_sync.reporting.model import Light
from rpps_sync.run_summary import CheckSeverity, CheckStatus

_STATES = {State.OK: Light.OK, State.WARN: Light.WARN, State.ERROR: Light.ERROR, State.NO_DATA: Light.NONE}
_GRAVE_VERDICTS = frozenset({Verdict.DEPARTED_PRACTITIONER, Verdict.UNKNOWN_PRACTITIONER, Verdict.CONFLICT})
READING_ORDER = (Light.ERROR, Light.WARN, Light.NONE, Light.OK)  # the worst first


def check_light(status: str, severity: str, *, known: bool = False) -> Light:
    """The light of a check; one that was skipped, that informs or that is known is neither green nor orange."""
    if status == CheckStatus.PASSED:
        return Light.OK
    informs = status == CheckStatus.WARNED and severity == CheckSeverity.INFO
    if status == CheckStatus.SKIPPED or informs or known:
        return Light.NONE
    grave = severity in (CheckSeverity.BLOCKING, CheckSeverity.ERROR)
    if status == CheckStatus.ERROR or (status == CheckStatus.FAILED and grave):
        return Light.ERROR
    return Light.WARN


def freshness_light(state: State) -> Light:
    """The light of a freshness objective."""
    return _STATES[state]


def verdict_light(verdict: str) -> Light:
    """The light of a verdict: red where access decisions are at stake, none where nothing is asked of anybody."""
    if verdict == Verdict.CONSISTENT:
        return Light.OK
    if verdict in QUIET_VERDICTS:
        return Light.NONE
    return Light.ERROR if verdict in _GRAVE_VERDICTS else Light.WARN


def order_of(light: Light, severity: str, status: str) -> tuple[int, int, int]:
    """Sort key of checks: the worst light, then the gravest severity, then failures before warnings."""
    severities = [item.value for item in CheckSeverity]
    statuses = [CheckStatus.FAILED, CheckStatus.ERROR, CheckStatus.WARNED, CheckStatus.SKIPPED, CheckStatus.PASSED]
    return READING_ORDER.index(light), severities.index(severity), statuses.index(CheckStatus(status))
