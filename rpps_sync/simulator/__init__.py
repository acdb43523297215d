"""A publisher and a PSC issuer that behave like the real ones, with invented people and ground truth."""
