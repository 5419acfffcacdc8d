"""An ASGI extension that skips ASGI's queues for small messages, thousands of which pass a second.

A server that has it puts a `FastPath` into the scope's extensions. The application still serves
`receive` and `send`, which carry everything that the fast path cannot take at the moment.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

EXTENSION = "nnvisu.web.fast_path"


class FastPath(Protocol):
    """Synchronous access to an accepted WebSocket, on the event loop.

    Attributes:
        listener: Called with each small binary message that arrives while none is queued. If it
            returns False, the message goes to `receive` instead.
    """

    listener: Callable[[bytes], bool] | None

    @property
    def keeps_up(self) -> bool:
        """Whether the write buffer is low enough for `write`."""

    async def caught_up(self) -> None:
        """Wait until the write buffer is low or the connection is closed."""

    def write(self, content: bytes | str) -> None:
        """Send a message now; only while `keeps_up`."""


def fast_path_of(scope: Mapping[str, Any]) -> FastPath | None:
    """Return the fast path of a WebSocket's scope; None if its server has none."""
    fast_path: FastPath | None = scope.get("extensions", {}).get(EXTENSION)
    return fast_path
