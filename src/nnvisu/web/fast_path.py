"""A way past ASGI's queue and tasks, for the small messages of which there are thousands a second.

A server that has it puts it into the scope's extensions. Whoever uses it goes on serving `receive`
and `send`: all that cannot go the direct way, at the moment or at all, comes and goes there.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

EXTENSION = "nnvisu.web.fast_path"


class Direct(Protocol):
    """An accepted WebSocket that can be written to and listened to at once, on the event loop.

    Attributes:
        listener: Is offered each small binary message that waits for no other one; what it does
            not take, by returning False, is received in the ordinary way.
    """

    listener: Callable[[bytes], bool] | None

    @property
    def keeps_up(self) -> bool:
        """Whether the peer has taken what was written before, so that more may be."""

    async def caught_up(self) -> None:
        """Wait until the peer keeps up, or is gone; on return, what is sent goes out at once."""

    def write(self, content: bytes | str) -> None:
        """Send a message now; only while the peer keeps up."""


def direct_of(scope: Mapping[str, Any]) -> Direct | None:
    """Give what the server of a WebSocket has to offer; None if it has nothing."""
    direct: Direct | None = scope.get("extensions", {}).get(EXTENSION)
    return direct
