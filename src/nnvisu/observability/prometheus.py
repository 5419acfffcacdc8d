"""The metrics in Prometheus's text format; docs/deploy.md explains each one."""

from collections.abc import Iterator

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from nnvisu.observability.metrics import Histogram, Metrics

Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily

TYPE = CONTENT_TYPE_PLAIN_0_0_4
"""The content type; every version of Prometheus reads it."""


def text(metrics: Metrics, workers: int, connections: int) -> bytes:
    """Write the sums over a server's ``workers`` processes, and how many connections are open."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Snapshot(metrics, workers, connections))
    return generate_latest(registry)


class _Snapshot(Collector):
    def __init__(self, metrics: Metrics, workers: int, connections: int) -> None:
        self._metrics = metrics
        self._workers = workers
        self._connections = connections

    def collect(self) -> Iterator[Family]:
        """Yield each metric under its name."""
        it = self._metrics
        yield _gauge("workers", "Processes that serve on this port.", self._workers)
        yield _gauge("workers_ready", "Of those, how many have their engine prepared.", it.ready)
        yield _gauge("connections", "WebSockets open now.", self._connections)
        yield _counter("connections_opened", "WebSockets accepted.", it.opened)
        refusals = CounterMetricFamily("nnvisu_refusals", "Refused, by reason.", labels=["reason"])
        for reason, number in it.refusals.items():
            refusals.add_metric([reason], number)
        yield refusals
        yield _gauge("busy_sessions", "Requests that are queued or being computed.", it.busy)
        yield _counter("messages_received", "Messages from users.", it.messages)
        yield _counter("received_bytes", "In messages from users.", it.bytes_received)
        yield _counter("frames_sent", "Frames of trainings sent.", it.frames)
        yield _counter("sent_bytes", "In messages to users.", it.bytes_sent)
        yield _counter("slices", "Slices run by the compute threads.", it.slices)
        yield _counter("kernel_seconds", "Processor time of these slices.", it.kernel_s)
        yield _histogram(
            "queue_delay_seconds",
            "How long the first job in the queue has waited, sampled ten times a second.",
            it.queue_delay,
        )
        yield _histogram(
            "event_loop_lag_seconds", "How late the event loop ran the sampling.", it.loop_lag
        )


def _gauge(name: str, description: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"nnvisu_{name}", description, value)


def _counter(name: str, description: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(f"nnvisu_{name}", description, value)


def _histogram(name: str, description: str, histogram: Histogram) -> HistogramMetricFamily:
    total = 0.0
    buckets: list[tuple[str, float]] = []
    bounds = [*map(str, histogram.bounds_s()), "+Inf"]
    for bound, count in zip(bounds, histogram.counts, strict=True):
        total += count
        buckets.append((bound, total))
    return HistogramMetricFamily(f"nnvisu_{name}", description, buckets, histogram.sum_s)
