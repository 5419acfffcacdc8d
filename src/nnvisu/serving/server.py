"""Uvicorn with this program's settings: announces when it accepts, drains before it ends."""

import asyncio
import contextlib
import logging
import os
import socket
import subprocess
import sys
from types import FrameType

import uvicorn

from nnvisu.serving import open_files
from nnvisu.serving.bounded_websocket import BoundedWebSocket
from nnvisu.serving.http_timeouts import TimedHttp
from nnvisu.web.app import Application

MAX_WEBSOCKET_BYTES = 2 * 1024 * 1024
"""A larger message closes the connection; one that is merely too large is answered."""
PING_S = 20.0
BACKLOG = 2048
"""Connections that wait until they are accepted."""
GRACE_S = 1
"""Limit for connections to end, before they are cut."""
SWITCH_S = 0.0005
"""Python's switch interval. With the default of 5 ms the event loop would wait that long for every
compute thread that holds the GIL."""


class Server(uvicorn.Server):
    """The server of one process; `run` returns after SIGINT or SIGTERM."""

    def __init__(
        self,
        application: Application,
        greeting: str | None = None,
        open_at: str | None = None,
    ) -> None:
        """Once it accepts connections, it prints `greeting` and opens `open_at` in a browser."""
        super().__init__(
            uvicorn.Config(
                application.asgi,
                log_config=None,
                log_level="error",
                access_log=False,
                server_header=False,
                # The application reads the headers of trusted proxies.
                proxy_headers=False,
                http=TimedHttp,
                ws=BoundedWebSocket,
                backlog=open_files.AT_ONCE,
                ws_max_size=MAX_WEBSOCKET_BYTES,
                ws_per_message_deflate=False,
                ws_ping_interval=PING_S,
                ws_ping_timeout=PING_S,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        logging.getLogger("uvicorn.error").addFilter(_is_no_false_alarm)
        sys.setswitchinterval(SWITCH_S)
        TimedHttp.room = open_files.connections()
        self._application = application
        self._greeting = greeting
        self._open_at = open_at

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to accept connections, and say so."""
        asyncio.get_running_loop().set_exception_handler(open_files.Accepting())
        await super().startup(sockets)
        for listener in sockets or []:
            # How many wait in the system's queue is another matter.
            listener.listen(BACKLOG)
        if self._greeting is not None:
            # Standard output may be closed, or its disk full: the server serves all the same.
            with contextlib.suppress(OSError, ValueError):
                print(self._greeting, flush=True)  # noqa: T201 - the command's only output
        if self._open_at is not None:
            # In a process of its own: a browser in the foreground returns only when it is closed.
            command = [sys.executable, "-m", "webbrowser", self._open_at]
            quiet = subprocess.DEVNULL
            subprocess.Popen(  # noqa: S603, ASYNC220 - our own command, which is not waited for
                command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
            )

    async def on_tick(self, counter: int) -> bool:
        """Tell whether to end: on a signal, if the engine failed, or if the supervisor is gone."""
        supervisor = self._application.worker.supervisor
        orphaned = supervisor is not None and os.getppid() != supervisor
        return await super().on_tick(counter) or self._application.hub.failed or orphaned

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Send last frames and close codes before uvicorn closes the connections."""
        await self._application.hub.drain()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's
        """End; unlike uvicorn, do not raise the signal again afterwards, so the exit code is 0."""
        self.should_exit = True


def _is_no_false_alarm(record: logging.LogRecord) -> bool:
    # Uvicorn says this also where the application has refused the handshake.
    return record.msg != "ASGI callable returned without completing handshake."
