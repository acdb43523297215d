"""NOS code tables (nomenclatures des objets de santé) and their lookup."""
