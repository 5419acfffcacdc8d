"""Counters that all worker processes of a server share.

Each worker writes its own block of the shared memory and reads all of them, so no lock is needed.
"""

import mmap
from array import array
from dataclasses import dataclass
from operator import add

from nnvisu.observability.metrics import COUNTS, GAUGES, SIZE, Metrics

BUCKETS = 2**18
"""Connections are counted by a hash of their address, with a random seed. Collisions are so rare
that limits of hundreds of connections are not affected."""
_BLOCK_BYTES = 8 * (1 + SIZE) + 4 * BUCKETS


class WorkerCounters:
    """The block that one worker writes."""

    def __init__(self, memory: memoryview) -> None:
        end = 8 * (1 + SIZE)
        self._connections = memory[:8].cast("Q")
        self._numbers = memory[8:end].cast("d")
        self._addresses = memory[end:].cast("I")
        self._before = [0.0] * SIZE

    @property
    def connections(self) -> int:
        """Connections that are open now."""
        return self._connections[0]

    @property
    def numbers(self) -> list[float]:
        """The metrics as last written, in the order of `Metrics.numbers`."""
        return list(self._numbers)

    def connections_from(self, address: str) -> int:
        """Count the open connections from an address."""
        return self._addresses[hash(address) % BUCKETS]

    def count(self, address: str, change: int) -> None:
        """Add ``change`` to the connections from an address."""
        self._connections[0] += change
        self._addresses[hash(address) % BUCKETS] += change

    def resume(self) -> None:
        """Continue the totals of the process that wrote this block before."""
        self._before = self.numbers

    def write(self, metrics: Metrics) -> None:
        """Write this process's metrics, added to those of its predecessors."""
        numbers = map(add, self._before, metrics.numbers())
        self._numbers[:] = memoryview(array("d", numbers))

    def clear(self) -> None:
        """Remove the connections and gauges of a process that has ended; totals stay."""
        self._connections[0] = 0
        self._addresses[:] = memoryview(array("I", bytes(4 * BUCKETS)))
        for name in GAUGES:
            self._numbers[COUNTS.index(name)] = 0.0


class SharedCounters:
    """The blocks of all workers of a server."""

    def __init__(self, workers: int = 1) -> None:
        memory = memoryview(mmap.mmap(-1, workers * _BLOCK_BYTES))
        self.workers = [
            WorkerCounters(memory[start : start + _BLOCK_BYTES])
            for start in range(0, workers * _BLOCK_BYTES, _BLOCK_BYTES)
        ]

    @property
    def connections(self) -> int:
        """Connections that are open now."""
        return sum(worker.connections for worker in self.workers)

    def connections_from(self, address: str) -> int:
        """Count the open connections from an address."""
        return sum(worker.connections_from(address) for worker in self.workers)

    def metrics(self) -> Metrics:
        """Return the sums of all workers' metrics."""
        return Metrics.sum(worker.numbers for worker in self.workers)


@dataclass(frozen=True)
class WorkerContext:
    """Which of a server's worker processes this one is."""

    counters: SharedCounters
    number: int = 0
    """Its index in ``counters.workers``."""
    threads: int | None = None
    """How many compute threads it runs; None for one a processor."""
    supervisor: int | None = None
    """The supervisor's process id; None without a supervisor."""
    restarted: bool = False
    """Whether it takes the place of one that died."""
