"""Incidents: what can go wrong with a publication, injected into a simulated one, and which check must tell.

Each one spoils the files of one day, after nights without trouble. It names the check that must speak, and how
gravely; ``benchmarks/quality.py`` proves that all of them are found, docs/quality-proof.md has the table.
"""

from __future__ import annotations

from rpps_sync.simulator.incidents import across, cells, codes, keys, schema, transport, volume
from rpps_sync.simulator.incidents.incident import Incident

__all__ = ["Incident", "incidents"]


def incidents() -> tuple[Incident, ...]:
    """Every incident, in the order of the families of checks."""
    families = (transport, schema, volume, keys, codes, cells, across)
    return tuple(incident for family in families for incident in family.incidents())
