"""Files that no longer tell of the same people."""

from __future__ import annotations

from rpps_sync.simulator.incidents.incident import DIPL, MAIL, PA, SKILLS, Incident
from rpps_sync.simulator.spoiling import newcomers, on_lines, putting, some_of, without


def incidents() -> tuple[Incident, ...]:
    """The incidents of this family."""
    return (
        Incident("skills of people who do not exist", "orphans.people", "blocking", on_lines(SKILLS, newcomers)),
        Incident(
            "diplomas of people lost from the activities",
            "orphans.people",
            "blocking",
            on_lines(PA, without(some_of(0.03))),
        ),
        Incident("mailboxes of holders who do not exist", "orphans.holders", "warning", on_lines(MAIL, newcomers)),
        Incident(
            "other names in the diplomas",
            "referential.names",
            "error",
            on_lines(DIPL, putting(some_of(0.05), family_name="AUTRE NOM")),
        ),
        Incident(
            "other professions in the skills",
            "referential.names",
            "error",
            on_lines(SKILLS, putting(some_of(0.3), profession="40")),
        ),
    )
