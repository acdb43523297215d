"""Practitioners as the publication being served has them, their places of activity, and what they are found by."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from rpps_sync.directory.tables.base import METADATA, by_owner, text

# A practitioner (professionnel de santé) present in the publication being served.
PRACTITIONERS = Table(
    "practitioners",
    METADATA,
    text("national_id", primary_key=True),
    text("id_type"),
    text("rpps"),
    text("civility"),
    text("family_name"),
    text("given_name"),
    Column("fingerprint", BigInteger, nullable=False),  # of the whole document: unequal when anything changed
    Column("known_since", Integer, nullable=False),  # seq of the first publication of this presence
    Column("last_changed", Integer, nullable=False),  # seq of the publication that last changed the document
    Column("held_since", Integer),  # seq since which an unreadable line keeps the last good version
    Index("ix_practitioners_last_changed", "last_changed", "national_id"),  # who changed since: pages of a delta
    sqlite_with_rowid=False,
)

# A profession exercised in a category (exercice professionnel).
EXERCISES = Table(
    "exercises",
    METADATA,
    text("national_id", primary_key=True),
    text("profession", primary_key=True),
    text("category", primary_key=True),
    text("exercise_civility"),
    by_owner(),
    sqlite_with_rowid=False,
)

# A savoir-faire, from the skills extract and from the activity lines together.
SKILLS = Table(
    "skills",
    METADATA,
    text("national_id", primary_key=True),
    text("profession", primary_key=True),
    text("category", primary_key=True),
    text("type", primary_key=True),
    text("code", primary_key=True),
    by_owner(),
    sqlite_with_rowid=False,
)

# A work situation (situation d'exercice).
ACTIVITIES = Table(
    "activities",
    METADATA,
    text("national_id", primary_key=True),
    text("profession", primary_key=True),
    text("category", primary_key=True),
    text("mode", primary_key=True),
    text("sector", primary_key=True),
    text("role", primary_key=True),
    text("kind", primary_key=True),
    text("pharmacist_section", primary_key=True),
    text("registration_authority", primary_key=True),
    Column("structure_id", BigInteger, primary_key=True, autoincrement=False, nullable=False),  # 0: no structure
    Index("ix_activities_structure_id", "structure_id"),
    by_owner(),
    sqlite_with_rowid=False,
)

STRUCTURE_FIELDS = (
    "technical_id",
    "former_id",
    "finess",
    "finess_legal",
    "siret",
    "siren",
    "name",
    "trade_name",
    "recipient",
    "location",
    "street_number",
    "street_repetition",
    "street_type",
    "street_type_label",
    "street",
    "distribution",
    "cedex",
    "postal_code",
    "commune",
    "commune_label",
    "country",
    "country_label",
    "department",
    "department_label",
    "phone",
    "phone2",
    "fax",
    "email",
)

# One way a place of activity is described; the same place corrected is another row.
STRUCTURES = Table(
    "structures",
    METADATA,
    Column("structure_id", BigInteger, primary_key=True, autoincrement=False),  # fingerprint of the fields
    *(text(name) for name in STRUCTURE_FIELDS),
    Index("ix_structures_technical_id", "technical_id"),
    Index("ix_structures_former_id", "former_id"),  # this and the next four: places by one of their numbers
    Index("ix_structures_finess", "finess"),
    Index("ix_structures_finess_legal", "finess_legal"),
    Index("ix_structures_siret", "siret"),
    Index("ix_structures_siren", "siren"),
)

# To which organisation each description of a place belongs, and what it is found by; it follows from the
# structures (rpps_sync.directory.organizations). Names and towns are in normal form: upper case, no accents.
ORGANIZATIONS = Table(
    "organizations",
    METADATA,
    Column("structure_id", BigInteger, primary_key=True, autoincrement=False),
    text("organization_id"),
    Column("known_since", Integer, nullable=False),  # seq of the publication that brought this description
    text("name"),
    text("trade_name"),
    text("town"),
    text("postal_code"),
    Index("ix_organizations_organization_id", "organization_id"),
    Index("ix_organizations_known_since", "known_since", "organization_id"),
    Index("ix_organizations_name", "name", "organization_id"),
    Index("ix_organizations_trade_name", "trade_name", "organization_id"),
    Index("ix_organizations_town", "town", "organization_id"),
    Index("ix_organizations_postal_code", "postal_code", "organization_id"),
)

DIPLOMAS = Table(
    "diplomas",
    METADATA,
    text("national_id", primary_key=True),
    text("type", primary_key=True),
    text("code", primary_key=True),
    by_owner(),
    sqlite_with_rowid=False,
)

AUTHORISATIONS = Table(
    "authorisations",
    METADATA,
    text("national_id", primary_key=True),
    text("type", primary_key=True),
    text("discipline", primary_key=True),
    by_owner(),
    sqlite_with_rowid=False,
)

# A secure mailbox (boîte MSSanté) of a practitioner.
MAILBOXES = Table(
    "mailboxes",
    METADATA,
    text("national_id", primary_key=True),
    text("address", primary_key=True),
    text("service", primary_key=True),
    text("paperless", primary_key=True),
    text("structure_id_type", primary_key=True),
    text("structure_identifier", primary_key=True),
    text("name", primary_key=True),
    by_owner(),
    Index("ix_mailboxes_address", "address"),  # whose mailbox is this?
    sqlite_with_rowid=False,
)

# A secure mailbox of an organisation.
STRUCTURE_MAILBOXES = Table(
    "structure_mailboxes",
    METADATA,
    text("structure_identifier", primary_key=True),
    text("address", primary_key=True),
    text("service", primary_key=True),
    text("paperless", primary_key=True),
    text("structure_id_type", primary_key=True),
    text("name", primary_key=True),
    by_owner("structure_identifier"),
    sqlite_with_rowid=False,
)

# A professional card (CPS, CPF).
CARDS = Table(
    "cards",
    METADATA,
    text("national_id", primary_key=True),
    text("number", primary_key=True),
    text("type", primary_key=True),
    text("valid_from", primary_key=True),
    text("valid_until", primary_key=True),
    text("opposed_on", primary_key=True),
    text("updated_on", primary_key=True),
    by_owner(),
    Index("ix_cards_number", "number"),  # whose card is this?
    sqlite_with_rowid=False,
)

# The label of a code, as published; labels drift without the codes moving.
LABELS = Table(
    "labels",
    METADATA,
    text("system", primary_key=True),  # the key of the coded column: 'profession', 'skill', 'mode'…
    text("code", primary_key=True),
    Column("from_seq", Integer, primary_key=True, nullable=False),
    Column("until_seq", Integer),  # None: still the label
    text("label"),
)

# Who is found by a term (rpps_sync.directory.search.terms): a block of people, as 32-bit little-endian numbers.
SEARCH_POSTINGS = Table(
    "search_postings",
    METADATA,
    text("term", primary_key=True),
    text("block", primary_key=True),
    Column("people", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# The words of all names, forwards and backwards: a word with a wrong keystroke keeps its first or second half.
SEARCH_WORDS = Table(
    "search_words",
    METADATA,
    text("word", primary_key=True),
    Column("reversed", Text, nullable=False, index=True),
    sqlite_with_rowid=False,
)
