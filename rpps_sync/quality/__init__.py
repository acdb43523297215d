"""Declared checks, Great Expectations contracts, volume bands, and the gate."""
