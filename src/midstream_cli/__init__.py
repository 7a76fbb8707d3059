"""Analyse streams while they flow and after they were recorded."""

__version__ = "0.1.0"
