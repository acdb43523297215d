"""One practitioner, whole, or what is left of somebody who departed."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from rpps_sync.api.models.base import Coded, Dated, TypedCode


class Place(BaseModel):
    """An address. / Une adresse."""

    recipient: str
    location: str
    street_number: str
    street_repetition: str
    street: str
    distribution: str
    street_type: Coded
    postal_code: str
    cedex: str
    commune: Coded
    department: Coded
    country: Coded


class Structure(BaseModel):
    """A place of activity. / Une structure d’exercice."""

    technical_id: str
    former_id: str
    finess: str
    finess_legal: str
    siret: str
    siren: str
    name: str = Field(examples=["CH DE L’EXEMPLE"])
    trade_name: str
    address: Place
    phones: list[str]
    fax: str
    email: str


class Activity(BaseModel):
    """A work situation. / Une situation d’exercice."""

    mode: Coded
    sector: Coded
    role: Coded
    kind: Coded
    pharmacist_section: Coded
    registration_authority: str
    structure: Structure | None


class Exercise(BaseModel):
    """A profession exercised in a category. / Un exercice professionnel."""

    profession: Coded
    category: Coded
    exercise_civility: Coded
    skills: list[TypedCode] = Field(description="Savoir-faire.")
    activities: list[Activity]


class Authorisation(BaseModel):
    """An authorisation to practise. / Une autorisation d’exercice."""

    type: Coded
    discipline: Coded


class Mailbox(BaseModel):
    """A secure mailbox. / Une boîte MSSanté."""

    model_config = ConfigDict(extra="allow")
    address: str = Field(examples=["camille.exemple@medecin.mssante.invalid"])


class Card(BaseModel):
    """A professional card. / Une carte CPS ou CPF."""

    model_config = ConfigDict(extra="allow")
    number: str
    type: Coded


class PartFreshness(BaseModel):
    """How old one part of a record is. / L’âge d’une partie de la fiche."""

    changed: str | None = Field(description="Day of its last change. / Dernier changement.")
    published_at: str | None = Field(description="When the file that confirms it was made. / Date du fichier.")
    token: str | None = Field(description="Always null here: what tokens saw is not open data.")
    disputed: bool


class RecordFreshness(BaseModel):
    """How far to trust a record. / Quelle confiance accorder à la fiche."""

    trust: str
    sentence: str = Field(description="In the language of this server. / Dans la langue de ce serveur.")
    last_changed: str | None = None
    confirmed_by_publication: dict[str, str] | None = None
    confirmed_by_token: dict[str, str] | None = None
    held_since: str | None = None
    parts: dict[str, PartFreshness]


class Practitioner(Dated):
    """Somebody who is in the directory. / Un professionnel présent dans l’annuaire."""

    national_id: str = Field(examples=["899900000011"])
    id_type: str
    rpps: str = Field(examples=["99900000011"])
    status: Literal["active"]
    family_name: str = Field(description="Nom d’exercice.", examples=["EXEMPLE"])
    given_name: str = Field(description="Prénom d’exercice.", examples=["CAMILLE"])
    civility: Coded
    exercises: list[Exercise]
    diplomas: list[TypedCode]
    authorisations: list[Authorisation]
    mailboxes: list[Mailbox]
    cards: list[Card]
    known_since: str | None = Field(description="First publication of this presence. / Connu depuis.")
    last_changed: str | None = Field(description="Publication of the last change. / Dernier changement.")
    held_since: str | None = Field(description="Since when an unreadable line keeps this version.")
    freshness: RecordFreshness


class Departed(Dated):
    """Somebody who left: scope `audit`. / Un professionnel parti : habilitation `audit`."""

    national_id: str
    rpps: str
    status: Literal["departed"]
    departed_on: str = Field(examples=["2026-11-24"])
    last_professions: list[str]
    freshness: RecordFreshness
