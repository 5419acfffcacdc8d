"""The board on which all worker processes of a server write what they count, and read the others'.

It is memory that the processes share; each writes in a row of its own, so nobody needs a lock.
"""

import mmap
from array import array
from dataclasses import dataclass
from operator import add

from nnvisu.observability.metrics import COUNTS, GAUGES, SIZE, Metrics

PLACES = 2**18
"""Addresses are counted at places chosen by a hash whose seed nobody knows. Two of them meet at
one place so rarely that a limit meant for hundreds of connections does not suffer."""
_ROW_BYTES = 8 * (1 + SIZE) + 4 * PLACES


class Row:
    """What one process has written."""

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
        """The metrics that were written last."""
        return list(self._numbers)

    def connections_from(self, address: str) -> int:
        """Count the open connections from an address."""
        return self._addresses[hash(address) % PLACES]

    def count(self, address: str, change: int) -> None:
        """Note that so many connections from an address have come, or gone."""
        self._connections[0] += change
        self._addresses[hash(address) % PLACES] += change

    def take_over(self) -> None:
        """Go on where the process ended that had this row before."""
        self._before = self.numbers

    def write(self, metrics: Metrics) -> None:
        """Write metrics down for others to read."""
        numbers = map(add, self._before, metrics.numbers())
        self._numbers[:] = memoryview(array("d", numbers))

    def leave(self) -> None:
        """Note that the process is gone, and its connections with it; what it did remains."""
        self._connections[0] = 0
        self._addresses[:] = memoryview(array("I", bytes(4 * PLACES)))
        for name in GAUGES:
            self._numbers[COUNTS.index(name)] = 0.0


class Board:
    """The rows of all workers of a server."""

    def __init__(self, workers: int = 1) -> None:
        memory = memoryview(mmap.mmap(-1, workers * _ROW_BYTES))
        self.rows = [
            Row(memory[start : start + _ROW_BYTES])
            for start in range(0, workers * _ROW_BYTES, _ROW_BYTES)
        ]

    @property
    def connections(self) -> int:
        """Connections that are open now."""
        return sum(row.connections for row in self.rows)

    def connections_from(self, address: str) -> int:
        """Count the open connections from an address."""
        return sum(row.connections_from(address) for row in self.rows)

    def metrics(self) -> Metrics:
        """Add up what all have written."""
        return Metrics.sum(row.numbers for row in self.rows)


@dataclass(frozen=True)
class Place:
    """Which of a server's processes this one is."""

    board: Board
    number: int = 0
    """Of the row on the board."""
    threads: int | None = None
    """How many compute; as many as there are cores where it is not said."""
    supervisor: int | None = None
    """The id of the process that looks after this one."""
