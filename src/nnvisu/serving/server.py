"""Uvicorn with this program's settings; it says when it is there and lets go of users gently."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import webbrowser
from collections.abc import Iterator, Sequence

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from nnvisu.serving.bounded_websocket import BoundedWebSocket
from nnvisu.serving.http_timeouts import PatientProtocol
from nnvisu.web.app import Application

MAX_WEBSOCKET_BYTES = 2 * 1024 * 1024
"""A larger message closes the connection; one that is merely too large is answered."""
PING_S = 20.0
GRACE_S = 1
"""How long connections may take to end before they are cut."""
SWITCH_S = 0.0005
"""How soon a thread that computes in Python lets another one go on. With Python's own 5 ms, the
event loop would wait so long behind every worker."""
MAX_FILES = 65_536


class Server(uvicorn.Server):
    """The server of one process; `run` returns once it was told to end by a signal."""

    def __init__(
        self,
        application: Application,
        greeting: str | None = None,
        open_at: str | None = None,
        trusted_proxies: Sequence[str] = (),
    ) -> None:
        """`greeting` is printed, and the browser opened at `open_at`, once it accepts."""
        super().__init__(
            uvicorn.Config(
                application.asgi,
                log_config=None,
                log_level="error",
                access_log=False,
                server_header=False,
                proxy_headers=bool(trusted_proxies),
                forwarded_allow_ips=list(trusted_proxies),
                http=PatientProtocol,
                ws=BoundedWebSocket,
                ws_max_size=MAX_WEBSOCKET_BYTES,
                ws_per_message_deflate=False,
                ws_ping_interval=PING_S,
                ws_ping_timeout=PING_S,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        logging.getLogger("uvicorn.error").addFilter(_is_no_false_alarm)
        sys.setswitchinterval(SWITCH_S)
        _allow_many_connections()
        self._application = application
        self._greeting = greeting
        self._open_at = open_at

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept connections, and say so."""
        await super().startup(sockets)
        if self._greeting is not None:
            print(self._greeting, flush=True)  # noqa: T201 - the command's only output
        if self._open_at is not None:
            await asyncio.to_thread(webbrowser.open, self._open_at)

    async def on_tick(self, counter: int) -> bool:
        """End when told to, when the engine cannot be prepared, and with the supervisor."""
        supervisor = self._application.worker.supervisor
        orphaned = supervisor is not None and os.getppid() != supervisor
        return await super().on_tick(counter) or self._application.hub.failed or orphaned

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Send last frames and goodbyes before the sockets are closed.

        A WebSocket whose reader has left even those unread is cut: nobody waits for it.
        """
        await self._application.hub.drain()
        for connection in list(self.server_state.connections):
            is_websocket = isinstance(connection, WebSocketsSansIOProtocol)
            if is_websocket and connection.transport.get_write_buffer_size():
                connection.transport.abort()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take SIGINT and SIGTERM for the wish to end; unlike uvicorn, do not raise them anew."""
        signals = (signal.SIGINT, signal.SIGTERM)
        previous = {number: signal.signal(number, self.handle_exit) for number in signals}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)


_FALSE_ALARMS = {
    # A handshake that was refused, not forgotten.
    "ASGI callable returned without completing handshake.",
    # The client's mistake; its connection is closed with code 1007.
    "Invalid UTF-8 sequence received from client.",
}


def _is_no_false_alarm(record: logging.LogRecord) -> bool:
    return record.msg not in _FALSE_ALARMS


def _allow_many_connections() -> None:
    """Raise the number of open files as far as the system lets this process; often it is 1024."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
