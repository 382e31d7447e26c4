"""What is shown while a network is fitted: Trainer's bar on a terminal, a line every twentieth of the way elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any

from transformers import PrinterCallback, Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments


class ProgressLines(TrainerCallback):
    """Prints `step 40 of 800, epoch 0.15, loss 0.532, 31 s` to standard error."""

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Start the clock."""
        self._started = time.perf_counter()

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Print one line for each logged loss."""
        if logs and "loss" in logs and state.is_world_process_zero:
            seconds = time.perf_counter() - self._started
            print(
                f"  step {state.global_step} of {state.max_steps}, epoch {state.epoch or 0:.2f}, "
                f"loss {float(logs['loss']):.3f}, {seconds:.0f} s",
                file=sys.stderr,
                flush=True,
            )


def show_progress(trainer: Trainer) -> None:
    """Replace Trainer's printed dictionaries, which it shows where it has no bar."""
    if trainer.args.disable_tqdm:
        trainer.remove_callback(PrinterCallback)
        trainer.add_callback(ProgressLines)
