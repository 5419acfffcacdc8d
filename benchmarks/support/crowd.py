"""Many users in one process: a minimal WebSocket client on asyncio protocols.

A user behaves as the page does: it trains, acknowledges every frame, and sends the newest
checkpoint again when the budget ends.
"""

import asyncio
import base64
import time
from collections.abc import Coroutine
from functools import partial
from typing import Any, cast

import msgspec

from nnvisu.wire.messages import Ack, Frame, Request, Stop, Train

_PACK = msgspec.msgpack.Encoder()
_BINARY, _CLOSE, _PING, _PONG = 0x82, 0x88, 0x89, 0x8A
_NORMAL_CLOSURE = (1000).to_bytes(2, "big")
_NO_MASK = bytes(4)
_OPENING = (
    "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
)


class _Position(msgspec.Struct):
    step: int
    epoch: int


class _Summary(msgspec.Struct):
    """The fields that are decoded of every message."""

    type: str
    id: int = -1
    checkpoint: _Position | None = None
    ended: str | None = None


_SUMMARY = msgspec.msgpack.Decoder(_Summary)
_FRAME = msgspec.msgpack.Decoder(Frame)


class User(asyncio.Protocol):
    """One user's WebSocket.

    Attributes:
        opened: Resolved when requests can be sent.
        epochs: The total of epochs in frames.
        frames: Frames received since the last `reset`.
        ages_s: With a pace: the age of each of these frames, from its epoch's due time.
        received: Bytes received since the last `reset`.
        errors: Unexpected messages, and lost connections.
    """

    def __init__(self, train: Train) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.epochs = train.checkpoint.epoch
        self.errors: list[str] = []
        self._train = train
        self._buffer = b""
        self._start_s = 0.0
        self._stopped: asyncio.Future[float] | None = None
        self._ponged: asyncio.Future[float] | None = None
        self._closing = False
        self._gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.reset()

    def reset(self) -> None:
        """Reset the measurements."""
        self.frames = 0
        self.ages_s: list[float] = []
        self.received = 0

    def begin(self, **changes: Any) -> None:
        """Send the train request with changes, from the newest checkpoint received.

        It supersedes the running one.
        """
        self._train = msgspec.structs.replace(self._train, id=self._train.id + 1, **changes)
        self._start_s = time.perf_counter()
        self._send(self._train)

    async def stop(self) -> float:
        """Stop the training; return the seconds until its last frame."""
        self._stopped = asyncio.get_running_loop().create_future()
        start_s = time.perf_counter()
        self._send(Stop(self._train.id))
        return await self._stopped - start_s

    async def ping(self) -> float:
        """Send a ping; return the seconds until its pong."""
        self._ponged = asyncio.get_running_loop().create_future()
        start_s = time.perf_counter()
        self._write(_PING, b"")
        return await self._ponged - start_s

    async def leave(self) -> None:
        """Close the WebSocket with a close frame; wait until the connection is closed."""
        self._closing = True
        self._write(_CLOSE, _NORMAL_CLOSURE)
        await self._gone

    def close(self) -> None:
        """Abort the connection without a close frame."""
        self._closing = True
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the WebSocket handshake."""
        self._transport = cast(asyncio.Transport, transport)
        port = transport.get_extra_info("peername")[1]
        key = base64.b64encode(bytes(16)).decode()
        self._transport.write(_OPENING.format(port=port, key=key).encode())

    def connection_lost(self, _error: Exception | None) -> None:
        """Record the loss of the connection."""
        if not self._gone.done():
            self._gone.set_result(None)
        if not self._closing:
            self.errors.append("the connection was lost")
        for waiting in (self._stopped, self._ponged):
            if waiting is not None and not waiting.done():
                waiting.set_exception(ConnectionError("the connection was lost"))

    def data_received(self, data: bytes) -> None:
        """Split received bytes into messages."""
        self.received += len(data)
        buffer = self._buffer + data if self._buffer else data
        if not self.opened.done():
            head, end, buffer = buffer.partition(b"\r\n\r\n")
            if not end:
                self._buffer = head
                return
            if b" 101 " in head:
                self.opened.set_result(None)
            else:
                self.opened.set_exception(ConnectionError(head.decode("latin-1")))
        at = 0
        while len(buffer) - at >= 2:
            size, start = buffer[at + 1], at + 2
            if size >= 126:
                width = 2 if size == 126 else 8
                start += width
                size = int.from_bytes(buffer[at + 2 : start], "big")
            if len(buffer) < start + size:
                break
            self._take(buffer[at], buffer[start : start + size])
            at = start + size
        self._buffer = buffer[at:]

    def _take(self, kind: int, content: bytes) -> None:
        now_s = time.perf_counter()
        if kind == _PING:
            self._write(_PONG, content)
        elif kind == _PONG and self._ponged is not None and not self._ponged.done():
            self._ponged.set_result(now_s)
        if kind != _BINARY:
            return
        glance = _SUMMARY.decode(content)
        if glance.checkpoint is None:
            if glance.type == "error":
                self.errors.append(repr(content))
            return
        self.frames += 1
        self.epochs = glance.checkpoint.epoch
        if self._train.pace is not None:
            epochs = self.epochs - self._train.checkpoint.epoch
            self.ages_s.append(now_s - self._start_s - (epochs - 1) / self._train.pace)
        if glance.ended is None:
            self._send(Ack(glance.id, glance.checkpoint.step))
        elif glance.id != self._train.id:
            if glance.ended not in {"superseded", "budget"}:
                self.errors.append(f"a past training ended: {glance.ended}")
        elif self._stopped is not None:
            self._keep(content)
            self._stopped.set_result(now_s)
            self._stopped = None
        elif glance.ended == "budget":
            self._keep(content)
            self.begin()
        else:
            self.errors.append(f"training ended: {glance.ended}")

    def _keep(self, frame: bytes) -> None:
        checkpoint = _FRAME.decode(frame).checkpoint
        self._train = msgspec.structs.replace(self._train, checkpoint=checkpoint)

    def _send(self, request: Request) -> None:
        self._write(_BINARY, _PACK.encode(request))

    def _write(self, kind: int, content: bytes) -> None:
        # A mask of zeros is valid and costs nothing.
        size = len(content)
        if size < 126:
            head = bytes((kind, 0x80 | size))
        elif size < 65_536:
            head = bytes((kind, 0xFE)) + size.to_bytes(2, "big")
        else:
            head = bytes((kind, 0xFF)) + size.to_bytes(8, "big")
        self._transport.write(head + _NO_MASK + content)


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run users on uvloop if it is installed, since they share the machine with the server."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


async def gather(port: int, trains: list[Train], rate: float) -> list[User]:
    """Connect users, `rate` per second; each starts to train at once."""
    loop = asyncio.get_running_loop()
    users = []
    start_s = time.perf_counter()
    for number, train in enumerate(trains):
        _, user = await loop.create_connection(partial(User, train), "127.0.0.1", port)
        users.append(user)
        await user.opened
        user.begin()
        await asyncio.sleep(max(0, start_s + number / rate - time.perf_counter()))
    return users
