"""Windows of ids become logits, and these spans and types: models, where they come from, heads, tagging.
May import reading."""
