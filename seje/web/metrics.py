"""What the server tells Prometheus."""

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

SHARED = "PROMETHEUS_MULTIPROC_DIR"  # the folder in which several processes keep their measures together


class ServerMetrics:
    """What /metrics tells: of all processes of the server, whichever is asked."""

    def __init__(self) -> None:
        self._own = CollectorRegistry()
        labels = ["route", "status"]
        self.requests = Counter("seje_requests", "Requests answered", labels, registry=self._own)
        self.seconds = Histogram("seje_seconds", "Time to answer", ["route"], registry=self._own)
        self.waiting = Gauge(
            "seje_waiting",
            "Requests that wait for the model",
            registry=self._own,
            multiprocess_mode="livesum",
        )

    def text(self) -> bytes:
        """Give all in Prometheus' format."""
        if SHARED not in os.environ:
            return generate_latest(self._own)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)
