"""The metrics of a server process, as plain numbers.

Events are counted by adding to an attribute on the event loop. What costs more to find out, such as
the queue's delay, is sampled ten times a second instead.
"""

from collections.abc import Iterable, Iterator, Sequence

REASONS = ("full", "address", "host", "origin", "upgrade", "request")
"""Why something is refused: too many connections, in all or from one address; a foreign Host or
Origin; a WebSocket whose Upgrade header is missing; a request that is answered with an error."""
BUCKETS = 12
"""Of a histogram: below 1, 2, 4, ... 1024 ms, and above."""
COUNTS = (
    "opened",
    "messages",
    "bytes_received",
    "frames",
    "bytes_sent",
    "slices",
    "kernel_s",
    "busy",
    "ready",
)
GAUGES = ("busy", "ready")
"""The counts that describe the present state; they are 0 for a process that has ended."""


class Histogram:
    """A histogram of durations, by powers of two of a millisecond."""

    def __init__(self) -> None:
        self.counts = [0.0] * BUCKETS
        self.sum_s = 0.0

    def observe(self, duration_s: float) -> None:
        """Add a duration."""
        self.counts[min(int(duration_s * 1000).bit_length(), BUCKETS - 1)] += 1
        self.sum_s += duration_s

    @staticmethod
    def bounds_s() -> list[float]:
        """List the upper bounds of the buckets; the last bucket has none."""
        return [2**exponent / 1000 for exponent in range(BUCKETS - 1)]


class Metrics:
    """The metrics of one process, or the sums over several.

    Attributes:
        opened: WebSockets accepted in all.
        messages: Messages received.
        bytes_received: In those messages.
        frames: Training frames sent.
        bytes_sent: In messages of any kind.
        slices: Slices run by the compute threads.
        kernel_s: Processor time of these slices, in seconds.
        busy: Requests that are queued or running.
        ready: 1 if the engine is prepared, else 0.
        refusals: Refusals by reason.
        queue_delay: How long the first job that is due has waited for a thread, sampled ten times
            a second.
        loop_lag: How late the event loop ran the sampling.
    """

    def __init__(self) -> None:
        self.opened = 0.0
        self.messages = 0.0
        self.bytes_received = 0.0
        self.frames = 0.0
        self.bytes_sent = 0.0
        self.slices = 0.0
        self.kernel_s = 0.0
        self.busy = 0.0
        self.ready = 0.0
        self.refusals: dict[str, float] = dict.fromkeys(REASONS, 0)
        self.queue_delay = Histogram()
        self.loop_lag = Histogram()

    def numbers(self) -> Iterator[float]:
        """Yield all numbers, always in the same order."""
        yield from (getattr(self, name) for name in COUNTS)
        yield from self.refusals.values()
        for histogram in (self.queue_delay, self.loop_lag):
            yield from histogram.counts
            yield histogram.sum_s

    @classmethod
    def of(cls, numbers: Iterable[float]) -> "Metrics":
        """Make metrics from what `numbers` yielded."""
        metrics = cls()
        rest = iter(numbers)
        for name in COUNTS:
            setattr(metrics, name, next(rest))
        metrics.refusals = {reason: next(rest) for reason in REASONS}
        for histogram in (metrics.queue_delay, metrics.loop_lag):
            histogram.counts = [next(rest) for _ in range(BUCKETS)]
            histogram.sum_s = next(rest)
        return metrics

    @classmethod
    def sum(cls, rows: Iterable[Sequence[float]]) -> "Metrics":
        """Add up the numbers of several processes."""
        return cls.of(map(sum, zip(*rows, strict=True)))


SIZE = len(list(Metrics().numbers()))
"""How many numbers `Metrics.numbers` yields."""
