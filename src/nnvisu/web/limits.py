"""How much one server, one address and one connection may ask for."""

import ipaddress
from collections.abc import Callable

from nnvisu.processes.shared_memory import Board, Row

MAX_CONNECTIONS = 4000
MAX_PER_ADDRESS = 1000
"""A lecture hall may share one address. This machine's own is not limited: proxies are there."""
MESSAGES_PER_S = 1000.0
BURST = 2000.0
"""Messages that may come at once, after a while without any."""


class Doorkeeper:
    """Keeps the connections of all workers together within limits, in all and by address."""

    def __init__(
        self,
        board: Board,
        row: Row,
        most: int = MAX_CONNECTIONS,
        most_per_address: int = MAX_PER_ADDRESS,
    ) -> None:
        """`row` is the one of the board's that belongs to this process."""
        self._board = board
        self._row = row
        self._most = most
        self._most_per_address = most_per_address

    def enter(self, address: str) -> str | None:
        """Let a connection in, or give the reason why not; who was let in must `leave`."""
        # Counted before looking: two processes never both give the last place away.
        self._row.count(address, 1)
        reason = None
        if self._board.connections > self._most:
            reason = "full"
        elif self._board.connections_from(address) > self._most_per_address:
            reason = None if _is_own(address) else "address"
        if reason is not None:
            self.leave(address)
        return reason

    def leave(self, address: str) -> None:
        """Note that a connection is gone."""
        self._row.count(address, -1)


class Throttle:
    """Lets messages through at a steady rate, and some at once after a pause."""

    def __init__(
        self, clock: Callable[[], float], rate: float = MESSAGES_PER_S, burst: float = BURST
    ) -> None:
        self._clock = clock
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at_s = clock()

    @property
    def open(self) -> bool:
        """Whether a message may be read now."""
        return self._left >= 0

    def wait_s(self) -> float:
        """Count a message; return how long to wait before the next one is read."""
        now_s = self._clock()
        self._left = min(self._burst, self._left + (now_s - self._at_s) * self._rate) - 1
        self._at_s = now_s
        return max(0.0, -self._left / self._rate)


def _is_own(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
