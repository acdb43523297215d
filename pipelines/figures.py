"""The figures of ``rpps_sync.metrics``, read from the ledgers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from rpps_sync.clock import parse_instant
from rpps_sync.directory import findings, incidents, ledger, letters
from rpps_sync.metrics import Figures, render
from rpps_sync.publisher.disk import drafted, storage_told
from rpps_sync.run_summary import FreshnessState


def figures(connection: Connection, now: datetime, states: Iterable[FreshnessState]) -> Figures:
    """How the installation stands.

    Args:
        connection: the directory's database.
        now: the instant of the look.
        states: of the freshness objectives, at that instant.
    """
    served, run = ledger.served(connection), ledger.last_ended(connection) or {}
    return Figures(
        at=now,
        published_at=served.published_at if served else None,
        publication_seq=served.seq if served else 0,
        practitioners=(served.practitioners or 0) if served else 0,
        last_success=ledger.last_success(connection),
        last_run=parse_instant(run["started_at"]) if run.get("started_at") else None,
        outcome=run.get("outcome", ""),
        seconds=run.get("timings", {}),
        peak_rss=run.get("peak_rss", 0),
        quarantined=run.get("quarantine", {}).get("lines", 0),
        checks=Counter(check["status"] for check in run.get("checks", ())),
        objectives={state.objective: state.state for state in states},
        findings=findings.counts(connection),
        incidents=tuple(row.cause for row in incidents.open_ones(connection)),
        undelivered=incidents.waiting(connection) + letters.waiting(connection),
    )


def write_textfile(path: Path, told: Figures) -> None:
    """Leave the figures where node_exporter collects them, whole at every moment and readable to it.

    Raises:
        StorageError: the folder cannot be written.
    """
    with storage_told(path), drafted(path, path.with_name(f".{path.name}.part")) as draft:
        draft.write_bytes(render(told))
        draft.chmod(0o644)  # node_exporter is another account, whatever our umask
