"""The bounded WebSocket under uvicorn, with an application that only sends."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

from nnvisu.websocket import BoundedWebSocket
from tests.support.raw import BINARY, CLOSE, PING, TEXT, TIMEOUT_S, frame, upgraded

PING_S = 0.2


class Sender:
    """An application that sends more than anybody takes; `gone` is set when it may stop.

    Like the gate, it says which `headers` every answer has.
    """

    def __init__(self) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.gone = threading.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "websocket"
        await receive()
        await send({"type": "websocket.accept"})
        try:
            while True:
                await send({"type": "websocket.send", "bytes": bytes(1_000_000)})
        except OSError:
            self.gone.set()


@contextmanager
def serving(application: Sender) -> Iterator[int]:
    """Run uvicorn on a free port, with pings in quick succession."""
    config = uvicorn.Config(
        application,
        lifespan="off",
        log_config=None,
        log_level="error",
        ws=BoundedWebSocket,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
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


@pytest.mark.parametrize(
    "last_words",
    [b"", frame(PING), frame(TEXT, b"\xff"), frame(9, bytes(126)), frame(CLOSE), frame(BINARY)],
    ids=["silence", "a ping", "no text", "no frame", "goodbye", "a message"],
)
def test_who_reads_nothing_is_let_go(last_words: bytes) -> None:
    application = Sender()
    with serving(application) as port, upgraded(port, receive_buffer=4096) as raw:
        raw.sendall(last_words)
        assert application.gone.wait(TIMEOUT_S)
