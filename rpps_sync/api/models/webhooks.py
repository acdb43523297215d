"""Subscribers of the change feed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from rpps_sync.directory.changes import ChangeKind

_Text = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
_Several = Annotated[list[_Text], Field(max_length=20)]
_HOOK: dict[str, Any] = {
    "id": "k3v7q2mzt4ab",
    "name": "dpi",
    "url": "https://dpi.example.org/rpps",
    "filters": {"department": ["69"], "profession": ["60"]},
    "state": "active",
    "cursor": 1284011,
    "behind": 0,
    "failures": 0,
    "failure": "",
    "failing_since": None,
    "next_at": None,
    "delivered_at": "2026-11-25T05:48:12Z",
    "created_at": "2026-11-20T09:00:00Z",
    "created_by": "admin",
}


class WebhookFilters(BaseModel):
    """Which changes; as the parameters of `GET /v1/changes`. / Quels changements."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    kind: Annotated[list[ChangeKind], Field(max_length=4)] = []
    field: Annotated[str, Field(max_length=60, description="How the field begins. / Début du champ.")] = ""
    id: Annotated[str, Field(max_length=32, description="Only this practitioner. / Ce professionnel.")] = ""
    profession: _Several = []
    skill: _Several = []
    department: _Several = []
    commune: _Several = []
    postal_code: _Several = []


class NewWebhook(BaseModel):
    """An application that wants to hear of changes. / Une application à prévenir des changements."""

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={
            "examples": [{"name": "dpi", "url": _HOOK["url"], "filters": _HOOK["filters"], "since": "2026-11-20"}]
        },
    )

    name: Annotated[
        str,
        Field(
            min_length=1, max_length=200, pattern=r"^[^\x00]*$", description="The application. / L’application."
        ),
    ]
    url: Annotated[
        str,
        Field(
            max_length=2000,
            description="`https://…`; inside the organisation, one that the operator allows. / Adresse HTTPS ; "
            "interne, elle doit être autorisée par l’exploitant.",
        ),
    ]
    since: Annotated[
        str, Field(max_length=40, description="A cursor or a date; else from now on. / Curseur ou date.")
    ] = ""
    filters: WebhookFilters = WebhookFilters()


class Again(BaseModel):
    """From where a subscriber is told again. / À partir d’où reprendre."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    since: Annotated[
        str, Field(max_length=40, description="A cursor or a date; else where it stopped. / Curseur ou date.")
    ] = ""


class WebhookDocument(BaseModel):
    """A subscriber of the change feed. / Un abonné aux changements."""

    model_config = ConfigDict(json_schema_extra={"examples": [_HOOK]})

    id: str
    name: str
    url: str
    filters: WebhookFilters
    state: Literal["active", "disabled"]
    cursor: int = Field(description="All up to it was delivered. / Tout est livré jusque-là.")
    behind: int = Field(description="Changes between it and the end of the feed. / Retard, en changements.")
    failures: int = Field(description="Failed attempts in a row. / Échecs consécutifs.")
    failure: str = Field(description="Why the last one failed. / Raison du dernier échec.")
    failing_since: str | None
    next_at: str | None = Field(description="When a failed message is tried again. / Prochain essai.")
    delivered_at: str | None = Field(description="When the last message arrived. / Dernière livraison.")
    created_at: str
    created_by: str


class WebhookWithSecret(WebhookDocument):
    """The same with its secret, which is not shown again. / Avec son secret, montré une seule fois."""

    model_config = ConfigDict(json_schema_extra={"examples": [_HOOK | {"secret": "whsec_" + "A" * 43 + "="}]})

    secret: str


class Webhooks(BaseModel):
    """All subscribers. / Tous les abonnés."""

    webhooks: list[WebhookDocument]


class WebhookTrial(BaseModel):
    """What became of a message that only tries the way. / Le résultat d’un message d’essai."""

    delivered: bool
    failure: str = Field(
        description="Why it did not arrive. / Pourquoi.", examples=["the receiver dpi.example.org answered 500"]
    )
