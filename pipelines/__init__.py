"""The stories: what happens in a night, at the intake of claims, when an operator accepts a publication."""
