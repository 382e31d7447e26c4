"""The task of spans: features, replaced mentions, strict scores, agreement.
May import corpus and fitting."""
