"""NOS code tables (nomenclatures des objets de santé), their lookup, and how they are brought up to date."""

from rpps_sync.nomenclature.lookup import (
    CodeSystem,
    code_system,
    known_codes,
    label,
    retired_codes,
    systems,
    wordings,
)
from rpps_sync.nomenclature.tables import CodeTable, table, table_ids, use

__all__ = [
    "CodeSystem",
    "CodeTable",
    "code_system",
    "known_codes",
    "label",
    "retired_codes",
    "systems",
    "table",
    "table_ids",
    "use",
    "wordings",
]
