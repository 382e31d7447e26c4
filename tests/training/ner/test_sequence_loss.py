"""The loss over whole tag sequences: what it sums over, what is valid, and that the annotated one is."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch

from vanban.network.lattice import Lattice
from vanban.network.tagging import IGNORED, tags_of_spans
from vanban.network.token_scores import TokenScores
from vanban.reading.encoding import TextEncoder
from vanban.schema import Entity
from vanban_training.ner.sequence_loss import ANYTHING, BREAKS_OFF, GOES_ON, pack, sequence_loss

LABELS = ("PLACE", "COUNT")
TAGS = 5


def valid(tags: tuple[int, ...], follows: list[int]) -> bool:
    """Whether each tag may stand behind the one before it; the first may be anything that its place allows."""
    for number, (tag, how) in enumerate(zip(tags, follows, strict=True)):
        inside = tag > 0 and tag % 2 == 0
        before = tags[number - 1] if number else None
        if how == GOES_ON and tag % 2 == 1:
            return False
        if how == BREAKS_OFF and inside:
            return False
        if before is None:
            continue
        if inside and before not in (tag, tag - 1):
            return False
        if how == GOES_ON and not inside and before != 0:
            return False
    return True


@pytest.mark.parametrize(
    "follows",
    [
        [ANYTHING, ANYTHING, ANYTHING, ANYTHING],
        [BREAKS_OFF, GOES_ON, ANYTHING, BREAKS_OFF],
        [GOES_ON, GOES_ON, BREAKS_OFF, GOES_ON],
    ],
)
def test_the_loss_is_the_annotated_sequence_among_all_valid_ones(follows: list[int]) -> None:
    torch.manual_seed(0)
    logits = torch.randn(1, len(follows), TAGS)
    scores = logits.log_softmax(dim=-1)[0]
    every = [tags for tags in itertools.product(range(TAGS), repeat=len(follows)) if valid(tags, follows)]
    weights = torch.stack([sum(scores[i, tag] for i, tag in enumerate(tags)) for tags in every])
    for number in (0, len(every) // 2, len(every) - 1):
        labels = torch.tensor([[tag + TAGS * how for tag, how in zip(every[number], follows, strict=True)]])
        loss = sequence_loss({"logits": logits}, labels)
        expected = (torch.logsumexp(weights, 0) - weights[number]) / len(follows)
        assert loss.item() == pytest.approx(expected.item(), abs=1e-5)


def test_what_has_no_label_does_not_count() -> None:
    torch.manual_seed(1)
    logits = torch.randn(2, 4, TAGS)
    plain = torch.tensor([[0, 1, 2, 0], [3, 4, 0, 0]])
    padded = torch.full((2, 7), IGNORED)
    padded[:, [1, 2, 4, 5]] = plain
    wide = torch.full((2, 7, TAGS), 7.0)
    wide[:, [1, 2, 4, 5]] = logits
    assert sequence_loss({"logits": wide}, padded).item() == pytest.approx(
        sequence_loss({"logits": logits}, plain).item(), abs=1e-6
    )
    # a window of nothing, as the last batch of several processes may hold, adds nothing
    empty = torch.cat([plain, torch.full((1, 4), IGNORED)])
    more = torch.cat([logits, torch.randn(1, 4, TAGS)])
    loss = sequence_loss({"logits": more}, empty)
    assert loss.item() == pytest.approx(sequence_loss({"logits": logits}, plain).item(), abs=1e-6)
    assert sequence_loss({"logits": logits[:1]}, empty[2:]).item() == 0  # and is no number if there is nothing else
    # divided by the labels of all processes, not by those here
    assert sequence_loss({"logits": logits}, plain, torch.tensor(16)).item() == pytest.approx(
        sequence_loss({"logits": logits}, plain).item() / 2, abs=1e-6
    )


@pytest.mark.parametrize("text", ["Ở Hà Nội có 24.973 ca.\nXã Kim Sơn: 5 thôn", "12\n\n\n3 xã", "vùng Đông\u200b Anh"])
def test_a_whole_line_is_judged_as_the_lattice_judges_it(text: str, any_tokenizer: Any) -> None:
    encoder = TextEncoder(any_tokenizer, 128, 0)
    encoded = encoder.encode(text)
    torch.manual_seed(2)
    logits = torch.randn(1, len(encoded.ids), TAGS)
    scores = logits.log_softmax(dim=-1)[0].numpy()
    tags = pack(tags_of_spans(encoded, [], LABELS), encoded, TAGS)
    loss = sequence_loss({"logits": logits}, torch.from_numpy(tags)[None]).item() * int((tags != IGNORED).sum())
    allowed = np.ones(len(encoded.ids), dtype=np.bool_)
    scores = np.where(encoded.has_label[:, None], scores, np.float32(0))
    tokens = TokenScores(scores, encoded.can_begin, encoded.line_starts, allowed, allowed, allowed)
    total = Lattice(tokens)._marginals()[1].sum()
    outside = scores[encoded.has_label, 0].sum()
    assert loss == pytest.approx(total - outside, abs=1e-3)


def test_the_annotated_sequence_is_always_valid(any_tokenizer: Any) -> None:
    text = "Ở Hà Nội có 24.973 ca, vùng Đông\nAnh: 5 thôn"
    encoded = TextEncoder(any_tokenizer, 128, 0).encode(text)
    torch.manual_seed(3)
    logits = 20 * torch.randn(1, len(encoded.ids), TAGS)
    for start, end in itertools.combinations(range(0, len(text), 3), 2):
        try:  # inside words and numbers, over lines
            tags = tags_of_spans(encoded, [Entity("COUNT", start, end, text[start:end])], LABELS)
        except ValueError:
            continue
        labels = torch.from_numpy(pack(tags, encoded, TAGS))[None]
        assert sequence_loss({"logits": logits}, labels).item() >= -1e-6
