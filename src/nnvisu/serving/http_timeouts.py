"""HTTP with a limit to patience: whoever is silent, drips, or takes nothing in, is cut off."""

import asyncio
from typing import Any

from nnvisu.serving.error_responses import Http

HEADERS_S = 4.0
"""How long the headers of a request may take, from the connection or the last answer on."""
ANSWER_S = 60.0
"""How long whoever asked may take to read an answer after that."""


class PatientProtocol(Http):
    """Uvicorn's HTTP, which by itself waits for headers, and for readers, for ever."""

    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        super().on_response_complete()
        self._wait()

    def handle_websocket_upgrade(self, event: Any) -> None:
        """Let the WebSocket's own protocol take over; this one is soon forgotten."""
        self._stop_waiting()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        super().connection_lost(exc)
        self._stop_waiting()

    def _wait(self) -> None:
        self._stop_waiting()
        self._limit = self.loop.call_later(HEADERS_S, self._lose_patience)

    def _stop_waiting(self) -> None:
        if self._limit is not None:
            self._limit.cancel()

    def _lose_patience(self) -> None:
        # A request that is being answered may go on; to close waits for the rest to be read.
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
        self._limit = self.loop.call_later(ANSWER_S, self.transport.abort)
