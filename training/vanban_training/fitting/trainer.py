"""Fitting a network with Hugging Face's Trainer: what every task shares (LoRA, layer decay, precision, Ctrl-C)."""

from __future__ import annotations

import copy
import itertools
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

import torch
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_utils import SaveStrategy

from vanban.errors import UserError
from vanban.interruption import INTERRUPTED, TERMINATED, Terminated
from vanban.network.tagging import IGNORED
from vanban_training.config import DistillationConfig, TrainingConfig
from vanban_training.fitting import processes
from vanban_training.fitting.distillation import SOFT, collate_with_soft_targets, soft_loss
from vanban_training.fitting.interruption import Interrupted
from vanban_training.fitting.networks import NewNetwork
from vanban_training.fitting.progress import show_progress
from vanban_training.fitting.weights import told_of

# a launcher passes on to each process the Ctrl-C that the terminal has already sent it
PASSED_ON_SECONDS: Final = 5.0

Loss = Callable[[Any, torch.Tensor, torch.Tensor], torch.Tensor]
"""Of a network's outputs, the labels, and the number of labels in the batches of all processes."""


class _StopAfterStep(TrainerCallback):
    """Turns Ctrl-C and SIGTERM into a saved checkpoint at the end of the step under way, the same in all processes."""

    def __init__(self) -> None:
        self.asked = False
        self.status = INTERRUPTED
        self._since = 0.0

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> TrainerControl:
        self.agree()
        if self.asked:
            control.should_save = args.save_strategy != SaveStrategy.NO
            control.should_training_stop = True
        return control

    def agree(self) -> None:
        """Stop, if one of the processes was asked to."""
        if processes.any_of(self.asked) and not self.asked:
            self._ask()

    def _ask(self) -> None:
        self.asked, self._since = True, time.monotonic()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen for Ctrl-C and SIGTERM; a second one interrupts at once."""

        def ask(number: int, frame: FrameType | None) -> None:
            if not self.asked:
                self._ask()
                self.status = 128 + number
            elif processes.count() == 1 or time.monotonic() - self._since > PASSED_ON_SECONDS:
                raise KeyboardInterrupt if number == signal.SIGINT else Terminated(TERMINATED)

        try:
            before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
        except ValueError:  # not in the main thread: signals go elsewhere
            yield
            return
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class _LayeredTrainer(Trainer):
    """A Trainer whose optimizer gives each layer its learning rate, and whose steps are those of one process."""

    def __init__(
        self,
        settings: TrainingConfig,
        head: Collection[str],
        loss: Loss | None,
        distillation: DistillationConfig | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.settings, self.head, self.distillation = settings, head, distillation
        self.hard_loss = loss or loss_over_all
        if distillation is not None:
            self.compute_loss_func = self._loss_with_teacher
        elif loss is not None or processes.count() > 1:
            self.compute_loss_func = self.hard_loss
        self._soft: torch.Tensor | None = None
        self.left_over = len(kwargs["train_dataset"]) % settings.batch_size

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        if self.optimizer is None:
            self.optimizer = torch.optim.AdamW(parameter_groups(self.model, self.settings, self.head), fused=True)
        return self.optimizer

    def compute_loss(self, model: Any, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        self._soft = inputs.pop(SOFT, None)  # the network does not know them
        return super().compute_loss(model, inputs, *args, **kwargs)

    def _loss_with_teacher(self, outputs: Any, labels: torch.Tensor, num_items_in_batch: torch.Tensor) -> torch.Tensor:
        assert self.distillation is not None and self._soft is not None
        share, temperature = self.distillation.weight, self.distillation.temperature
        soft = soft_loss(outputs["logits"], self._soft, labels, temperature, num_items_in_batch)
        return (1 - share) * self.hard_loss(outputs, labels, num_items_in_batch) + share * soft

    def get_batch_samples(self, epoch_iterator: Iterator[Any], num_batches: int, device: Any) -> Any:
        return super().get_batch_samples(self._without_repeats(epoch_iterator), num_batches, device)

    def _without_repeats(self, batches: Iterator[Any]) -> Iterator[Any]:
        """Yield batches; the last of an epoch, if it is not full, without what accelerate fills it up with: windows
        that were seen before lose their labels."""
        for batch in batches:
            if processes.count() > 1 and self.left_over and self.accelerator.gradient_state.end_of_dataloader:
                dealt = len(batch["labels"]) * processes.rank()
                batch["labels"][max(0, self.left_over - dealt) :] = IGNORED
            yield batch


def loss_over_all(outputs: Any, labels: torch.Tensor, num_items_in_batch: torch.Tensor) -> torch.Tensor:
    """Return the cross-entropy summed over the labels here, divided by the number of labels in all processes.

    The networks' own loss is the mean over the labels here: averaged over processes, a label weighs the more the fewer
    there are beside it. (Trainer multiplies by the number of processes what it then averages over them.)
    """
    logits = outputs["logits"]
    summed = torch.nn.functional.cross_entropy(
        logits.reshape(-1, logits.shape[-1]), labels.flatten(), ignore_index=IGNORED, reduction="sum"
    )
    return summed / num_items_in_batch.clamp(min=1)


def parameter_groups(network: Any, settings: TrainingConfig, head: Collection[str]) -> list[dict[str, Any]]:
    """Return AdamW groups: the modules of the head at their own rate, each layer below the top slower by `layer_decay`;
    no decay on biases and layer norms."""
    depth = int(network.config.num_hidden_layers)
    groups: dict[tuple[float, float], dict[str, Any]] = {}
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        rate = settings.learning_rate * settings.layer_decay ** (depth - layer_index(name, depth))
        if not set(head).isdisjoint(name.split(".")):
            rate = settings.head_learning_rate or settings.learning_rate
        decay = 0.0 if parameter.ndim < 2 else settings.weight_decay
        group = groups.setdefault((rate, decay), {"params": [], "lr": rate, "weight_decay": decay})
        group["params"].append(parameter)
    return list(groups.values())


def layer_index(name: str, depth: int) -> int:
    """Return 0 for embeddings, 1 … depth for the layers, depth for what stands above them."""
    parts = name.split(".")
    for before, part in itertools.pairwise(parts):
        if before in ("layer", "layers", "h") and part.isdigit():
            return int(part) + 1
    return 0 if "embeddings" in parts else depth


def fit(
    new: NewNetwork,
    examples: Sequence[dict[str, Any]],
    collator: Callable[[Any], Any],
    settings: TrainingConfig,
    checkpoints: Path | None,
    resume: bool = False,
    loss: Loss | None = None,
    distillation: DistillationConfig | None = None,
) -> tuple[Any, Any]:
    """Fit a new network on `examples`; return it as trained (a PEFT model for LoRA) and as one plain network.

    `checkpoints` None keeps nothing on disk. `loss` None is the network's own. With `distillation` the examples have
    soft targets. The same seed on the same machine gives the same weights.
    """
    network = new.network
    if settings.freeze_embeddings:
        for parameter in network.get_input_embeddings().parameters():
            parameter.requires_grad = False
    if settings.method == "lora":
        network = _with_lora(network, settings, new.head)
    last = processes.from_main(lambda: last_checkpoint(checkpoints)) if resume and checkpoints else None
    if last and not all(processes.gather(Path(last).is_dir())):
        raise UserError(f"--resume: not every process sees {last}; put output where all the machines see it")
    stop = _StopAfterStep()
    arguments = _arguments(settings, checkpoints, len(examples))
    if arguments.n_gpu > 1:
        arguments._n_gpu = 1  # one process trains on one GPU; `accelerate launch` starts one for each
    with tempfile.TemporaryDirectory() as scratch, stop.listening():
        if checkpoints is None:
            arguments.output_dir = scratch  # Trainer makes its folder even when it saves nothing
        trainer = _LayeredTrainer(
            settings=settings,
            head=new.random_head,
            model=network,
            args=arguments,
            train_dataset=list(examples),
            data_collator=collate_with_soft_targets(collator),
            loss=loss,
            distillation=distillation,
            callbacks=[stop],
        )
        show_progress(trainer)
        if processes.count() > 1:
            torch.manual_seed(settings.seed + processes.rank())  # for dropout, which should differ
        with told_of(checkpoints or scratch):
            trainer.train(resume_from_checkpoint=last)
    stop.agree()
    if stop.asked:
        raise Interrupted(f"stopped after step {trainer.state.global_step} of {trainer.state.max_steps}", stop.status)
    trained = trainer.accelerator.unwrap_model(trainer.model)
    if not all(torch.isfinite(parameter).all() for parameter in trained.parameters()):
        raise UserError(
            f"training diverged: some weights are no numbers any more. Lower training.learning_rate "
            f"(found {settings.learning_rate:g})"
        )
    return trained, copy.deepcopy(trained).merge_and_unload() if settings.method == "lora" else trained


def last_checkpoint(folder: Path) -> str:
    """Return the newest whole checkpoint: the state is written last, without it the saving was cut short.

    Raises UserError where there is none, as when a run was interrupted before its first step.
    """
    whole = [state.parent for state in folder.glob("checkpoint-*/trainer_state.json")]
    if not whole:
        raise UserError(f"--resume: no checkpoint in {folder}; start without --resume")
    return str(max(whole, key=lambda path: int(path.name.rpartition("-")[2])))


def _with_lora(network: Any, settings: TrainingConfig, head: Sequence[str]) -> Any:
    from peft import LoraConfig, get_peft_model

    lora = settings.lora
    linear = [name for name, module in network.named_modules() if isinstance(module, torch.nn.Linear)]
    return get_peft_model(
        network,
        LoraConfig(
            r=lora.rank,
            lora_alpha=lora.alpha,  # type: ignore[arg-type]
            lora_dropout=lora.dropout,
            target_modules=[name for name in linear if set(head).isdisjoint(name.split("."))],
            modules_to_save=list(head),
        ),
    )


def _arguments(settings: TrainingConfig, checkpoints: Path | None, examples: int) -> TrainingArguments:
    processes.check_batch(settings.batch_size)
    steps = max(1, round(settings.epochs * -(-examples // settings.batch_size)))
    return TrainingArguments(
        output_dir=str(checkpoints) if checkpoints else None,
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch_size,  # of all processes together: the batches are split
        accelerator_config={"split_batches": processes.count() > 1},
        data_seed=settings.seed,
        ddp_find_unused_parameters=False,
        ddp_static_graph=True,  # the first step shows which parameters have no part in the loss
        learning_rate=settings.learning_rate,
        warmup_steps=round(settings.warmup * steps),
        weight_decay=settings.weight_decay,
        bf16=use_bfloat16(settings.precision),
        use_cpu=not torch.cuda.is_available(),
        seed=settings.seed,
        save_strategy="steps" if checkpoints else "no",
        save_steps=max(1, steps // 4),
        save_total_limit=1,
        logging_steps=max(1, steps // 20),
        report_to="none",
        remove_unused_columns=False,  # examples hold what is needed alone
        dataloader_pin_memory=False,
        disable_tqdm=not sys.stderr.isatty(),
    )


def use_bfloat16(precision: str) -> bool:
    """True when the forward pass runs in bfloat16: as asked, or where the hardware multiplies in it."""
    if precision == "auto":
        if torch.cuda.is_available():
            return bool(torch.cuda.is_bf16_supported(including_emulation=False))
        return bool(torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())
    return precision == "bfloat16"
