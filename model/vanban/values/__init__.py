"""What a span means: numbers, acts, offices, places, and the record of a document, by grammars and tables.
Imports schema and reading, and neither torch nor a model."""
