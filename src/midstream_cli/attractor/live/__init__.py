"""Regimes of a stream while it flows."""
