"""Tokens for the lattice that all have a say."""

from __future__ import annotations

import numpy as np

from vanban.network.edges import BoolArray
from vanban.network.recursions import FloatArray
from vanban.network.token_scores import TokenScores


def scored(
    log_probs: FloatArray, can_begin: BoolArray, line_starts: BoolArray, opens: BoolArray, closes: BoolArray
) -> TokenScores:
    """Return tokens with these scores, (tokens, tags), and edges, (tokens,)."""
    has_say = np.ones(len(log_probs), dtype=np.bool_)
    return TokenScores(log_probs, can_begin, line_starts, opens, closes, has_say)
