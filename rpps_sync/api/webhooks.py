"""Subscribers of the change feed, entered and looked after over HTTP by administrators."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Response
from sqlalchemy import Connection

from pipelines.subscribers import try_out
from rpps_sync import clock
from rpps_sync.api.access import Administering, opens
from rpps_sync.api.answers import fresh
from rpps_sync.api.models import (
    Again,
    NewWebhook,
    WebhookDocument,
    WebhookFilters,
    Webhooks,
    WebhookTrial,
    WebhookWithSecret,
)
from rpps_sync.api.problems import naming
from rpps_sync.directory import webhooks as subscribers
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.directory.changes import cursor_at, newest
from rpps_sync.directory.choice import Choice
from rpps_sync.directory.engine import reading
from rpps_sync.identifiers import national_id_of
from rpps_sync.webhooks import signing
from rpps_sync.webhooks.addresses import Allowed, check

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])
WebhookId = Annotated[
    str, Path(max_length=32, description="The `id` that the list shows.", examples=["k3v7q2mzt4ab"])
]
_SINCE = {"": "give a cursor of GET /v1/changes, or a date such as 2026-11-20"}


@router.get("", response_model=Webhooks, summary="Subscribers / Abonnés", **opens(KeyScope.ADMIN))
def listed(visit: Administering) -> Response:
    """Every subscriber: how far each has heard, and what goes wrong.

    *Tous les abonnés : jusqu’où chacun est prévenu, et ce qui échoue.*
    """
    with reading(visit.house.readers) as connection:
        end = newest(connection)
        return fresh({"webhooks": [one.to_json(end) for one in subscribers.every(connection)]})


@router.post(
    "",
    response_model=WebhookWithSecret,
    status_code=201,
    summary="Subscribe / Abonner",
    **opens(KeyScope.ADMIN, problems=(408, 413)),
)
def created(visit: Administering, body: NewWebhook) -> Response:
    """Enter an application that is told of changes after each publication: signed, in order, tried again.

    The secret that it checks signatures with (Standard Webhooks) is in this answer and in no other. An address
    that is not on the Internet is refused unless the operator allows it (`RPPS_SYNC_WEBHOOK_HOSTS`).

    *Abonner une application : messages signés, ordonnés, réessayés. Le secret n’est montré qu’ici.*
    """
    settings = visit.house.settings
    with naming("body.url"):
        address = str(asyncio.run(check(body.url, Allowed.of(settings.webhook_hosts))))
    key = signing.key_of(settings)
    choice = _choice(body.filters)
    with visit.writing() as connection, naming("body"):
        webhook = subscribers.create(
            connection,
            body.name,
            address,
            choice,
            cursor=_cursor(connection, body.since) if body.since else newest(connection),
            key_check=signing.check_of(key),
            by=visit.caller.key.name,
        )
        end = newest(connection)
    secret = signing.secret(key, webhook.id, webhook.secret_version)
    return fresh(webhook.to_json(end) | {"secret": secret}, status=201)


@router.get(
    "/{id}",
    response_model=WebhookDocument,
    summary="One subscriber / Un abonné",
    **opens(KeyScope.ADMIN, problems=(404,)),
)
def one(visit: Administering, id: WebhookId) -> Response:  # noqa: A002 - as elsewhere
    """How far it has heard, and what goes wrong.

    *Jusqu’où il est prévenu, et ce qui échoue.*
    """
    with reading(visit.house.readers) as connection:
        return fresh(subscribers.get(connection, id).to_json(newest(connection)))


@router.delete(
    "/{id}", status_code=204, summary="Unsubscribe / Désabonner", **opens(KeyScope.ADMIN, problems=(404,))
)
def removed(visit: Administering, id: WebhookId) -> Response:  # noqa: A002 - as elsewhere
    """Nothing is sent to it any more.

    *Plus rien ne lui est envoyé.*
    """
    with visit.writing() as connection:
        subscribers.remove(connection, id)
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


@router.post(
    "/{id}/enable",
    response_model=WebhookDocument,
    summary="Tell again / Reprendre",
    **opens(KeyScope.ADMIN, problems=(404, 408, 413)),
)
def enabled(visit: Administering, id: WebhookId, body: Again) -> Response:  # noqa: A002 - as elsewhere
    """Deliver again to a subscriber that failed or was disabled, from where it stopped or from elsewhere.

    *Reprendre les envois à un abonné en échec ou désactivé, là où il en était ou d’ailleurs.*
    """
    with visit.writing() as connection, naming("body.since", mends=_SINCE):
        place = _cursor(connection, body.since) if body.since else None
        webhook = subscribers.enable(connection, id, cursor=place)
        return fresh(webhook.to_json(newest(connection)))


@router.post(
    "/{id}/rotate",
    response_model=WebhookWithSecret,
    summary="New secret / Nouveau secret",
    **opens(KeyScope.ADMIN, problems=(404,)),
)
def renewed(visit: Administering, id: WebhookId) -> Response:  # noqa: A002 - as elsewhere
    """Another secret, in this answer and in no other; for 24 hours messages are signed with both.

    *Un autre secret, montré ici seulement ; pendant 24 heures, les deux signent.*
    """
    key = signing.key_of(visit.house.settings)
    with visit.writing() as connection:
        webhook = subscribers.renew(connection, id, key_check=signing.check_of(key))
        end = newest(connection)
    return fresh(webhook.to_json(end) | {"secret": signing.secret(key, webhook.id, webhook.secret_version)})


@router.post(
    "/{id}/test",
    response_model=WebhookTrial,
    summary="Try / Essayer",
    **opens(KeyScope.ADMIN, problems=(404,)),
)
def tried(visit: Administering, id: WebhookId) -> Response:  # noqa: A002 - as elsewhere
    """Send a signed message that says nothing, and tell what became of it; within twenty seconds.

    *Envoyer un message d’essai signé, et dire s’il est arrivé.*
    """
    with reading(visit.house.readers) as connection:
        webhook = subscribers.get(connection, id)
    failure = try_out(visit.house.settings, webhook)
    return fresh({"delivered": not failure, "failure": failure})


def _choice(filters: WebhookFilters) -> Choice:
    with naming("body.filters.id"):
        person = national_id_of(filters.id) if filters.id else ""
    return Choice.from_json(filters.model_dump() | {"id": person})


def _cursor(connection: Connection, since: str) -> int:
    if since.isascii() and since.isdecimal():
        return int(since) if len(since) < 19 else 2**62
    with naming("body.since", mends=_SINCE):
        return cursor_at(connection, clock.parse_instant(since))
