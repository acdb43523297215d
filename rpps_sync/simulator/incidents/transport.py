"""How the files come: pages, empty and missing files, days mixed, days gone by."""

from __future__ import annotations

from datetime import timedelta

from rpps_sync.simulator.incidents.incident import DIPL, PA, SKILLS, Incident
from rpps_sync.simulator.spoiling import cut, of_day, on_bytes, on_lines, reordered, without_file


def incidents() -> tuple[Incident, ...]:
    """The incidents of this family."""
    page = b"<!DOCTYPE html>\n<html><body>Veuillez patienter</body></html>\n"
    return (
        Incident("an HTML page instead of a file", "transport.header", "blocking", on_bytes(PA, lambda _: page)),
        Incident(
            "a compressed file not decompressed",
            "transport.header",
            "blocking",
            on_bytes(PA, lambda _: b"\x1f\x8b\x08" * 99),
        ),
        Incident("an empty file, its header alone", "rows.lines", "blocking", on_lines(PA, cut(0))),
        Incident("a file missing", "publication.files", "blocking", without_file(SKILLS)),
        Incident(
            "files deposited 30 hours apart",
            "publication.same-day",
            "blocking",
            lambda _, files: files,
            {DIPL: timedelta(hours=30)},
        ),
        Incident("the file of four days ago, byte for byte", "publication.rollback", "blocking", of_day(4)),
        Incident("the lines of four days ago, written again", "stability.flapping", "error", reordered),
        Incident("activities frozen, the other files go on", "volume.still", "warning", of_day(1, PA)),
        Incident("two days mixed: diplomas of five days ago", "publication.rollback", "blocking", of_day(5, DIPL)),
    )
