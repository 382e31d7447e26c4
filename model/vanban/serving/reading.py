"""Requests → what was read in them, as the bodies of answers. Large ones are parsed and written outside of the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar

from vanban.documents.batch import Answer
from vanban.documents.document import Document, Failure
from vanban.errors import UserError
from vanban.schema import Prediction
from vanban.serving.answers import document_to_dict, in_json, prediction_to_dict
from vanban.serving.batching import Batcher
from vanban.serving.bodies import Asked, ManyTexts, Tasks, asked, texts_of
from vanban.serving.label_config import LabelConfig, read_label_config
from vanban.serving.label_studio import no_text, results, texts_of_tasks
from vanban.serving.limits import Limits, Refusal, busy
from vanban.serving.metrics import Metrics
from vanban.serving.uploads import documents_within

P = ParamSpec("P")
T = TypeVar("T")

FILES_AT_ONCE: Final = 2
FILES_THAT_WAIT: Final = 16
LARGE: Final = 1 << 14  # bytes or characters; handing less to another thread takes longer than doing it


class Reading:
    """What the service reads, by one model. It has threads of its own, so that files can't hold up what is asked."""

    def __init__(
        self, batcher: Batcher, limits: Limits, metrics: Metrics, model: str, say: Callable[[str], None]
    ) -> None:
        """`model` is its name; `say` is told of projects of Label Studio that can't be read."""
        self._batcher, self._limits, self._metrics, self.model, self._say = batcher, limits, metrics, model, say
        self._beside = ThreadPoolExecutor(2, "vanban-json")
        self._files = ThreadPoolExecutor(FILES_AT_ONCE, "vanban-files")
        self._open_files = 0

    def stop(self) -> None:
        """End the threads; what they are at is not waited for."""
        self._beside.shutdown(wait=False, cancel_futures=True)
        self._files.shutdown(wait=False, cancel_futures=True)

    async def _aside(self, size: int, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function, in another thread where what it is given is large."""
        if size < LARGE:
            return function(*args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._beside, partial(function, *args, **kwargs))

    async def asked(self, body: bytes) -> bytes:
        """Return the answer to a body of `/predict`."""
        request = await self._aside(len(body), asked, body, self._limits)
        if isinstance(request, Tasks):
            return await self._tasks(request)
        answers = await self._read(texts_of(request))
        return await self._aside(sum(map(_size, answers)), _predictions_in_json, answers, request)

    async def _tasks(self, tasks: Tasks) -> bytes:
        try:
            config = read_label_config(tasks.label_config)
        except UserError as error:
            self._say(f"Label Studio: {error}")
            return in_json(results([str(error)] * len(tasks.tasks), LabelConfig(), self.model))
        texts = texts_of_tasks(tasks, config)
        there = [text for text in texts if text is not None]
        self._limits.check_texts(there)
        answers = iter(await self._read(there) if there else ())
        in_order = [no_text(config) if text is None else next(answers) for text in texts]
        return await self._aside(sum(map(len, there)), lambda: in_json(results(in_order, config, self.model)))

    async def file(self, data: bytes, name: str) -> bytes:
        """Return the answer to a file."""
        found = await self._documents(data, name)
        documents = [item for item in found if isinstance(item, Document)]
        answers = await self._read([document.text for document in documents]) if documents else []
        failures = [item for item in found if isinstance(item, Failure)]
        size = sum(len(document.text) for document in documents)
        return await self._aside(size, _documents_in_json, documents, answers, failures)

    async def _documents(self, data: bytes, name: str) -> list[Document | Failure]:
        """Return the documents of a file; raise Refusal where too many are read, or where it takes too long."""
        if self._open_files >= FILES_THAT_WAIT:
            raise busy(1)
        self._open_files += 1
        reading = asyncio.get_running_loop().run_in_executor(self._files, documents_within, data, name, self._limits)
        reading.add_done_callback(self._file_is_read)
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await asyncio.shield(reading)
        except TimeoutError:
            raise Refusal(504, f"{name}: not read within {self._limits.seconds:g} s: send a smaller file") from None

    def _file_is_read(self, reading: asyncio.Future[list[Document | Failure]]) -> None:
        self._open_files -= 1
        if not reading.cancelled():
            reading.exception()  # who asked may have gone, and then nobody else looks at it

    async def _read(self, texts: Sequence[str]) -> list[Answer]:
        """Return the answer to each text; raise Refusal where too much waits, or where it takes too long."""
        try:
            async with asyncio.timeout(self._limits.seconds):
                answers = await self._batcher.answers(texts)
        except TimeoutError:
            raise Refusal(
                504, f"not read within {self._limits.seconds:g} s: send fewer or shorter texts, or try again later"
            ) from None
        self._metrics.texts.inc(len(texts))
        self._metrics.characters.inc(sum(map(len, texts)))
        for answer in answers:
            if isinstance(answer, str):
                self._metrics.failed.inc()
            else:
                for entity in answer.entities:
                    self._metrics.entities.labels(entity.label).inc()
        return answers


def _size(answer: Answer) -> int:
    return len(answer.text) if isinstance(answer, Prediction) else 0


def _predictions_in_json(answers: Sequence[Answer], request: Asked) -> bytes:
    read: list[dict[str, Any]] = []
    for number, answer in enumerate(answers, 1):
        if isinstance(answer, str):
            raise Refusal(500, f"text {number} {answer}")
        read.append(prediction_to_dict(answer))
    return in_json({"predictions": read} if isinstance(request, ManyTexts) else read[0])


def _documents_in_json(documents: list[Document], answers: Sequence[Answer], failures: list[Failure]) -> bytes:
    read: list[dict[str, Any]] = []
    failed = list(failures)
    for document, answer in zip(documents, answers, strict=True):
        if isinstance(answer, str):
            failed.append(Failure(document.where, answer))
        else:
            read.append(document_to_dict(document, answer))
    told = [{"where": failure.where, "reason": failure.reason} for failure in failed]
    return in_json({"documents": read, "failures": told})
