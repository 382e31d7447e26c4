"""What a span means: numbers, acts, offices, places, and the record of a document, by grammar and tables.

Imports `schema` and `reading/text`, and neither torch nor numpy's other users.
"""
