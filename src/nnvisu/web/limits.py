"""Limits on connections, in all and by address, and on the rate of messages."""

from collections.abc import Callable

from nnvisu.processes.shared_memory import SharedCounters, WorkerCounters
from nnvisu.web.addresses import is_loopback, subscriber

MAX_CONNECTIONS = 4000
MAX_PER_ADDRESS = 1000
"""A lecture hall may share one address. Loopback is not limited: proxies connect from it."""
LIMIT_SENTENCES = {
    "full": "This server has as many open pages as it allows: it has room again when some close.",
    "address": "Too many pages are open from your network address: please close some of them.",
}
"""What to do about the reasons of `ConnectionLimits`: at most 123 bytes, as close reasons are."""
MESSAGES_PER_S = 1000.0
BURST = 2000.0
"""Messages that are accepted at once after a pause."""


class ConnectionLimits:
    """Limits the connections of all workers together."""

    def __init__(
        self,
        counters: SharedCounters,
        worker: WorkerCounters,
        max_connections: int = MAX_CONNECTIONS,
        max_per_address: int = MAX_PER_ADDRESS,
    ) -> None:
        """``worker`` is this process's block of ``counters``."""
        self._counters = counters
        self._worker = worker
        self._max_connections = max_connections
        self._max_per_address = max_per_address

    def enter(self, address: str) -> str | None:
        """Admit a connection, or return the reason not to; call `leave` for an admitted one."""
        # Counted before the check: two processes never both admit to the last free place.
        self._worker.count(subscriber(address), 1)
        reason = self._exceeded(address, 0)
        if reason is not None:
            self.leave(address)
        return reason

    def reason(self, address: str) -> str | None:
        """Return why one more connection would not be admitted; None if it would."""
        return self._exceeded(address, 1)

    def leave(self, address: str) -> None:
        """Count a connection as closed."""
        self._worker.count(subscriber(address), -1)

    def _exceeded(self, address: str, more: int) -> str | None:
        """Return which limit is exceeded by the open connections and ``more`` from an address."""
        if self._counters.connections + more > self._max_connections:
            return "full"
        count = self._counters.connections_from(subscriber(address)) + more
        return "address" if count > self._max_per_address and not is_loopback(address) else None


class RateLimiter:
    """A token bucket: messages pass at a steady rate, with a burst after a pause."""

    def __init__(
        self, clock: Callable[[], float], rate: float = MESSAGES_PER_S, burst: float = BURST
    ) -> None:
        """``rate`` in messages a second, ``burst`` in messages."""
        self._clock = clock
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at_s = clock()

    @property
    def open(self) -> bool:
        """Whether a message may be read now."""
        return self._tokens >= 0

    def wait_s(self) -> float:
        """Count a message; return how long to wait before the next one is read."""
        now_s = self._clock()
        self._tokens = min(self._burst, self._tokens + (now_s - self._at_s) * self._rate) - 1
        self._at_s = now_s
        return max(0.0, -self._tokens / self._rate)
