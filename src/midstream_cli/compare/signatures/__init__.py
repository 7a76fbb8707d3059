"""Signatures: what they are, their files, libraries of them, and how they are captured and judged."""
