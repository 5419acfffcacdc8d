"""Runs a test's own application under uvicorn, with the project's protocols, in this process."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from nnvisu.serving.bounded_websocket import BoundedWebSocket
from nnvisu.serving.http_timeouts import TimedHttp
from tests.support.raw import TIMEOUT_S

PING_S = 0.2


@contextmanager
def serving(application: Any, ping_s: float | None = None) -> Iterator[int]:
    """Serve on a free port; with `ping_s`, connections that answer no ping in time are closed.

    `application.headers` are the headers of every response.
    """
    config = uvicorn.Config(
        application,
        lifespan="off",
        log_config=None,
        log_level="error",
        http=TimedHttp,
        ws=BoundedWebSocket,
        ws_ping_interval=ping_s,
        ws_ping_timeout=ping_s,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(TIMEOUT_S)
            assert not thread.is_alive()
