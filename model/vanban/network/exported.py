"""A folder that was exported: `model.onnx`, a tokenizer, `vanban.json`. It is read without torch or transformers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vanban.errors import UserError
from vanban.network.model_files import is_phobert
from vanban.network.onnx_network import OnnxNetwork

ONNX_FILE: Final = "model.onnx"
EXPORTED_FILES: Final = (ONNX_FILE, "tokenizer.json", "vanban.json")


@dataclass(frozen=True, slots=True)
class PlainTokenizer:
    """What vanban needs of a tokenizer: that of the `tokenizers` library, and the ids that it does not name."""

    backend_tokenizer: Any
    sep_token_id: int | None
    pad_token_id: int | None


def exported_network(folder: Path) -> OnnxNetwork:
    """Return the network of an exported folder."""
    return OnnxNetwork(folder / ONNX_FILE)


def exported_tokenizer(folder: Path, record: dict[str, Any]) -> Any:
    """Return the tokenizer of an exported folder: PhoBERT's, or what `tokenizer.json` says."""
    try:
        ids, classes, windows = record["export"]["tokenizer"], record["classes"], record["windows"]
        if not isinstance(classes, list) or not isinstance(windows["tokens"], int):
            raise TypeError
        sep, pad = ids["sep"], ids["pad"]
    except (KeyError, TypeError):
        raise UserError(
            f"{folder / 'vanban.json'}: expected classes, windows and export.tokenizer; the folder is damaged: "
            "export the model again: vanban export"
        ) from None
    if is_phobert(folder):
        from vanban.reading.phobert import PhobertTokenizerFast

        return PhobertTokenizerFast(folder)
    from tokenizers import Tokenizer

    try:
        backend = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the library raises bare Exception
        raise UserError(f"{folder / 'tokenizer.json'}: can't be read ({error}); export the model again") from None
    return PlainTokenizer(backend, sep, pad)
