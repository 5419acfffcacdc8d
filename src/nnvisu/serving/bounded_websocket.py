"""Uvicorn's WebSocket, with bounds to what a peer may cost before a message of his is whole.

By itself it takes apart all that a read brings before anybody else has a turn, keeps each fragment
of a message as an object, answers pings that nobody reads the answers to, prints a traceback for
text that is none, and waits for ever for a peer to take what is left for him.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request
from websockets.protocol import State

from nnvisu.serving.error_responses import WebSocket
from nnvisu.web.fast_path import EXTENSION
from nnvisu.web.limits import RateLimiter

CHUNK_BYTES = 4096
"""What is taken apart at a time. A frame has at least six bytes."""
SMALL_BYTES = 256
MAX_WAITING = 32
"""So many messages of at most this size may wait. To stop reading and go on, as uvicorn does after
every message, costs two system calls, which is most of what an acknowledgement costs."""
LARGE_BYTES = 65_536
"""A larger message waits until what was sent before has been read."""
FAREWELL_S = 2.0
"""How long the last that is sent on a connection may take."""

_BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class BoundedWebSocket(WebSocket):
    """One peer, taken in bit by bit; and a `fast_path.FastPath` to him."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.close_timeout = FAREWELL_S
        self.listener: Callable[[bytes], bool] | None = None
        self._heard = 0
        self._held = False
        self._unparsed = b""
        self._pongs = b""
        self._rate_limiter = RateLimiter(self.loop.time)
        self._rest: asyncio.TimerHandle | None = None
        self._farewell: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Take apart what came, as far as it may be now."""
        self._unparsed += data
        self._heard = 0
        self._parse()

    @property
    def keeps_up(self) -> bool:
        """Whether a message would go out at once."""
        return (
            self.writable.is_set()
            and self.conn.state is State.OPEN
            and not self.transport.is_closing()
        )

    async def caught_up(self) -> None:
        """Wait until a message would go out at once, or never will."""
        # Others may write before the one who waits has his turn: then he waits again.
        while not self.writable.is_set():
            await self.writable.wait()

    def write(self, content: bytes | str) -> None:
        """Send a message now."""
        if isinstance(content, bytes):
            self.conn.send_binary(content)
        else:
            self.conn.send_text(content.encode())
        self.transport.write(b"".join(self.conn.data_to_send()))

    async def receive(self) -> Any:
        """Give the next message; between messages that wait, others have their turn."""
        if not self.queue.empty():
            await asyncio.sleep(0)
        message = await super().receive()
        # Until it is handed over, nothing is heard: that would overtake it.
        self._held = True
        try:
            content = message.get("bytes") or message.get("text")
            if isinstance(content, bytes | str) and len(content) > LARGE_BYTES:
                # Its answer will be as large: whoever does not read gets no more of these.
                await self.writable.wait()
            if self._unparsed:
                self._parse()
        finally:
            self._held = False
        return message

    async def send(self, message: Any) -> None:
        """Send something, unless the peer's own messages have closed the connection."""
        await self.writable.wait()
        if self.close_sent:
            raise ClientDisconnected
        await super().send(message)

    def handle_connect(self, event: Request) -> None:
        """Let a connection in, and offer the direct way."""
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"][EXTENSION] = self  # type: ignore[assignment] # uvicorn knows only its own

    def handle_text(self, event: Frame) -> None:
        """Begin a message."""
        self._begin("text", event)

    def handle_bytes(self, event: Frame) -> None:
        """Begin a message."""
        self._begin("bytes", event)

    def handle_cont(self, event: Frame) -> None:
        """Add to a message, of which there is one piece however many fragments it has."""
        self._count()
        self.frames[0] += event.data
        if event.fin:
            self.send_receive_event_to_app()

    def handle_ping(self) -> None:
        """Answer a ping; where answers are not read, only the newest."""
        self._count()
        self._pongs = b"".join(self.conn.data_to_send())
        if self.writable.is_set():
            self._answer_pings()

    def handle_pong(self, event: Frame) -> None:
        """Note that the peer is alive."""
        self._count()
        super().handle_pong(event)

    def send_receive_event_to_app(self) -> None:
        """Hand over a message that is whole; text that is none closes the connection."""
        self.frames = [bytes(self.frames[0])]
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                self.frames[0].decode()
            except UnicodeDecodeError:
                self.conn.fail(CloseCode.INVALID_DATA, "text is UTF-8")
                self.handle_parser_exception()
                return
        if self._hears(self.frames[0]):
            self._heard += 1
            self.frames = []
            return
        few = len(self.frames[0]) <= SMALL_BYTES and self.queue.qsize() < MAX_WAITING
        paused = self.read_paused
        # Whoever is paused already does not pause.
        self.read_paused = paused or few
        super().send_receive_event_to_app()
        self.read_paused = paused or not few

    def shutdown(self) -> None:
        """Say that the server goes; a peer that has said goodbye already is not told."""
        if self.handshake_complete and self.conn.state is not State.OPEN:
            self.stop_keepalive()
            self.transport.close()
        else:
            super().shutdown()

    def resume_writing(self) -> None:
        """Go on sending."""
        super().resume_writing()
        self._answer_pings()

    def keepalive_timeout(self) -> None:
        """Close the connection of a peer that answers no ping, whether or not he reads that."""
        super().keepalive_timeout()
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of what was not taken apart."""
        self._unparsed = b""
        for timer in (self._rest, self._farewell):
            if timer is not None:
                timer.cancel()
        self.listener = None
        super().connection_lost(exc)

    def _hears(self, content: bytes) -> bool:
        """Offer a message to the listener; of those that come together only the first few."""
        return (
            self.listener is not None
            and self.curr_msg_data_type == "bytes"
            and len(content) <= SMALL_BYTES
            and self.queue.empty()
            and not self._held
            and self._heard < MAX_WAITING
            and not self.close_sent
            and self.listener(content)
        )

    def _begin(self, kind: Any, event: Frame) -> None:
        self.curr_msg_data_type = kind
        self.frames = [event.data if event.fin else bytearray(event.data)]  # type: ignore[list-item] # whole once it is handed over
        if event.fin:
            self.send_receive_event_to_app()

    def _refuse_handshake(self) -> None:
        """Answer a handshake that could not be read, of which uvicorn never hears."""
        self.transport.write(b"".join(self.conn.data_to_send()) or _BAD_REQUEST)
        self.transport.close()

    def _answer_pings(self) -> None:
        if self._pongs:
            self.transport.write(self._pongs)
            self._pongs = b""

    def _count(self) -> None:
        """Count a frame that is no message of its own: these have a limit of their own."""
        wait_s = self._rate_limiter.wait_s()
        if wait_s > 0 and self._rest is None:
            self._rest = self.loop.call_later(wait_s, self._end_rest)

    def _end_rest(self) -> None:
        self._rest = None
        self._parse()

    def _parse(self) -> None:
        """Go on until a message waits for the application, or the peer asked for too much."""
        data, at = self._unparsed, 0
        while at < len(data) and self._rest is None and not self.read_paused:
            if self.transport.is_closing():
                at = len(data)
                break
            super().data_received(data[at : at + CHUNK_BYTES])
            at += CHUNK_BYTES
            if self.conn.handshake_exc is not None:
                self._refuse_handshake()
        self._unparsed = data[at:]
        if self.transport.is_closing():
            self._farewell = self._farewell or self.loop.call_later(
                FAREWELL_S, self.transport.abort
            )
        elif self._unparsed or self.read_paused or self._rest is not None:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()
