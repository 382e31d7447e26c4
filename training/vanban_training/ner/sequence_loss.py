"""A loss over whole tag sequences: minus the log probability of the annotated one among all that are valid.

What is valid is what the lattice that decodes (`vanban.network.tagging.Lattice`) lets through: I follows B or I of its
label, nothing begins or ends inside a unit (a word, a number), nothing goes on over a line. A loss that judges each
token alone spends itself on sequences that are never decoded. A window may begin and end inside an entity.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import torch

from vanban.network.tagging import IGNORED, OUTSIDE, IntArray
from vanban.reading.encoding import EncodedText

ANYTHING, GOES_ON, BREAKS_OFF = 0, 1, 2  # what a token may be after the one before: only the same entity; only another
_NEVER: Final = -1e9


def pack(tags: IntArray, encoded: EncodedText, tag_count: int) -> IntArray:
    """Return (tokens,) labels that hold both the tag of a token and how it may follow the token before it.

    Where the annotated tags are not valid themselves, as those of a span that begins inside a word, the token may be
    anything. `IGNORED` stays.
    """
    labelled = np.flatnonzero(tags != IGNORED)
    lines = np.cumsum(encoded.line_starts)[labelled]
    follows = np.where(encoded.can_begin[labelled], ANYTHING, GOES_ON)
    follows[np.diff(lines, prepend=0) > 0] = BREAKS_OFF
    known = tags[labelled]
    inside = (known > OUTSIDE) & (known % 2 == 0)
    was_inside = np.concatenate([[False], known[:-1] > OUTSIDE])
    changes = (inside != was_inside) | (known % 2 == 1)
    follows[((follows == GOES_ON) & changes) | ((follows == BREAKS_OFF) & inside)] = ANYTHING
    packed = tags.copy()
    packed[labelled] = known + tag_count * follows
    return packed


def sequence_loss(outputs: Any, labels: torch.Tensor, num_items_in_batch: Any = None) -> torch.Tensor:
    """Return the loss of a batch, summed over its windows and divided by the number of labels (of all processes).

    `outputs["logits"]`: (windows, tokens, tags). `labels`: (windows, tokens) of `pack`, or `IGNORED`.
    """
    logits = outputs["logits"].float().log_softmax(dim=-1)
    labelled = labels != IGNORED
    codes = labels.clamp(min=0)
    tags, follows = codes % logits.shape[-1], codes // logits.shape[-1]
    annotated = (logits.gather(2, tags[..., None])[..., 0] * labelled).sum()

    outside, begin, inside = logits[..., OUTSIDE], logits[..., 1::2], logits[..., 2::2]
    begin = begin.masked_fill((follows == GOES_ON)[..., None], _NEVER)
    inside = inside.masked_fill((follows == BREAKS_OFF)[..., None], _NEVER)
    # log sums over the paths that are outside of entities, (windows,), or inside one of a label, (windows, labels);
    # before the first token a window may be in any of these, each time for nothing
    free, within, everything = (torch.zeros_like(t[:, 0]) for t in (outside, inside, outside))
    for token in range(labels.shape[1]):
        before = torch.where(follows[:, token] == GOES_ON, free, everything)
        going_on = torch.logaddexp(everything[:, None] + begin[:, token], within + inside[:, token])
        counts = labelled[:, token]
        free = torch.where(counts, before + outside[:, token], free)
        within = torch.where(counts[:, None], going_on, within)
        everything = torch.where(counts, torch.logsumexp(torch.cat([free[:, None], within], dim=1), dim=1), everything)
    loss: torch.Tensor = everything.sum() - annotated
    number = labelled.sum() if num_items_in_batch is None else num_items_in_batch
    return loss / number.clamp(min=1)
