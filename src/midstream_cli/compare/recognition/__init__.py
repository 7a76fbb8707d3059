"""Signatures recognised from their first vectors, against a background that is learnt."""
