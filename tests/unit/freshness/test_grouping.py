from __future__ import annotations

from rpps_sync.freshness.grouping import lines


def _state(name: str, state: str, observed: str) -> dict[str, str]:
    return {"objective": name, "state": state, "observed": observed, "limit": ""}


def test_a_dozen_authorities_that_are_well_are_one_line() -> None:
    """Nobody reads a wall of green: the silent authority comes alone and first, the others share a line."""
    states = [_state(f"feed.changes:{name}", "ok", f"{name} brings") for name in ("ARS", "CNOI", "CNOP", "SSA")]
    states.append(_state("feed.changes:CNOM", "warn", "silent"))
    silent, well = lines(states, "en")
    assert (silent.named, silent.observed) == ("Feed of the registration authority – CNOM", "silent")
    assert (well.state, well.subjects, well.observed) == ("ok", ("ARS", "CNOI", "CNOP", "SSA"), "")


def test_what_is_the_same_of_several_is_said_once() -> None:
    """Five extracts of one age share it; two ages are told with whose they are."""
    states = [_state(f"publication.extract:{name}", "ok", "3 h") for name in ("mssante", "cartes")]
    assert [line.observed for line in lines(states, "fr")] == ["3 h"]
    states.append(_state("publication.extract:savoirfaire", "ok", "9 h"))
    assert [line.observed for line in lines(states, "fr")] == ["mssante, cartes : 3 h ; savoirfaire : 9 h"]


def test_what_is_late_together_is_told_together() -> None:
    """Five extracts of one late publication are one line to act on; the one that is later still has its own."""
    states = [_state(f"publication.extract:{name}", "error", "5 d") for name in ("mssante", "savoirfaire")]
    states.append(_state("publication.extract:cartes", "error", "9 d"))
    told = lines(states, "en")
    assert [line.subjects for line in told] == [("mssante", "savoirfaire"), ("cartes",)]


def test_objectives_come_in_the_order_of_their_declaration_and_old_ones_last() -> None:
    """A run of a former version is shown as it was."""
    states = [
        _state("cards.age", "ok", ""),
        _state("run.last_success", "ok", ""),
        _state("publication.age", "ok", ""),
    ]
    told = lines(states, "en")
    assert [line.objective for line in told] == ["publication.age", "run.last_success", "cards.age"]
    assert told[-1].group is None
