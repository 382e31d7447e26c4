"""Features that are multiplied apart: of which layers, which ones, and that together they give what the layer gave."""

from __future__ import annotations

import pytest
import torch

from vanban.network.outliers import HEAD, OUTLIERS, SplitLinear, split_outliers


class Block(torch.nn.Module):
    """A feed-forward network of 72 → 96 → 72 with what stands around it in an encoder, and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = torch.nn.Linear(72, 72)
        self.wide = torch.nn.Linear(72, 96)
        self.narrow = torch.nn.Sequential(torch.nn.Linear(96, 72, bias=False))
        self.narrow_one = torch.nn.Linear(72, HEAD)
        self.unused = torch.nn.Linear(72, 96)
        self.head = torch.nn.Linear(72, 9)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        inputs = self.narrow(torch.relu(self.wide(self.attention(inputs))))
        return torch.cat([self.head(inputs), self.narrow_one(inputs)], -1)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(72,), (3, 72), (2, 5, 72)])
def test_a_split_layer_gives_what_the_layer_gave(bias: bool, shape: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    linear, inputs = torch.nn.Linear(72, 96, bias=bias), torch.randn(shape)
    inputs[..., 7] *= 100
    split = SplitLinear(linear, torch.tensor([0, 7, 71]))
    torch.testing.assert_close(split(inputs), linear(inputs), atol=1e-4, rtol=1e-5)
    assert split.weight.shape == (3, 96)
    assert split.kept.sum() == 69
    assert linear.weight[:, 7].abs().sum() > 0  # the layer itself is left as it is


def test_the_layers_of_the_feed_forward_network_are_split() -> None:
    torch.manual_seed(2)
    block, sample = Block().eval(), torch.randn(4, 6, 72)
    before = block(sample)
    split_outliers(block, lambda: block(sample))
    assert [name for name, module in block.named_modules() if isinstance(module, SplitLinear)] == ["wide", "narrow.0"]
    torch.testing.assert_close(block(sample), before, atol=1e-5, rtol=1e-5)
    assert all(not module._forward_pre_hooks for module in block.modules())


def test_the_largest_features_of_all_batches_are_taken() -> None:
    torch.manual_seed(3)
    network = torch.nn.Sequential(torch.nn.Linear(72, 96)).eval()
    batches = [torch.randn(2, 3, 72).clamp(-2, 2) for _ in range(2)]
    largest = list(range(0, 3 * OUTLIERS, 3))
    for number, feature in enumerate(largest):  # each in one batch, at one token, half of them below 0
        batches[number % 2][1, 2, feature] = (-1) ** (number // 2) * 9.0
    split_outliers(network, lambda: [network(batch) for batch in batches])
    split = network[0]
    assert isinstance(split, SplitLinear)
    assert split.features.tolist() == largest


def test_hooks_go_where_the_sample_fails() -> None:
    network = torch.nn.Sequential(torch.nn.Linear(72, 96))
    with pytest.raises(RuntimeError, match="72x96"):
        split_outliers(network, lambda: network(torch.zeros(1, 5)))
    assert not network[0]._forward_pre_hooks
    assert isinstance(network[0], torch.nn.Linear)
