"""The reader of the 4-bit weights, on a tiny file that is written here in the documented layout."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from vanban_training.shipping.e5_weights import read_e5_weights

HIDDEN, FEED_FORWARD, VOCABULARY, POSITIONS = 32, 64, 3, 4
WORD = "embeddings.word_embeddings.weight"


def _four_bit(nibbles: np.ndarray, scales: np.ndarray) -> bytes:
    """Pack (blocks, 32) values of 0 to 15 and (blocks,) scales: weights 0-15 in low nibbles, 16-31 in high ones."""
    packed = (nibbles[:, :16] | nibbles[:, 16:] << 4).astype(np.uint8)
    return b"".join(struct.pack("<e", d) + bytes(row) for d, row in zip(scales, packed, strict=True))


def _write(tensors: dict[str, tuple[int, int, bytes]], block: int = 32) -> bytes:
    """Return a file with `tensors`: name → (type, elements, bytes)."""
    head = b"E5S1" + struct.pack("<i", 1)
    head += struct.pack("<7i", HIDDEN, 1, 2, FEED_FORWARD, VOCABULARY, POSITIONS, 1)
    head += struct.pack("<fi", 1e-12, block)
    pieces = [b"<s>", b"ab", b"c"]
    offsets = np.cumsum([0, *map(len, pieces)])
    head += struct.pack("<i", len(pieces)) + struct.pack("<4i", 0, 2, 1, 3)
    head += struct.pack("<Q", sum(map(len, pieces)))
    head += struct.pack("<4i", *offsets) + struct.pack("<3f", 0, -1, -2) + b"".join(pieces)
    head += struct.pack("<iI", 1, 5) + b"rules"
    directory_length = 4 + sum(2 + len(name) + 21 for name in tensors)
    directory, data = struct.pack("<i", len(tensors)), b""
    for name, (kind, elements, raw) in tensors.items():
        offset = len(head) + directory_length + len(data)
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, elements, offset, len(raw))
        data += raw
    return head + directory + data


def _floats(*values: float) -> bytes:
    return np.array(values, dtype="<f4").tobytes()


def test_sizes_names_shapes_and_values():
    generator = np.random.default_rng(5)
    nibbles = generator.integers(0, 16, (VOCABULARY, 32))
    nibbles[0] = [*range(16), *range(15, -1, -1)]
    scales = np.array([0.5, -0.25, 2.0])
    narrow = generator.integers(0, 16, (HIDDEN * 2, 32))
    data = _write(
        {
            "emb.word": (1, VOCABULARY * 32, _four_bit(nibbles, scales)),
            "emb.ln.b": (0, 2, _floats(1.5, -2.5)),
            "L0.q.w": (1, 32 * 32, _four_bit(nibbles[[0] * 32], np.ones(32))),
            "L11.fo.w": (1, HIDDEN * FEED_FORWARD, _four_bit(narrow, np.ones(HIDDEN * 2))),
            "L3.oln.w": (0, 32, _floats(*range(32))),
        }
    )
    sizes, weights = read_e5_weights(data)
    assert {k: v for k, v in sizes.items() if k != "layer_norm_eps"} == {
        "hidden": 32,
        "layers": 1,
        "heads": 2,
        "feed_forward": 64,
        "vocabulary": 3,
        "positions": 4,
        "token_types": 1,
        "block": 32,
    }
    assert {name: w.shape for name, w in weights.items()} == {
        WORD: (3, 32),
        "embeddings.LayerNorm.bias": (2,),
        "encoder.layer.0.attention.self.query.weight": (32, 32),
        "encoder.layer.11.output.dense.weight": (32, 64),
        "encoder.layer.3.output.LayerNorm.weight": (32,),
    }
    assert all(w.dtype == np.float32 for w in weights.values())
    # exact: a weight is (nibble - 8) * d
    assert weights[WORD][0].tolist() == [(n - 8) * 0.5 for n in [*range(16), *range(15, -1, -1)]]
    assert np.array_equal(weights[WORD], (nibbles - 8) * scales[:, None])
    assert np.array_equal(weights["encoder.layer.11.output.dense.weight"], (narrow - 8).reshape(32, 64))
    assert weights["embeddings.LayerNorm.bias"].tolist() == [1.5, -2.5]


def test_another_file():
    with pytest.raises(ValueError, match=r"^expected the magic b'E5S1' at the start of the weights, found b'GGUF'$"):
        read_e5_weights(b"GGUF" + bytes(100))
    with pytest.raises(ValueError, match=r"found b''$"):
        read_e5_weights(b"")


def test_other_blocks():
    with pytest.raises(ValueError, match=r"^expected blocks of 32 weights, found 64$"):
        read_e5_weights(_write({}, block=64))


def test_a_tensor_of_the_wrong_length():
    with pytest.raises(ValueError, match=r"^tensor emb\.ln\.b: expected 3 elements, found 2$"):
        read_e5_weights(_write({"emb.ln.b": (0, 3, _floats(1.5, -2.5))}))
