"""The local directory: tables, publication, history, changes and queries. Knows no network."""
