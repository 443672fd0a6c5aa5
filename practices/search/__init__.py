"""Search in practices and lessons, on SQLite and PostgreSQL.

`retrieval.find()` returns what matches a text, `ranking.rank()` puts it in order, `highlighting` marks the
query terms, and `indexing` keeps the index up to date.
"""
