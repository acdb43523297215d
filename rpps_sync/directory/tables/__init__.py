"""The tables, as SQLAlchemy Core sees them; Alembic revisions create them (see ``alembic/versions``).

Keys are natural: a practitioner is a national identifier, a structure is the fingerprint of its content, so that
the same extract always yields the same rows, whatever the order of its lines. History is counted in *publication
sequence numbers* (``seq``): the first accepted publication is 1, the next 2.
"""

from rpps_sync.directory.tables.base import METADATA, Instant
from rpps_sync.directory.tables.ledgers import (
    CHECK_STATES,
    FEED_CHANGES,
    FRESHNESS,
    OBJECTIVE_STATES,
    PUBLICATIONS,
    QUARANTINE,
    RUNS,
    WATERMARKS,
)
from rpps_sync.directory.tables.past import CHANGES, DEPARTURES, FORMER_VERSIONS
from rpps_sync.directory.tables.people import (
    ACTIVITIES,
    AUTHORISATIONS,
    CARDS,
    DIPLOMAS,
    EXERCISES,
    LABELS,
    MAILBOXES,
    ORGANIZATIONS,
    PRACTITIONERS,
    SEARCH_POSTINGS,
    SEARCH_WORDS,
    SKILLS,
    STRUCTURE_FIELDS,
    STRUCTURE_MAILBOXES,
    STRUCTURES,
)
from rpps_sync.directory.tables.service import (
    API_KEYS,
    API_USAGE,
    INCIDENTS,
    JOB_RUNS,
    LETTERS,
    NOTIFICATIONS,
    WEBHOOKS,
)
from rpps_sync.directory.tables.tokens import (
    COMPARISONS,
    ERASURES,
    FINDING_EVENTS,
    FINDINGS,
    INTAKE,
    INTAKE_COUNTS,
    OBSERVATIONS,
    PRIVACY,
)

__all__ = [
    "ACTIVITIES",
    "API_KEYS",
    "API_USAGE",
    "AUTHORISATIONS",
    "CARDS",
    "CHANGES",
    "CHECK_STATES",
    "COMPARISONS",
    "DEPARTURES",
    "DIPLOMAS",
    "ERASURES",
    "EXERCISES",
    "FEED_CHANGES",
    "FINDINGS",
    "FINDING_EVENTS",
    "FORMER_VERSIONS",
    "FRESHNESS",
    "INCIDENTS",
    "INTAKE",
    "INTAKE_COUNTS",
    "JOB_RUNS",
    "LABELS",
    "LETTERS",
    "MAILBOXES",
    "METADATA",
    "NOTIFICATIONS",
    "OBJECTIVE_STATES",
    "OBSERVATIONS",
    "ORGANIZATIONS",
    "PRACTITIONERS",
    "PRIVACY",
    "PUBLICATIONS",
    "QUARANTINE",
    "RUNS",
    "SEARCH_POSTINGS",
    "SEARCH_WORDS",
    "SKILLS",
    "STRUCTURES",
    "STRUCTURE_FIELDS",
    "STRUCTURE_MAILBOXES",
    "WATERMARKS",
    "WEBHOOKS",
    "Instant",
]
