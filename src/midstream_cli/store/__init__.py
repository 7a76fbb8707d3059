"""Keeping results: the schema that follows from their classes, and the DuckDB file that holds them.

`schema` says which tables there are, `columns` brings results into the form DuckDB takes fastest, `database` opens and
closes the file, `writing` keeps runs and their results, `reading` answers SQL.
"""
