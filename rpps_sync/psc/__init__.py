"""Pro Santé Connect: token verification, claim reading, observations, privacy."""
