"""Run by the Python of Label Studio's package: its checks of what vanban writes, and its exporter on annotations.

label_studio.py CONFIG TASKS OUT: reads TASKS twice, as the importer of its ML back ends and as annotated tasks; writes
OUT/JSON/result.json and OUT/JSON_MIN/result.json. Every fault is a line on standard output, and the exit status is 1.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from label_studio_sdk.converter import Converter  # type: ignore[import-not-found]
from label_studio_sdk.label_interface import LabelInterface  # type: ignore[import-not-found]
from label_studio_sdk.label_interface.objects import PredictionValue  # type: ignore[import-not-found]


def main(config_file: Path, tasks_file: Path, out: Path) -> int:
    """Return the number of faults."""
    config = config_file.read_text(encoding="utf-8")
    interface = LabelInterface(config)
    interface.validate()
    tasks = json.loads(tasks_file.read_text(encoding="utf-8"))
    faults = [] if isinstance(tasks, list) else [f"no list: {type(tasks)}"]
    for number, task in enumerate(tasks, 1):
        if not interface.validate_task({"data": task["data"]}):
            faults.append(f"task {number}: no data for the configuration")
        for prediction in task.get("predictions", []):
            PredictionValue(**prediction)
            faults += [f"task {number}: {f}" for f in interface.validate_prediction(prediction, return_errors=True)]
        for annotation in task.get("annotations", []):
            if not interface.validate_annotation(annotation):
                faults.append(f"task {number}: {interface.validate_prediction(annotation, return_errors=True)}")
    print("\n".join(faults), end="")
    annotated = out / "annotated.json"
    annotated.write_text(json.dumps([_annotated(task, n) for n, task in enumerate(tasks, 1)]), encoding="utf-8")
    for name in ("JSON", "JSON_MIN"):
        Converter(config, str(out)).convert(str(annotated), str(out / name), name, is_dir=False)
    return len(faults)


def _annotated(task: dict, number: int) -> dict:  # type: ignore[type-arg]
    """Return a task as it is when someone has submitted its predictions, and has drawn one region for nothing."""
    results = [one for found in (*task.get("predictions", []), *task.get("annotations", [])) for one in found["result"]]
    times = {"created_at": f"2026-01-0{number % 9 + 1}T00:00:00Z", "updated_at": "2026-02-01T00:00:00Z"}
    submitted = {"id": 10 * number, "completed_by": 1, "was_cancelled": False, "result": results, "lead_time": 1.5}
    before = {"id": 10 * number - 1, "completed_by": 2, "was_cancelled": False, "result": [], "lead_time": 1.0}
    old = {"created_at": "2025-01-01T00:00:00Z", "updated_at": "2025-01-01T00:00:00Z"}
    return {"id": 100 + number, "data": task["data"], "annotations": [before | old, submitted | times]}


if __name__ == "__main__":
    sys.exit(1 if main(*map(Path, sys.argv[1:])) else 0)
