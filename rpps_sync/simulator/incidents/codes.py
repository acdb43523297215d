"""Codes and labels renamed, retired, unknown or shifted."""

from __future__ import annotations

import polars as pl

from rpps_sync.simulator.incidents.incident import EVERYBODY, PA, Incident
from rpps_sync.simulator.spoiling import in_all_labels, on_lines, putting, some_of

_NURSE, _DOCTOR = pl.col("profession") == "60", pl.col("profession") == "10"


def incidents() -> tuple[Incident, ...]:
    """The incidents of this family."""
    return (
        Incident(
            "a code renamed", "volume.by-profession", "blocking", on_lines(PA, putting(_NURSE, profession="6O"))
        ),
        Incident(
            "a code nobody knows on a few lines",
            "codes.unknown.category",
            "warning",
            on_lines(PA, putting(some_of(0.005), category="Z")),
        ),
        Incident(
            "codes in lower case",
            "codes.unknown.mode",
            "error",
            on_lines(PA, putting(EVERYBODY, mode=pl.col("mode").str.to_lowercase())),
        ),
        Incident(
            "codes as decimal numbers",
            "codes.shapes",
            "warning",
            on_lines(PA, putting(some_of(0.05), profession=pl.concat_str("profession", pl.lit(".0")))),
        ),
        Incident("a label renamed", "labels.changed", "info", in_all_labels("Salarié", "Salariat")),
        Incident("six labels renamed", "labels.changed", "warning", in_all_labels("e", "é")),
        Incident(
            "two labels for one code",
            "labels.conflict",
            "warning",
            on_lines(PA, putting(some_of(0.1), profession_label="Autre libellé")),
        ),
        Incident(
            "a code retired by the nomenclature, everywhere",
            "codes.retired",
            "warning",
            on_lines(PA, putting(some_of(0.2), category="F", category_label="Fonctionnaire")),
        ),
        Incident(
            "4 % of the people change mode overnight",
            "codes.shifted",
            "warning",
            on_lines(PA, putting(some_of(0.06), mode="B", mode_label="Bénévole")),
        ),
        Incident(
            "1 % of the people change mode overnight",
            "codes.distribution",
            "warning",
            on_lines(PA, putting(some_of(0.018), mode="B", mode_label="Bénévole")),
        ),
        Incident(
            "skills without their type",
            "format.skill.skill-type",
            "error",
            on_lines(PA, putting(some_of(0.3), skill_type="", skill_type_label="")),
        ),
        Incident(
            "a third of the doctors without speciality",
            "format.rise",
            "error",
            on_lines(
                PA, putting(_DOCTOR & some_of(0.3), skill="", skill_type="", skill_label="", skill_type_label="")
            ),
        ),
    )
