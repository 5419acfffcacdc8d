"""The bounded WebSocket under uvicorn, with applications of its own."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import uvicorn

from nnvisu.serving.bounded_websocket import CHUNK_BYTES, MAX_WAITING, SMALL_BYTES, BoundedWebSocket
from nnvisu.web.fast_path import Direct, direct_of
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


class Listener:
    """An application that listens the direct way, and takes all but `refused` there.

    What it takes it sends back, so many `times`, while the peer keeps up. `gone` is set when he is.
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
        self._direct: Direct | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._direct = direct_of(scope)
        assert self._direct is not None
        await receive()
        await send({"type": "websocket.accept"})
        self._direct.listener = self._listen
        while (message := await receive())["type"] == "websocket.receive":
            self.received.append(message.get("bytes") or message.get("text"))
            self.all.append(self.received[-1])
        assert not self._direct.keeps_up
        self.gone.set()

    def _listen(self, content: bytes) -> bool:
        assert self._direct is not None
        if content == self._refused:
            return False
        self.heard.append(content)
        self.all.append(content)
        if self._direct.keeps_up:
            self._direct.write(self._times * content)
        else:
            self.unanswered += 1
        return True


@contextmanager
def serving(application: Sender | Listener, ping_s: float | None = None) -> Iterator[int]:
    """Run uvicorn on a free port; with `ping_s`, what answers no ping in time is let go."""
    config = uvicorn.Config(
        application,
        lifespan="off",
        log_config=None,
        log_level="error",
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


@pytest.mark.parametrize(
    "last_words",
    [b"", frame(PING), frame(TEXT, b"\xff"), frame(9, bytes(126)), frame(CLOSE), frame(BINARY)],
    ids=["silence", "a ping", "no text", "no frame", "goodbye", "a message"],
)
def test_who_reads_nothing_is_let_go(last_words: bytes) -> None:
    application = Sender()
    with serving(application, PING_S) as port, upgraded(port, receive_buffer=4096) as raw:
        raw.sendall(last_words)
        assert application.gone.wait(TIMEOUT_S)


def served(listener: Listener, *reads: bytes) -> bytes:
    """Send a listener some bytes at a time, then say goodbye; return what came back."""
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


def test_small_messages_are_heard_and_answered_at_once() -> None:
    listener = Listener()
    halves = frame(BINARY, b"ha", fin=False) + frame(0, b"lf")
    back = served(listener, frame(BINARY, b"one") + frame(BINARY, b"two"), halves)
    assert listener.heard == [b"one", b"two", b"half"]
    assert back == b"\x82\x03one\x82\x03two\x82\x04half"
    assert listener.received == []


def test_text_and_large_messages_are_received_in_the_ordinary_way() -> None:
    listener = Listener()
    large = bytes(SMALL_BYTES + 1)
    assert served(listener, frame(TEXT, b"text"), frame(BINARY, large)) == b""
    assert (listener.heard, listener.received) == ([], ["text", large])


def test_what_is_not_taken_is_received_and_nothing_overtakes_it() -> None:
    listener = Listener(refused=b"later")
    words = [b"now", b"later", b"after that"]
    served(listener, b"".join(frame(BINARY, word) for word in words), frame(BINARY, b"now again"))
    assert listener.heard == [b"now", b"now again"]
    assert listener.received == [b"later", b"after that"]


def test_nothing_overtakes_a_large_message() -> None:
    listener = Listener()
    large = bytes(2 * CHUNK_BYTES)
    words = [frame(BINARY, large), frame(PING) * 1000, frame(BINARY, b"after it")]
    served(listener, b"".join(words))
    assert [len(word) for word in listener.all] == [len(large), len(b"after it")]


def test_of_many_at_once_only_some_are_heard_before_others_have_their_turn() -> None:
    listener = Listener()
    words = [b"%d" % number for number in range(2 * MAX_WAITING)]
    served(listener, b"".join(frame(BINARY, word) for word in words))
    assert len(listener.heard) == MAX_WAITING
    assert [*listener.heard, *listener.received] == words


def test_who_says_goodbye_in_the_same_breath_is_not_written_to() -> None:
    listener = Listener()
    with serving(listener) as port, upgraded(port) as raw:
        raw.sendall(frame(BINARY, b"bye") + frame(CLOSE))
        assert listener.gone.wait(TIMEOUT_S)
        assert raw.recv(100) == b"\x88\x00"
    assert listener.heard == [b"bye"]


def test_who_does_not_read_is_not_written_to() -> None:
    listener = Listener(times=1000)
    with serving(listener, PING_S) as port, upgraded(port, receive_buffer=4096) as raw:
        words = frame(BINARY, bytes(SMALL_BYTES)) * MAX_WAITING
        with suppress(ConnectionResetError, BrokenPipeError):
            while not listener.unanswered:
                raw.sendall(words)
        assert listener.gone.wait(TIMEOUT_S)
    assert listener.unanswered
