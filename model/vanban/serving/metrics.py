"""What Prometheus is told: requests, texts, batches, what waits, and the process. No text, no name of a document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
TEXTS: Final = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """The counts of one service."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter("vanban_requests", "Requests answered", ["path", "status"], registry=self._registry)
        self.seconds = Histogram(
            "vanban_request_seconds", "Time to answer", ["path"], buckets=SECONDS, registry=self._registry
        )
        self.texts = Counter("vanban_texts", "Texts read", registry=self._registry)
        self.characters = Counter("vanban_characters", "Characters of texts read", registry=self._registry)
        self.entities = Counter("vanban_entities", "Entities found", ["label"], registry=self._registry)
        self.failed = Counter("vanban_failed_texts", "Texts that could not be read", registry=self._registry)
        self._batch = Histogram("vanban_batch_texts", "Texts of a batch", buckets=TEXTS, registry=self._registry)
        self._computing = Counter("vanban_computing_seconds", "Time that the model took", registry=self._registry)
        self._waiting = Gauge("vanban_waiting_texts", "Texts that wait for the model", registry=self._registry)
        self.in_flight = Gauge("vanban_requests_in_flight", "Requests not yet answered", registry=self._registry)
        ProcessCollector(registry=self._registry)

    def watch(self, waiting: Callable[[], float]) -> None:
        """Ask `waiting` for the texts that wait, whenever Prometheus does."""
        self._waiting.set_function(waiting)

    def tell_batch(self, texts: int, seconds: float) -> None:
        """Count a batch of so many texts."""
        self._batch.observe(texts)
        self._computing.inc(seconds)

    def text(self) -> bytes:
        """Return all of it in Prometheus' format."""
        return generate_latest(self._registry)
