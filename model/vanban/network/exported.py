"""A folder that was exported: `model.onnx`, a tokenizer, `vanban.json`. It is read without torch, and without
transformers but for the tokenizer of a PhoBERT."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vanban.errors import UserError
from vanban.network.model_files import is_phobert
from vanban.network.onnx_network import OnnxNetwork
from vanban.network.processor import features_of_this_processor
from vanban.reading.phobert_vocabulary import PHOBERT_FILES

ONNX_FILE: Final = "model.onnx"
EXPORTED_FILES: Final = (ONNX_FILE, "tokenizer.json", "vanban.json")


@dataclass(frozen=True, slots=True)
class PlainTokenizer:
    """What vanban needs of a tokenizer: that of the `tokenizers` library, and the ids that it does not name."""

    backend_tokenizer: Any
    sep_token_id: int | None
    pad_token_id: int | None


def exported_network(folder: Path, record: dict[str, Any]) -> OnnxNetwork:
    """Return the network of an exported folder.

    Raises UserError where it tells other classes apart than are recorded, and where its sums would overflow here.
    """
    made, found = record["export"], features_of_this_processor()
    has_wide_sums = made.get("precision") == "int8" and made.get("reduce_range") is False
    if has_wide_sums and "avx2" in found and "vnni" not in found:
        raise UserError(
            f"{folder}: was exported in int8 for processors with VNNI, which this one lacks: its sums would overflow. "
            "Export the model here, or anywhere with --any-processor or --precision float32"
        )
    network = OnnxNetwork(folder / ONNX_FILE)
    if network.classes not in (None, len(record["classes"])):
        raise UserError(
            f"{folder}: found {len(record['classes'])} classes in vanban.json and {network.classes} in {ONNX_FILE}, "
            "which are of different models; export the model again: vanban export"
        )
    return network


def exported_tokenizer(folder: Path, record: dict[str, Any]) -> Any:
    """Return the tokenizer of an exported folder: PhoBERT's, or what `tokenizer.json` says."""
    try:
        ids, classes, windows = record["export"]["tokenizer"], record["classes"], record["windows"]
        sep, pad = ids["sep"], ids["pad"]
        if not isinstance(classes, list) or not all(isinstance(name, str) for name in classes):
            raise TypeError
        if not isinstance(windows["tokens"], int) or not all(one is None or type(one) is int for one in (sep, pad)):
            raise TypeError
    except (KeyError, TypeError):
        raise UserError(
            f"{folder / 'vanban.json'}: expected classes, windows and export.tokenizer; the folder is damaged: "
            "export the model again: vanban export"
        ) from None
    if is_phobert(folder):
        from vanban.reading.phobert import PhobertTokenizerFast

        return PhobertTokenizerFast(folder)
    if ids.get("reads_words"):
        raise UserError(
            f"{folder}: lacks one of {', '.join(PHOBERT_FILES)}, with which it reads words; export it again"
        )
    from tokenizers import Tokenizer

    try:
        backend = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the library raises bare Exception
        raise UserError(f"{folder / 'tokenizer.json'}: can't be read ({error}); export the model again") from None
    return PlainTokenizer(backend, sep, pad)
