"""Tokens as the lattice takes them: their scores, and where entities and lines may begin and end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vanban.network.edges import BoolArray
from vanban.network.recursions import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class TokenScores:
    """Some tokens in their order.

    `log_probs`: (tokens, tags). The others: (tokens,) booleans: an entity may begin at the token, a line begins there,
    an entity may open or close with it, and whether it has a say: to one that has none all tags are alike.
    """

    log_probs: FloatArray
    can_begin: BoolArray
    line_starts: BoolArray
    opens: BoolArray
    closes: BoolArray
    has_say: BoolArray

    def __len__(self) -> int:
        return len(self.log_probs)

    def __getitem__(self, chosen: slice | IntArray) -> TokenScores:
        """Return some of the tokens."""
        return TokenScores(*(array[chosen] for array in self._arrays()))

    def group_starts(self) -> IntArray:
        """Return the first tokens of the groups: those at which an entity may begin, or a line does."""
        return np.flatnonzero(self.can_begin | self.line_starts)

    @classmethod
    def joined(cls, parts: Sequence[TokenScores]) -> TokenScores:
        """Return the tokens of several texts, one text behind the other."""
        if len(parts) == 1:
            return parts[0]
        return cls(*(np.concatenate(kind) for kind in zip(*(part._arrays() for part in parts), strict=True)))

    def _arrays(self) -> tuple[Any, ...]:
        return self.log_probs, self.can_begin, self.line_starts, self.opens, self.closes, self.has_say
