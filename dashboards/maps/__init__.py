"""The map of France: shapes of departments, drawn in the plane of a page (SOURCES.md says whose they are)."""
