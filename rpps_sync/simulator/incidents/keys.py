"""National identifiers damaged, passed on, or given twice."""

from __future__ import annotations

import polars as pl

from rpps_sync.simulator.incidents.incident import DIPL, PA, Incident
from rpps_sync.simulator.spoiling import another, on_lines, putting, registered_twice, renumbered, some_of


def incidents() -> tuple[Incident, ...]:
    """The incidents of this family."""
    identifier = pl.col("identifier")
    return (
        Incident("Luhn broken in one batch", "keys.rpps-luhn", "error", on_lines(PA, renumbered)),
        Incident(
            "RPPS numbers of ten digits",
            "keys.rpps-shape",
            "error",
            on_lines(
                PA,
                putting(
                    some_of(0.005),
                    identifier=identifier.str.slice(0, 10),
                    national_id=pl.concat_str(pl.lit("8"), identifier.str.slice(0, 10)),
                ),
            ),
        ),
        Incident(
            "two columns naming two people",
            "keys.prefix",
            "error",
            on_lines(PA, putting(some_of(0.005), identifier=identifier.str.reverse())),
        ),
        Incident(
            "a type of identifier that does not exist",
            "keys.type",
            "warning",
            on_lines(
                DIPL, putting(some_of(0.01), id_type="3", national_id=pl.concat_str(pl.lit("3"), identifier))
            ),
        ),
        Incident(
            "a few identifiers passed to somebody else",
            "identity.reused",
            "error",
            on_lines(PA, lambda lines: another(lines, 0.003)),
        ),
        Incident(
            "a batch of identifiers passed to others",
            "identity.reused",
            "blocking",
            on_lines(PA, lambda lines: another(lines, 0.06)),
        ),
        Incident(
            "two names on the lines of one person",
            "identity.names",
            "error",
            on_lines(PA, lambda lines: pl.concat([lines, another(lines, 0.05).filter(some_of(0.05))])),
        ),
        Incident("people registered twice", "identity.twins", "warning", on_lines(PA, registered_twice)),
    )
