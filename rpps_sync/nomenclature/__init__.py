"""NOS code tables (nomenclatures des objets de santé) and their lookup."""

from rpps_sync.nomenclature.lookup import CodeSystem, CodeTable, code_system, known_codes, label

__all__ = ["CodeSystem", "CodeTable", "code_system", "known_codes", "label"]
