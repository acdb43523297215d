"""Lines and people lost, or come in numbers."""

from __future__ import annotations

import polars as pl

from rpps_sync.extracts.rules import department_of
from rpps_sync.simulator.incidents.incident import CARDS, DIPL, MAIL, PA, Incident
from rpps_sync.simulator.spoiling import cut, on_lines, people_gone, putting, repeated, some_of, without

_TOWN = department_of(pl.col("commune")) == "69"


def incidents() -> tuple[Incident, ...]:
    """The incidents of this family."""
    return (
        Incident("truncated at 99 %", "practitioners.departed", "error", on_lines(PA, cut(0.99))),
        Incident("truncated at 90 %", "volume.lines", "blocking", on_lines(PA, cut(0.9))),
        Incident("diplomas truncated at half", "volume.lines", "blocking", on_lines(DIPL, cut(0.5))),
        Incident("half of the mailboxes lost", "volume.lines", "blocking", on_lines(MAIL, cut(0.5))),
        Incident(
            "the cards of one in thirty lost", "volume.lines", "error", on_lines(CARDS, without(some_of(0.035)))
        ),
        Incident(
            "the end of the identifiers missing",
            "volume.beyond",
            "blocking",
            on_lines(PA, lambda lines: lines.sort("national_id").head(lines.height - 40)),
        ),
        Incident(
            "0.9 % of the people dropped from every file", "practitioners.departed", "error", people_gone(0.009)
        ),
        Incident(
            "3 % of the people dropped from every file", "practitioners.departed", "blocking", people_gone(0.03)
        ),
        Incident("one département lost", "volume.by-department", "blocking", on_lines(PA, without(_TOWN))),
        Incident(
            "one profession lost",
            "volume.by-profession",
            "blocking",
            on_lines(PA, without(pl.col("profession") == "40")),
        ),
        Incident(
            "half of one profession lost",
            "volume.by-profession",
            "blocking",
            on_lines(PA, without((pl.col("profession") == "21") & some_of(0.55))),
        ),
        Incident(
            "the feed of one authority lost",
            "volume.by-authority",
            "error",
            on_lines(PA, without(pl.col("registration_authority").str.starts_with("CNOP"))),
        ),
        Incident("12 % more lines overnight", "volume.lines", "warning", on_lines(PA, repeated(0.12))),
        Incident("one block of lines twice", "duplicates.share", "warning", on_lines(PA, repeated(0.05))),
        Incident("the whole file twice", "duplicates.share", "warning", on_lines(PA, repeated(1.0))),
        Incident(
            "one type of card vanished",
            "volume.vanished.card_type",
            "warning",
            on_lines(CARDS, putting(pl.col("card_type") == "CPF", card_type="CPS")),
        ),
    )
