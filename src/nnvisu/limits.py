"""How much one server, one address and one connection may ask for."""

import ipaddress
from collections import Counter
from collections.abc import Callable

MAX_CONNECTIONS = 4000
MAX_PER_ADDRESS = 1000
"""A lecture hall may share one address. This machine's own is not limited: proxies are there."""
MESSAGES_PER_S = 1000.0
BURST = 2000.0
"""Messages that may come at once, after a while without any."""


class Doorkeeper:
    """Counts connections, in all and by address."""

    def __init__(
        self, most: int = MAX_CONNECTIONS, most_per_address: int = MAX_PER_ADDRESS
    ) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._here: Counter[str] = Counter()

    def enter(self, address: str) -> bool:
        """Let a connection in, unless there are too many; who was let in must `leave`."""
        full = self._here.total() >= self._most
        if full or (self._here[address] >= self._most_per_address and not _is_own(address)):
            return False
        self._here[address] += 1
        return True

    def leave(self, address: str) -> None:
        """Note that a connection is gone."""
        self._here[address] -= 1
        if not self._here[address]:
            del self._here[address]


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
