"""A WebSocket client that speaks the protocol as the page does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import msgspec
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from nnvisu.wire.messages import Ack, Engine, Error, Frame, Reply, Request, Train
from tests.support.server import ServerProcess

TIMEOUT_S = 60
_REPLIES: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)
_TEXTS: msgspec.json.Decoder[Reply] = msgspec.json.Decoder(Reply)
Kind = TypeVar("Kind")


class Client:
    """One WebSocket connection. Only `acknowledge`, `frames` and `train` acknowledge frames."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def send(self, request: Request) -> None:
        """Send a request as MessagePack."""
        self.socket.send(msgspec.msgpack.encode(request))

    def send_raw(self, message: bytes | str) -> None:
        """Send bytes or text without encoding."""
        self.socket.send(message)

    def receive(self, timeout_s: float = TIMEOUT_S) -> bytes | str:
        """Wait for the next message; raises TimeoutError."""
        return self.socket.recv(timeout_s)

    def next(self, timeout_s: float = TIMEOUT_S) -> Reply:
        """Wait for the next reply, in whichever form the last request had; raises TimeoutError."""
        message = self.receive(timeout_s)
        return _TEXTS.decode(message) if isinstance(message, str) else _REPLIES.decode(message)

    def expect(self, kind: type[Kind], where: Callable[[Kind], bool] = lambda _: True) -> Kind:
        """Wait for a reply of a type that fulfils a condition; discard all others."""
        while True:
            reply = self.next()
            if isinstance(reply, kind) and where(reply):
                return reply
            assert not isinstance(reply, Error), reply.message

    def acknowledge(self, frame: Frame) -> None:
        """Acknowledge a frame, which gives back its credit; the last frame takes no credit."""
        if frame.ended is None:
            # A server that shuts down has sent its last frame and reads no more.
            with suppress(ConnectionClosed):
                self.send(Ack(frame.id, frame.checkpoint.step))

    def frames(self, id: int) -> Iterator[Frame]:  # noqa: A002 - the wire's name
        """Acknowledge and yield the frames of a training up to its last one."""
        while True:
            frame = self.expect(Frame, lambda frame: frame.id == id)
            self.acknowledge(frame)
            yield frame
            if frame.ended is not None:
                return

    def train(self, train: Train) -> list[Frame]:
        """Train to the end, acknowledging every frame; return the frames."""
        self.send(train)
        return list(self.frames(train.id))


@contextmanager
def connected(server: ServerProcess, **options: Any) -> Iterator[Client]:
    """Connect to a server for the duration of the block, and wait until its engine is ready."""
    with connect(server.websocket_url, compression=None, max_size=None, **options) as socket:
        client = Client(socket)
        client.expect(Engine, lambda engine: engine.progress == 1)
        yield client
