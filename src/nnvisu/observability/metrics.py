"""What a server counts while it works: plain numbers, to be read by exposition.py and logs.

Whoever counts adds to an attribute, on the event loop, which costs next to nothing; what would
cost more is looked at ten times a second instead.
"""

from collections.abc import Iterable, Iterator, Sequence

REASONS = ("full", "address", "host", "origin", "request")
"""Why something is refused: too many connections, in all or from one address; a foreign Host or
Origin; a request over a WebSocket that got an error for an answer."""
BUCKETS = 12
"""Of a histogram: below 1, 2, 4, ... 1024 ms, and all above."""
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
"""Of the counts those that say how it is now; a process that is gone has none of them."""


class Histogram:
    """How long something took, by powers of two of a millisecond."""

    def __init__(self) -> None:
        self.counts = [0.0] * BUCKETS
        self.sum_s = 0.0

    def observe(self, duration_s: float) -> None:
        """Count one more, of so many seconds."""
        self.counts[min(int(duration_s * 1000).bit_length(), BUCKETS - 1)] += 1
        self.sum_s += duration_s

    @staticmethod
    def bounds_s() -> list[float]:
        """List the upper bounds of all buckets but the last, which has none."""
        return [2**exponent / 1000 for exponent in range(BUCKETS - 1)]


class Metrics:
    """The numbers of one process, or the sums over several.

    Attributes:
        opened: WebSockets let in, ever.
        messages: Messages received.
        bytes_received: In those messages.
        frames: Frames of trainings sent.
        bytes_sent: In messages of any kind.
        slices: Pieces of work done by the workers' threads.
        kernel_s: Processor time that they took, in seconds.
        busy: Requests that wait or run now.
        ready: 1 where requests are computed without waiting, else 0.
        refusals: How many were refused, by reason.
        queue_delay: How long the first of the tasks that are due has waited for a thread, looked
            at ten times a second.
        loop_lag: How late the event loop came to look.
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
        """Give all numbers, always in the same order."""
        yield from (getattr(self, name) for name in COUNTS)
        yield from self.refusals.values()
        for histogram in (self.queue_delay, self.loop_lag):
            yield from histogram.counts
            yield histogram.sum_s

    @classmethod
    def of(cls, numbers: Iterable[float]) -> "Metrics":
        """Make metrics of the numbers of others."""
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
        """Add up the numbers of several."""
        return cls.of(map(sum, zip(*rows, strict=True)))


SIZE = len(list(Metrics().numbers()))
"""How many numbers there are."""
