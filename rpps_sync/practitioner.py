"""One practitioner, as the extracts describe them: the document every room speaks of.

All leaves are strings exactly as published, an empty string where nothing was. Coded values are codes; their
labels drift and are kept apart (see ``rpps_sync.directory.labels``). Collections are sorted tuples without
duplicates, so that two documents are equal when and only when they say the same thing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, order=True)
class Structure:
    """A place of activity (structure d'activité) with its coordinates, as one line of the extract gives it."""

    technical_id: str = ""  # identifiant technique de la structure: F+FINESS, C+SIRET, R+number
    former_id: str = ""  # ancien identifiant: 1+FINESS, 3+SIRET, 4+RPPS+rank, 0+ADELI+rank
    finess: str = ""  # numéro FINESS site
    finess_legal: str = ""  # numéro FINESS établissement juridique
    siret: str = ""
    siren: str = ""
    name: str = ""  # raison sociale
    trade_name: str = ""  # enseigne commerciale
    recipient: str = ""  # complément destinataire
    location: str = ""  # complément point géographique
    street_number: str = ""  # numéro voie
    street_repetition: str = ""  # indice de répétition (B, T, Q)
    street_type: str = ""  # code type de voie (TRE_R35)
    street_type_label: str = ""
    street: str = ""  # libellé voie
    distribution: str = ""  # mention distribution
    cedex: str = ""  # bureau cedex
    postal_code: str = ""
    commune: str = ""  # code commune (INSEE COG)
    commune_label: str = ""
    country: str = ""  # code pays (INSEE COG)
    country_label: str = ""
    department: str = ""  # code département; empty on every line of the 2026 files
    department_label: str = ""
    phone: str = ""
    phone2: str = ""
    fax: str = ""
    email: str = ""

    @property
    def key(self) -> str:
        """The identifier that names this structure best, or an empty string."""
        return self.technical_id or self.former_id or self.finess or self.siret


@dataclass(frozen=True, slots=True, order=True)
class Activity:
    """A work situation (situation d'exercice): how, where and under whose registration."""

    mode: str = ""  # mode d'exercice (TRE_R23)
    sector: str = ""  # secteur d'activité (TRE_R02)
    role: str = ""  # rôle, fonction (TRE_R21)
    kind: str = ""  # genre d'activité (TRE_R22)
    pharmacist_section: str = ""  # section du tableau des pharmaciens (TRE_R06)
    registration_authority: str = ""  # autorité d'enregistrement, as a triplet A/B/C
    structure: Structure = field(default_factory=Structure)  # all empty for a person without structure


@dataclass(frozen=True, slots=True, order=True)
class Skill:
    """A savoir-faire: speciality, competence, capacity… (types in TRE_R04)."""

    type: str
    code: str


@dataclass(frozen=True, slots=True, order=True)
class Exercise:
    """A profession exercised in a category (exercice professionnel)."""

    profession: str  # TRE_G15, R94, R95
    category: str  # catégorie professionnelle (TRE_R09)
    exercise_civility: str = ""  # civilité d'exercice (TRE_R11)
    skills: tuple[Skill, ...] = ()
    activities: tuple[Activity, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Diploma:
    """A diploma (types in TRE_R14, diplomas in TRE_R48 and others)."""

    type: str
    code: str


@dataclass(frozen=True, slots=True, order=True)
class Authorisation:
    """An authorisation to practise (TRE_R17), limited to a discipline (TRE_R18)."""

    type: str
    discipline: str


@dataclass(frozen=True, slots=True, order=True)
class Mailbox:
    """A secure mailbox (boîte aux lettres MSSanté) of a person, or of a structure."""

    address: str
    service: str = ""  # service de rattachement
    paperless: str = ""  # dématérialisation: whether the owner wants no paper
    structure_id_type: str = ""  # type identifiant structure
    structure_identifier: str = ""  # identification structure
    name: str = ""  # raison sociale of that structure

    @property
    def key(self) -> str:
        """What tells it from the owner's other mailboxes: one address may serve several structures."""
        return "/".join(part for part in (self.address, self.structure_identifier, self.service) if part)


@dataclass(frozen=True, slots=True, order=True)
class Card:
    """A professional smart card (carte CPS or CPF); dates as published."""

    number: str
    type: str = ""  # code type de carte
    valid_from: str = ""
    valid_until: str = ""
    opposed_on: str = ""  # date d'opposition: the card is refused from then on
    updated_on: str = ""

    @property
    def key(self) -> str:
        """The number of the card."""
        return self.number


@dataclass(frozen=True, slots=True)
class Practitioner:
    """The whole document of one practitioner (professionnel de santé)."""

    national_id: str  # identification nationale PP
    id_type: str  # TRE_G08: 0 ADELI, 8 RPPS
    civility: str  # TRE_R81
    family_name: str  # nom d'exercice
    given_name: str  # prénom d'exercice
    exercises: tuple[Exercise, ...] = ()
    diplomas: tuple[Diploma, ...] = ()
    authorisations: tuple[Authorisation, ...] = ()
    mailboxes: tuple[Mailbox, ...] = ()
    cards: tuple[Card, ...] = ()

    @property
    def professions(self) -> list[str]:
        """Codes of the professions exercised, each once, in order."""
        return sorted({item.profession for item in self.exercises if item.profession})


@dataclass(frozen=True, slots=True)
class DirectoryVersion:
    """What the directory said from one publication on."""

    practitioner: Practitioner | None  # None: absent from the extract
    since: date  # day of the publication that brought it


@dataclass(frozen=True, slots=True)
class DirectoryHistory:
    """All that the directory said of one identifier, oldest first; empty for somebody it never contained."""

    national_id: str
    versions: tuple[DirectoryVersion, ...]
    publications: tuple[date, ...]  # days of all accepted publications, oldest first
