"""Keeping results: the schema that follows from them, and DuckDB."""
