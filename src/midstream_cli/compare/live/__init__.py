"""Streams compared with signatures while they flow."""
