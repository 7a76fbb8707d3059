"""Comparing sequences: alignment, edit distances, signatures."""
