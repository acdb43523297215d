"""The documents of the API, as its OpenAPI document describes them; French terms beside the English ones.

One module a theme, as the routes are; all of them can be imported from here.
"""

from rpps_sync.api.models.base import Coded, Dated, Document, TypedCode
from rpps_sync.api.models.changes import Change, ChangePage
from rpps_sync.api.models.claims import Intake, RefusedLine, VerdictDocument, Verification
from rpps_sync.api.models.enrichment import Enriched, Enrichment
from rpps_sync.api.models.findings import FindingDocument, FindingPage, FindingWithHistory
from rpps_sync.api.models.health import Alive, Ready
from rpps_sync.api.models.ledgers import (
    FreshnessBudget,
    FreshnessState,
    FreshnessStates,
    Publications,
    Quality,
    Runs,
)
from rpps_sync.api.models.matching import Match, MatchCandidate, Matches, MatchReason
from rpps_sync.api.models.practitioner import (
    Activity,
    Authorisation,
    Card,
    Departed,
    Exercise,
    Mailbox,
    PartFreshness,
    Place,
    Practitioner,
    RecordFreshness,
    Structure,
)
from rpps_sync.api.models.search import Hit, SearchPage, SearchPlace, SearchReason
from rpps_sync.api.models.webhooks import (
    Again,
    NewWebhook,
    WebhookDocument,
    WebhookFilters,
    Webhooks,
    WebhookTrial,
    WebhookWithSecret,
)

__all__ = [
    "Activity",
    "Again",
    "Alive",
    "Authorisation",
    "Card",
    "Change",
    "ChangePage",
    "Coded",
    "Dated",
    "Departed",
    "Document",
    "Enriched",
    "Enrichment",
    "Exercise",
    "FindingDocument",
    "FindingPage",
    "FindingWithHistory",
    "FreshnessBudget",
    "FreshnessState",
    "FreshnessStates",
    "Hit",
    "Intake",
    "Mailbox",
    "Match",
    "MatchCandidate",
    "MatchReason",
    "Matches",
    "NewWebhook",
    "PartFreshness",
    "Place",
    "Practitioner",
    "Publications",
    "Quality",
    "Ready",
    "RecordFreshness",
    "RefusedLine",
    "Runs",
    "SearchPage",
    "SearchPlace",
    "SearchReason",
    "Structure",
    "TypedCode",
    "VerdictDocument",
    "Verification",
    "WebhookDocument",
    "WebhookFilters",
    "WebhookTrial",
    "WebhookWithSecret",
    "Webhooks",
]
