"""The bounded WebSocket under uvicorn, with test applications."""

import asyncio
import socket
import struct
import threading
import time
from contextlib import suppress
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from nnvisu.serving.bounded_websocket import (
    CHUNK_BYTES,
    CONTROL_BURST,
    CONTROL_PER_S,
    MAX_AT_ONCE,
    SMALL_BYTES,
    BoundedWebSocket,
)
from nnvisu.web.fast_path import EXTENSION, FastPath, fast_path_of
from tests.support.raw import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    TIMEOUT_S,
    frame,
    upgraded,
)
from tests.support.serving import PING_S, serving


class Sender:
    """An application that sends without end; `gone` is set when sending fails.

    Like the gate, it has the `headers` of every response.
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


class Listener:
    """An application that uses the fast path and accepts all messages there except `refused`.

    It echoes accepted messages, repeated `times` times, while the peer keeps up. `gone` is set when
    the connection has ended.
    """

    def __init__(self, refused: bytes = b"", times: int = 1) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.heard: list[bytes] = []
        self.received: list[bytes | str] = []
        self.all: list[bytes | str] = []
        self.unanswered = 0
        self.gone = threading.Event()
        self._refused = refused
        self._times = times
        self._fast_path: FastPath | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._fast_path = fast_path_of(scope)
        assert self._fast_path is not None
        await receive()
        await send({"type": "websocket.accept"})
        self._fast_path.listener = self._listen
        while (message := await receive())["type"] == "websocket.receive":
            self.received.append(message.get("bytes") or message.get("text"))
            self.all.append(self.received[-1])
        assert not self._fast_path.keeps_up
        self.gone.set()

    def _listen(self, content: bytes) -> bool:
        assert self._fast_path is not None
        if content == self._refused:
            return False
        self.heard.append(content)
        self.all.append(content)
        if self._fast_path.keeps_up:
            self._fast_path.write(self._times * content)
        else:
            self.unanswered += 1
        return True


class Receiver:
    """An application that notes, at each message, how many turns another task has had.

    After the end of the connection it sends; `gone` is set when that raises OSError.
    """

    def __init__(self) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.turns: list[int] = []
        self.gone = threading.Event()
        self._turn = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        other = asyncio.create_task(self._take_turns())
        while (await receive())["type"] == "websocket.receive":
            self.turns.append(self._turn)
        other.cancel()
        # The server may shut down before the application knows that the connection is closed.
        scope["extensions"][EXTENSION].shutdown()
        with pytest.raises(OSError):  # noqa: PT011 - all that ASGI promises
            await send({"type": "websocket.send", "text": "too late"})
        self.gone.set()

    async def _take_turns(self) -> None:
        while True:
            self._turn += 1
            await asyncio.sleep(0)


@pytest.mark.parametrize(
    "sent",
    [b"", frame(PING), frame(TEXT, b"\xff"), frame(9, bytes(126)), frame(CLOSE), frame(BINARY)],
    ids=["nothing", "ping", "invalid UTF-8", "invalid frame", "close", "message"],
)
def test_a_client_that_reads_nothing_is_disconnected(sent: bytes) -> None:
    application = Sender()
    with serving(application, PING_S) as port, upgraded(port, receive_buffer=4096) as raw:
        raw.sendall(sent)
        assert application.gone.wait(TIMEOUT_S)


def test_after_a_protocol_error_the_application_gets_a_disconnect() -> None:
    application = Receiver()
    with serving(application) as port, upgraded(port) as raw:
        raw.sendall(frame(TEXT, b"\xff"))
        assert application.gone.wait(TIMEOUT_S)


MORE = 90
SOME = bytes(125)
FRAGMENT = frame(CONTINUATION, SOME, fin=False)


@pytest.mark.parametrize("control", [frame(PING, SOME), frame(PONG, SOME), FRAGMENT])
def test_control_frames_and_fragments_are_rate_limited(control: bytes) -> None:
    application = Receiver()
    start_s = time.monotonic()
    with serving(application) as port, upgraded(port) as raw:
        many = (round(CONTROL_BURST) + MORE) * control
        raw.sendall(frame(BINARY, fin=False) + many + frame(CONTINUATION) + frame(CLOSE))
        assert application.gone.wait(TIMEOUT_S)
    assert time.monotonic() - start_s > (MORE - CHUNK_BYTES / len(SOME)) / CONTROL_PER_S


@pytest.mark.anyio
async def test_caught_up_checks_again_after_it_wakes() -> None:
    config = uvicorn.Config(Receiver(), log_config=None)
    config.load()
    websocket = BoundedWebSocket(config, ServerState(), {})
    websocket.pause_writing()
    waiting = asyncio.create_task(websocket.caught_up())
    await asyncio.sleep(0)
    websocket.resume_writing()
    websocket.pause_writing()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not waiting.done()
    websocket.resume_writing()
    await waiting


@pytest.fixture
def anyio_backend() -> str:
    """The event loop that the server runs on."""
    return "asyncio"


def test_other_tasks_run_between_two_messages_of_one_read() -> None:
    application = Receiver()
    with serving(application) as port, upgraded(port) as raw:
        raw.sendall(200 * frame(TEXT, b"x") + frame(CLOSE))
        assert application.gone.wait(TIMEOUT_S)
    assert len(set(application.turns)) == 200


def served(listener: Listener, *reads: bytes) -> bytes:
    """Send bytes to a listener, one read at a time, then a close frame; return its replies."""
    with serving(listener) as port, upgraded(port) as raw:
        back = b""
        for content in reads:
            raw.sendall(content)
            raw.sendall(frame(PING, b"next"))
            while not back.endswith(b"\x8a\x04next"):
                back += raw.recv(65_536)
            back = back.removesuffix(b"\x8a\x04next")
        raw.sendall(frame(CLOSE))
        assert listener.gone.wait(TIMEOUT_S)
    return back


def test_small_messages_take_the_fast_path() -> None:
    listener = Listener()
    halves = frame(BINARY, b"ha", fin=False) + frame(0, b"lf")
    back = served(listener, frame(BINARY, b"one") + frame(BINARY, b"two"), halves)
    assert listener.heard == [b"one", b"two", b"half"]
    assert back == b"\x82\x03one\x82\x03two\x82\x04half"
    assert listener.received == []


def test_text_and_large_messages_take_the_asgi_path() -> None:
    listener = Listener()
    large = bytes(SMALL_BYTES + 1)
    assert served(listener, frame(TEXT, b"text"), frame(BINARY, large)) == b""
    assert (listener.heard, listener.received) == ([], ["text", large])


def test_a_refused_message_takes_the_asgi_path_and_is_not_overtaken() -> None:
    listener = Listener(refused=b"later")
    words = [b"now", b"later", b"after that"]
    served(listener, b"".join(frame(BINARY, word) for word in words), frame(BINARY, b"now again"))
    assert listener.heard == [b"now", b"now again"]
    assert listener.received == [b"later", b"after that"]


def test_a_large_message_is_not_overtaken() -> None:
    listener = Listener()
    large = bytes(2 * CHUNK_BYTES)
    words = [frame(BINARY, large), frame(PING) * 1000, frame(BINARY, b"after it")]
    served(listener, b"".join(words))
    assert [len(word) for word in listener.all] == [len(large), len(b"after it")]


def test_one_read_passes_at_most_max_at_once_messages_to_the_fast_path() -> None:
    listener = Listener()
    words = [b"%d" % number for number in range(2 * MAX_AT_ONCE)]
    served(listener, b"".join(frame(BINARY, word) for word in words))
    assert len(listener.heard) == MAX_AT_ONCE
    assert [*listener.heard, *listener.received] == words


def test_no_reply_is_written_after_a_close_frame_in_the_same_read() -> None:
    listener = Listener()
    with serving(listener) as port, upgraded(port) as raw:
        raw.sendall(frame(BINARY, b"bye") + frame(CLOSE))
        assert listener.gone.wait(TIMEOUT_S)
        assert raw.recv(100) == b"\x88\x00"
    assert listener.heard == [b"bye"]


def test_a_reset_connection_is_not_written_to() -> None:
    listener = Listener()
    with serving(listener) as port, upgraded(port) as raw:
        # Closed with a TCP reset; the listener asserts that `keeps_up` is false.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.close()
        assert listener.gone.wait(TIMEOUT_S)


def test_a_client_that_does_not_read_is_not_written_to() -> None:
    listener = Listener(times=1000)
    with serving(listener, PING_S) as port, upgraded(port, receive_buffer=4096) as raw:
        words = frame(BINARY, bytes(SMALL_BYTES)) * MAX_AT_ONCE
        with suppress(ConnectionResetError, BrokenPipeError):
            while not listener.unanswered:
                raw.sendall(words)
        assert listener.gone.wait(TIMEOUT_S)
    assert listener.unanswered
