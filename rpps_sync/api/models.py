"""The documents of the API, as its OpenAPI document describes them; French terms beside the English ones."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Dated(BaseModel):
    """An answer made of a publication. / Une réponse tirée d’une publication."""

    model_config = ConfigDict(extra="forbid")

    publication: str = Field(description="Its identifier. / Son identifiant.", examples=["2026-11-25-5be987"])
    published_at: str = Field(description="When it was made, UTC. / Sa date.", examples=["2026-11-25T05:15:00Z"])
    age_seconds: int = Field(description="How old it is now. / Son âge, en secondes.", examples=[32400])


class Coded(BaseModel):
    """A code of the nomenclature and its label. / Un code et son libellé."""

    code: str = Field(examples=["60"])
    label: str = Field(examples=["Infirmier"])


class TypedCode(Coded):
    """A code, its label, and its type. / Un code, son libellé et son type."""

    type: Coded


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


class SearchPlace(BaseModel):
    """A place, in few words. / Un lieu, en bref."""

    name: str
    postal_code: str
    commune: Coded
    department: str


class SearchReason(BaseModel):
    """Why somebody answers. / Pourquoi cette réponse."""

    typed: str
    matched: str
    field: str
    how: Literal["exact", "prefix", "typo"]


class Hit(BaseModel):
    """Somebody who answers a search. / Une réponse à une recherche."""

    national_id: str
    rpps: str
    status: Literal["active", "departed"]
    family_name: str = ""
    given_name: str = ""
    civility: Coded | None = None
    professions: list[Coded] = []
    skills: list[Coded] = []
    places: list[SearchPlace] = []
    reasons: list[SearchReason] = []
    departed_on: str | None = None
    last_professions: list[str] | None = None


class SearchPage(Dated):
    """A page of answers, the best first. / Une page de réponses, les meilleures d’abord."""

    results: list[Hit]
    next: str | None = Field(description="`cursor` of the next page; null on the last. / Page suivante.")
    complete: bool = Field(description="False: too many answer to have ranked them all. / Classement complet ?")


class Alive(BaseModel):
    """The process answers. / Le processus répond."""

    status: Literal["alive"]
    version: str


class Ready(BaseModel):
    """Whether there is something good to serve. / Y a-t-il de quoi répondre ?"""

    status: Literal["ready", "stale", "empty", "unavailable"]
    detail: str
    publication: str | None
    published_at: str | None
    age_seconds: int | None


Document = dict[str, Any]


class Enriched(BaseModel):
    """What became of one identifier. / Ce qu’il en est d’un identifiant."""

    given: str = Field(description="As it was sent. / Tel que reçu.")
    status: Literal["found", "departed", "unknown", "malformed", "out_of_scope"]
    reason: str = Field(description="Of what is not found. / Pourquoi.", examples=["bad-key"])
    national_id: str
    values: dict[str, list[str]] = Field(
        description="Each field with all its values. / Chaque champ, ses valeurs."
    )


class Enrichment(Dated):
    """One result for each identifier, in their order. / Un résultat par identifiant, dans l’ordre."""

    results: list[Enriched]


class Change(BaseModel):
    """One thing that moved. / Un changement."""

    cursor: int
    national_id: str
    kind: Literal["arrived", "changed", "departed", "returned"]
    field: str = Field(examples=["structure.postal_code"])
    element: str
    before: str | None
    after: str | None
    document: Document | None = Field(
        description="What the practitioner became, codes only. / La fiche, en codes."
    )
    publication: str
    published_at: str


class ChangePage(Dated):
    """Changes, oldest first. / Des changements, du plus ancien au plus récent."""

    changes: list[Change]
    next: int = Field(description="Where to go on from (`since`). / Le curseur suivant.")
    more: bool = Field(description="Others follow already. / Il y en a d’autres.")


class Publications(Dated):
    """The publications looked at. / Les publications examinées."""

    publications: list[Document]


class Runs(Dated):
    """The last runs. / Les derniers passages."""

    runs: list[Document]


class Quality(Dated):
    """Results of checks that stand. / Résultats de contrôles en cours."""

    results: list[Document]


class FreshnessBudget(BaseModel):
    """How much of what an objective allows is used, in hours. / Ce qui est consommé de ce que l’objectif admet."""

    days: int = Field(description="Over so many days. / Sur tant de jours.", examples=[30])
    known_hours: float
    warn_hours: float
    error_hours: float
    allowed_hours: float
    target: float
    met: float | None
    left: float


class FreshnessState(BaseModel):
    """Where an objective stands. / L’état d’un objectif."""

    objective: str = Field(examples=["publication.age"])
    title: str
    state: Literal["ok", "warn", "error", "no_data"]
    observed: str
    limit: str
    since: str | None
    state_since: str | None = Field(description="Since when it has been in this state. / Dans cet état depuis.")
    link: str = Field(description="Which link broke: producer, publisher, diffusion or us. / Le maillon en cause.")
    mend: str = Field(description="Who has to do what. / Qui doit faire quoi.")
    budgets: list[FreshnessBudget]


class FreshnessStates(Dated):
    """Every objective. / Tous les objectifs."""

    objectives: list[FreshnessState]


class RefusedLine(BaseModel):
    """An observation that was refused. / Une observation refusée."""

    line: int = Field(description="1 is the first. / 1 pour la première.")
    reason: str


class Intake(BaseModel):
    """What became of the observations. / Ce qu’il est advenu des observations."""

    accepted: int
    attested: int
    verified: int
    duplicate: int
    refused: int
    refused_by_reason: dict[str, int]
    refused_lines: list[RefusedLine]
    passed_over: int
    unknown_claims: dict[str, int]
    practitioners: int


class VerdictDocument(BaseModel):
    """How one field compares. / La comparaison d’un champ."""

    field: str = Field(examples=["exercise.profession"])
    element: str
    verdict: str = Field(examples=["consistent"])
    stale_side: Literal["token", "directory", "unknown", "none"]
    claim_value: str | None
    directory_value: str | None
    since: str | None
    severity: Literal["high", "medium", "low", "info"]
    registration_authority: str


class Verification(Dated):
    """The verdicts on one userinfo. / Les verdicts sur un userinfo."""

    national_id: str
    scope: str
    trust: Literal["attested", "verified"]
    verdicts: list[VerdictDocument]


class FindingDocument(VerdictDocument):
    """A difference between a token and the directory. / Un écart entre un jeton et l’annuaire."""

    id: str
    national_id: str
    source: str
    first_seen: str
    last_seen: str
    occurrences: int
    status: Literal["open", "acknowledged", "resolved"]
    resolved_by: str | None
    lag_days: int | None
    confidence: str
    evidence: Document


class FindingWithHistory(FindingDocument):
    """A finding and its events. / Un constat et son histoire."""

    history: list[Document]


class FindingPage(Dated):
    """Findings, gravest first. / Des constats, les plus graves d’abord."""

    findings: list[FindingDocument]
    total: int


class MatchReason(BaseModel):
    """What one field says for or against somebody. / Ce que dit un champ."""

    field: str
    told: str
    found: str
    how: Literal["same", "compatible", "similar", "swapped", "different"]
    bits: float = Field(description="Weight of the evidence. / Poids.")


class MatchCandidate(BaseModel):
    """Somebody who may be meant. / Un candidat."""

    national_id: str
    family_name: str
    given_name: str
    probability: float
    reasons: list[MatchReason]


class Match(BaseModel):
    """The answer for one person. / La réponse pour une personne."""

    verdict: Literal["certain", "probable", "several", "none"]
    candidates: list[MatchCandidate]


class Matches(Dated):
    """One answer for each person, in their order. / Une réponse par personne, dans l’ordre."""

    results: list[Match]
