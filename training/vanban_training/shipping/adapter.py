"""The shipped model: the adapter of a finished run, small enough to be kept beside the bundled encoder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Final

from vanban.errors import UserError
from vanban.network.shipped import NAMES

RECORDS: Final = ("training.json", "metrics.json", "config.yaml")
PEFT_KEYS: Final = (
    "peft_type",
    "task_type",
    "r",
    "lora_alpha",
    "lora_dropout",
    "use_rslora",
    "target_modules",
    "modules_to_save",
    "bias",
)


def ship_adapter(run: Path, out: Path) -> str:
    """Write the adapter of `run`, in f16, and its records to the folder of its task in `out`; return its size.

    Raises UserError unless `run` is a finished LoRA training on the bundled encoder.
    """
    from safetensors.torch import load_file, save_file

    source = run / "adapter" / "adapter_model.safetensors"
    expected = (source, source.with_name("adapter_config.json"), *(run / name for name in ("vanban.json", *RECORDS)))
    missing = [str(file.relative_to(run)) for file in expected if not file.is_file()]
    if missing:
        raise UserError(f"{run}: expected a finished run with training.method: lora; {', '.join(missing)} missing")
    info: dict[str, Any] = json.loads((run / "vanban.json").read_text(encoding="utf-8"))
    if info["encoder"]["used"] != "bundled":
        raise UserError(
            f"{run}: was trained on {info['encoder']['used']}; only adapters of the bundled encoder can ship"
        )
    variant = f"-{out.name}" if out.name in NAMES else ""
    out = out / info["task"]
    out.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.half().contiguous() for name, tensor in sorted(load_file(source).items())}
    save_file(tensors, out / "adapter_model.safetensors", metadata={"format": "pt"})
    (out / "adapter_model.safetensors").chmod(0o644)
    settings = json.loads((run / "adapter" / "adapter_config.json").read_text(encoding="utf-8"))
    kept = {key: settings[key] for key in PEFT_KEYS if key in settings}
    kept["target_modules"] = (
        sorted(kept["target_modules"]) if isinstance(kept["target_modules"], list) else kept["target_modules"]
    )
    (out / "adapter_config.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    info["name"] = f"vanban-{info['task']}{variant}"
    (out / "vanban.json").write_text(json.dumps(info, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for record in RECORDS:
        shutil.copyfile(run / record, out / record)
    size = sum(file.stat().st_size for file in out.iterdir())
    return f"{out}: {size / 1e6:.1f} MB"
