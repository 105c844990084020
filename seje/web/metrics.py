"""What the server tells Prometheus."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class ServerMetrics:
    """What /metrics tells."""

    def __init__(self, waiting: Callable[[], float]) -> None:
        self.registry = CollectorRegistry()
        labels = ["route", "status"]
        self.requests = Counter("seje_requests", "Requests answered", labels, registry=self.registry)
        self.seconds = Histogram("seje_seconds", "Time to answer", ["route"], registry=self.registry)
        gauge = Gauge("seje_waiting", "Requests that wait for the model", registry=self.registry)
        gauge.set_function(waiting)
