"""Limits against many and slow HTTP clients (slowloris).

Uvicorn limits only the time between two requests, and each byte received restarts that.
"""

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

from nnvisu.serving.error_responses import bad_request

HEADERS_S = 4.0
"""Limit for receiving a request's headers, from the connection or the last response on."""
RESPONSE_S = 60.0
"""Limit for the client to read a response, after that."""


class TimedHttp(H11Protocol):
    """One HTTP connection.

    Attributes:
        room: The connections that this process has open files for. Further ones are closed.
    """

    room: ClassVar[int] = 1_000_000
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Start the timer for the first request."""
        super().connection_made(transport)
        self._start_timer()
        if len(self.connections) > self.room:
            transport.abort()

    def on_response_complete(self) -> None:
        """Start the timer for the next request."""
        super().on_response_complete()
        self._start_timer()

    def handle_websocket_upgrade(self, event: Any) -> None:
        """Stop the timer: the WebSocket's protocol takes over the connection."""
        self._stop_timer()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer, which would keep this object in memory."""
        super().connection_lost(exc)
        self._stop_timer()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn has only one message
        """Answer what is not HTTP, and close."""
        self.transport.write(bad_request(self.config))
        self.transport.close()

    def _start_timer(self) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(HEADERS_S, self._headers_timeout)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _headers_timeout(self) -> None:
        # A response in progress may continue. Closing waits until what is sent has been read.
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
        self._timer = self.loop.call_later(RESPONSE_S, self.transport.abort)
