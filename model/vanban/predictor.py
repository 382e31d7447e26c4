"""`predict`, `load` and `Predictor`: texts → predictions, exact on any string."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar, overload

from vanban.errors import UserError
from vanban.network.backends import checkpoint_for
from vanban.network.checkpoint import Checkpoint, FoundModel, find_model
from vanban.network.classification import choose_type, has_words, shows
from vanban.network.forks import loading
from vanban.network.heads import Classifier, Tagger
from vanban.network.shipped import NAMES
from vanban.reading.ahead import one_ahead
from vanban.reading.encoding import EncodedText, split
from vanban.schema import TASKS, Backend, Entity, Prediction, Task
from vanban.values.document import with_values

CHARACTERS_PER_CHUNK: Final = 400_000  # what `stream` holds in memory at a time
TEXTS_PER_CHUNK: Final = 1024  # the same for texts that are short or empty

Model = TypeVar("Model", Checkpoint, FoundModel)
Models = str | Path | Sequence[str | Path] | None


class Predictor:
    """Loaded models, one for each task. It keeps no state between calls; one serves any number of texts.

    `tagger` and `classifier` are None when their task is left out.
    """

    def __init__(
        self,
        checkpoints: Iterable[Checkpoint],
        device: str = "auto",
        tokens_per_batch: int | None = None,
        values: bool = True,
    ) -> None:
        """`device` is `auto`, `cpu`, `cuda` or `cuda:N`; `tokens_per_batch` bounds the padded tokens of a batch.

        `values`: read what entities mean, and the record of the document.
        Checkpoints may be loaded as they are asked for: each is brought to the precision of the device before the next.
        Raises UserError for no checkpoint and for two of one task.
        """
        self.values = values
        self.tagger: Tagger | None = None
        self.classifier: Classifier | None = None
        names: dict[str, str] = {}
        self.info: dict[str, Any] = {}
        for checkpoint in _one_of_a_task(checkpoints):
            task = checkpoint.task
            names[task], self.info[task] = checkpoint.name, checkpoint.info
            if task == "ner":
                self.tagger = Tagger(checkpoint, device, tokens_per_batch)
            else:
                self.classifier = Classifier(checkpoint, device, tokens_per_batch)
        if not names:
            raise UserError(f"no model is given; expected one for a task at least ({', '.join(TASKS)})")
        self.name = " + ".join(names[task] for task in TASKS if task in names)
        # then a text is tokenised once for both
        self._shares_tokens = (
            self.tagger is not None
            and self.classifier is not None
            and self.tagger.encoder.reads_like(self.classifier.encoder)
        )

    @overload
    def predict(self, text: str) -> Prediction: ...
    @overload
    def predict(self, text: list[str]) -> list[Prediction]: ...
    def predict(self, text: str | list[str]) -> Prediction | list[Prediction]:
        """Return the prediction for one text, or a list of them for a list of texts, in its order.

        Raises TypeError for anything but `str` and lists of `str`.
        """
        if isinstance(text, str):
            return self.predict_batch([text])[0]
        if isinstance(text, list):
            return self.predict_batch(text)
        raise TypeError(_wrong_type(text, "predict"))

    def predict_batch(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction for each text. All are held in memory at once: see `stream` for many."""
        if isinstance(texts, (str, bytes)) or not isinstance(texts, Sequence):
            raise TypeError(
                f"predict_batch takes a list of str, found {type(texts).__name__}. Call predict(text) for one text"
            )
        for _ in _checked(texts):  # nothing is computed before all are known to be texts
            pass
        return list(self.stream(texts))

    def stream(self, texts: Iterable[str]) -> Iterator[Prediction]:
        """Yield one prediction for each text of any iterable, in order, in bounded memory.

        Texts are read some 400,000 characters ahead, 1,024 texts at most, so that windows of like length share a batch.
        Those of a sequence are tokenised as many more ahead, in a thread of its own; any other iterable is asked in the
        thread that asks the stream, to which it may belong.
        Raises TypeError at once for a single `str`, and at its turn for an item that is none.
        """
        if isinstance(texts, (str, bytes)) or not isinstance(texts, Iterable):
            raise TypeError(
                f"stream takes an iterable of str, found one {type(texts).__name__}. Call predict(text) for one text"
            )
        return self._stream(texts)

    def _stream(self, texts: Iterable[str]) -> Iterator[Prediction]:
        if isinstance(texts, ReadTexts) and texts.reader is self:
            yield from self._predict_read(texts)
            return
        chunks = _chunks(texts)
        read = (
            one_ahead(chunks, self.read) if isinstance(texts, Sequence) and len(texts) > 1 else map(self.read, chunks)
        )
        for chunk in read:
            yield from self._predict_read(chunk)

    def read(self, texts: Sequence[str]) -> ReadTexts:
        """Tokenise texts for `predict_batch`, which then has only to compute. It may be done in another thread."""
        split_texts = split(texts)
        encoded = self.tagger.encoder.encode_split(split_texts) if self.tagger else []
        if not self.classifier:
            return ReadTexts(self, texts, encoded, [])
        reader = self.classifier.encoder
        documents = [reader.in_windows(d) for d in encoded] if self._shares_tokens else reader.encode_split(split_texts)
        return ReadTexts(self, texts, encoded, documents)

    def _predict_read(self, texts: ReadTexts) -> Iterator[Prediction]:
        predictions = self._without_values(texts)
        return map(with_values, predictions) if self.values and self.tagger else predictions

    def _without_values(self, texts: ReadTexts) -> Iterator[Prediction]:
        entities: list[tuple[Entity, ...]] = [()] * len(texts)
        if self.tagger:
            entities = self.tagger.entities(texts.encoded)
        if not self.classifier:
            yield from (Prediction(text, found, self.name) for text, found in zip(texts, entities, strict=True))
            return
        scores = self.classifier.scores(texts.documents)
        for text, found, by_type in zip(texts, entities, scores, strict=True):
            doc_type, score = choose_type(by_type, self.classifier.threshold)
            # a type is not told by a few words, nor by what no one sees
            if not shows(text) or not has_words(text, self.classifier.least_words):
                doc_type = None
            yield Prediction(text, found, self.name, doc_type, score, by_type)


class ReadTexts(Sequence[str]):
    """Texts that `reader` has tokenised: `encoded` for its tagger, `documents` for its classifier."""

    def __init__(
        self, reader: Predictor, texts: Sequence[str], encoded: list[EncodedText], documents: list[EncodedText]
    ) -> None:
        self.reader, self._texts, self.encoded, self.documents = reader, texts, encoded, documents

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return self._texts[index]

    def __len__(self) -> int:
        return len(self._texts)


def _chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield the texts in runs; raises TypeError at an item that is no text, behind the run of those before it."""
    chunk: list[str] = []
    characters = 0
    trouble: Exception | None = None
    try:
        for text in _checked(texts):
            chunk.append(text)
            characters += len(text)
            if characters >= CHARACTERS_PER_CHUNK or len(chunk) >= TEXTS_PER_CHUNK:
                yield chunk
                chunk, characters = [], 0
    except Exception as error:
        trouble = error
    if chunk:
        yield chunk
    if trouble is not None:
        raise trouble


def _checked(texts: Iterable[str]) -> Iterator[str]:
    """Yield the texts; raises TypeError at an item that is none."""
    for number, text in enumerate(texts, 1):
        if not isinstance(text, str):
            raise TypeError(_wrong_type(text, f"text {number}", "str"))
        yield text


def _one_of_a_task(models: Iterable[Model]) -> Iterator[Model]:
    """Yield the models; raises UserError at the second of a task."""
    names: dict[str, str] = {}
    for model in models:
        if model.task in names:
            raise UserError(
                f"two models of the task {model.task}: {names[model.task]} and {model.name}; give one for each task"
            )
        names[model.task] = model.name
        yield model


def _wrong_type(value: object, what: str, expected: str = "str or a list of str") -> str:
    found = type(value).__name__
    if isinstance(value, bytes):
        return f"{what}: found bytes, expected str. Decode first: data.decode('utf-8')"
    if isinstance(value, Path):
        return f"{what}: found a path, expected str. Read it first: path.read_bytes().decode('utf-8')"
    return f"{what}: found {found}, expected {expected}"


def load(
    model: Models = None,
    device: str = "auto",
    tasks: Sequence[Task] = TASKS,
    backend: Backend = "auto",
    values: bool = True,
) -> Predictor:
    """Return a predictor of `tasks`, `ner` and `doctype`.

    `model` is a directory that `train` wrote or `vanban export` did, or a hub name, or several: each takes the place of
    the shipped model of its task. None: the shipped ones; `fast` and `accurate` are the names of others that ship. A
    model whose task is not among `tasks` is an error, as is an unknown task.

    `backend` is `torch`, `onnx`, or what is fastest on this processor (`auto`). The first use of `onnx` exports the
    model into the user's cache. Without `values` entities have none, and predictions no record.

    Raises TypeError for another type, and UserError (a ValueError) where there is no model.
    """
    names = [] if model is None else [model] if isinstance(model, (str, Path)) else model
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, (str, Path)) for name in names):
        raise TypeError(f"load takes a path, a name, a list of these or None, found {type(model).__name__}")
    if isinstance(tasks, str) or not tasks or not set(tasks) <= set(TASKS):
        raise UserError(f"tasks: found {tasks!r}, expected some of {', '.join(TASKS)}")
    with loading():
        found = [find_model(name) for name in names if name not in NAMES]
        for one in _one_of_a_task(found):  # complains before anything is loaded
            if one.task not in tasks:
                raise UserError(f"{one.name}: a model for {one.task}, found the tasks {', '.join(tasks)}; leave it out")
        shipped = [name for name in names if name in NAMES]
        if len(shipped) > 1:
            raise UserError(f"{' and '.join(map(str, shipped))} are both for every task: give one of them")
        name = shipped[0] if shipped else None
        taken = {one.task for one in found}
        found += [find_model(name, task) for task in TASKS if task in tasks and task not in taken]
        return Predictor((checkpoint_for(one, backend, device) for one in found), device, values=values)


_loaded: list[Predictor] = []  # the shipped models, from the first call on


def _shipped() -> Predictor:
    if not _loaded:
        with loading():  # threads that call at the same time wait for the first, and take what it has loaded
            if not _loaded:
                _loaded.append(load())
    return _loaded[0]


@overload
def predict(text: str) -> Prediction: ...
@overload
def predict(text: list[str]) -> list[Prediction]: ...
def predict(text: str | list[str]) -> Prediction | list[Prediction]:
    """Return what the shipped models read in `text`; they are loaded at the first call. See `Predictor.predict`."""
    if not isinstance(text, (str, list)):
        raise TypeError(_wrong_type(text, "predict"))
    return _shipped().predict(text)
