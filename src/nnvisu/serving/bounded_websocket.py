"""Uvicorn's WebSocket with bounded memory and time per client, and with the fast path.

Uvicorn parses everything that one read returns before other clients get a turn, keeps each
fragment of a message as an object, takes pings at any rate, logs a traceback for invalid UTF-8, and
waits without limit until the client has read what was sent.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request
from websockets.protocol import State

from nnvisu.serving.error_responses import Handshake, bad_request
from nnvisu.web.fast_path import EXTENSION
from nnvisu.web.limits import RateLimiter

CHUNK_BYTES = 4096
"""Parsed at a time. A frame has at least six bytes."""
SMALL_BYTES = 256
"""Larger messages do not take the fast path."""
MAX_AT_ONCE = 32
"""Messages of one read that take the fast path before other clients get a turn."""
LARGE_BYTES = 65_536
"""A larger message is received only when everything sent before has been read."""
CONTROL_PER_S = 100.0
CONTROL_BURST = 1000.0
"""Limit for pings, pongs and fragments. A client that does not read leaves a pong of up to 127
bytes in memory for each ping, until it is cut for answering none: 0.6 MB in 40 s."""
CLOSE_S = 2.0
"""Limit for the client to read the last data, or to answer a close frame, before it is cut."""


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """One WebSocket; it is the `FastPath` of its own scope."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.conn = Handshake(self.config)
        self.listener: Callable[[bytes], bool] | None = None
        self._heard = 0
        self._in_receive = False
        self._unparsed = b""
        self._control_rate = RateLimiter(self.loop.time, CONTROL_PER_S, CONTROL_BURST)
        self._pause: asyncio.TimerHandle | None = None
        self._pause_s = 0.0
        self._abort: asyncio.TimerHandle | None = None

    # The fast path, for web/connection.py.

    @property
    def keeps_up(self) -> bool:
        """Whether a message would be sent at once."""
        return (
            self.writable.is_set()
            and self.conn.state is State.OPEN
            and not self.transport.is_closing()
        )

    async def caught_up(self) -> None:
        """Wait until a message would be sent at once, or never will be."""
        # Another coroutine may refill the buffer first; check again.
        while not self.writable.is_set():
            await self.writable.wait()

    def write(self, content: bytes | str) -> None:
        """Send a message now."""
        if isinstance(content, bytes):
            self.conn.send_binary(content)
        else:
            self.conn.send_text(content.encode())
        self.transport.write(b"".join(self.conn.data_to_send()))

    def handle_connect(self, event: Request) -> None:
        """Answer the handshake, and offer the fast path to the application."""
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"][EXTENSION] = self  # type: ignore[assignment] # uvicorn knows only its own

    # ASGI.

    async def receive(self) -> Any:
        """Return the next message; other clients get a turn between two that wait."""
        if not self.queue.empty():
            await asyncio.sleep(0)
        message = await super().receive()
        # No later message may take the fast path before this one is returned.
        self._in_receive = True
        try:
            content = message.get("bytes") or message.get("text")
            if isinstance(content, bytes | str) and len(content) > LARGE_BYTES:
                # Its response may be as large: a client that does not read gets no more of them.
                await self.writable.wait()
            if self._unparsed:
                self._parse()
        finally:
            self._in_receive = False
        return message

    async def send(self, message: Any) -> None:
        """Send a message, unless a protocol error of the client has closed the connection.

        A client that does not answer a close frame is cut soon: it occupies an open file.
        """
        await self.writable.wait()
        if self.close_sent:
            raise ClientDisconnected
        await super().send(message)
        if message["type"] == "websocket.close":
            self._cut_soon()

    # What arrives.

    def data_received(self, data: bytes) -> None:
        """Parse what arrived, as far as the limits allow."""
        self._unparsed += data
        self._heard = 0
        self._parse()

    def handle_text(self, event: Frame) -> None:
        """Start a message."""
        self._start_message("text", event)

    def handle_bytes(self, event: Frame) -> None:
        """Start a message."""
        self._start_message("bytes", event)

    def handle_cont(self, event: Frame) -> None:
        """Append a fragment to the message, which is one object for all its fragments."""
        self._count_control_frame()
        self.frames[0] += event.data
        if event.fin:
            self.send_receive_event_to_app()

    def handle_ping(self) -> None:
        """Answer a ping."""
        self._count_control_frame()
        super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        """Note that the client is alive."""
        self._count_control_frame()
        super().handle_pong(event)

    def send_receive_event_to_app(self) -> None:
        """Pass on a complete message; invalid UTF-8 closes the connection."""
        content = bytes(self.frames[0])
        self.frames = [content]
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                content.decode()
            except UnicodeDecodeError:
                self.conn.fail(CloseCode.INVALID_DATA, "text is UTF-8")
                self.handle_parser_exception()
                return
        if self._takes_fast_path(content):
            self._heard += 1
            self.frames = []
        else:
            super().send_receive_event_to_app()

    # The end.

    def shutdown(self) -> None:
        """Close because the server ends; cut a client that is not open or has not read all."""
        if self.conn.state is State.OPEN and not self.transport.get_write_buffer_size():
            super().shutdown()
        else:
            self.transport.abort()

    def _cut_soon(self) -> None:
        self._abort = self._abort or self.loop.call_later(CLOSE_S, self.transport.abort)

    def keepalive_timeout(self) -> None:
        """Cut a client that answers no ping: closing would wait until it reads."""
        super().keepalive_timeout()
        self.transport.abort()

    def _takes_fast_path(self, content: bytes) -> bool:
        return (
            self.listener is not None
            and self.curr_msg_data_type == "bytes"
            and len(content) <= SMALL_BYTES
            and self.queue.empty()
            and not self._in_receive
            and self._heard < MAX_AT_ONCE
            and self.listener(content)
        )

    def _start_message(self, kind: Any, event: Frame) -> None:
        self.curr_msg_data_type = kind
        self.frames = [event.data if event.fin else bytearray(event.data)]  # type: ignore[list-item] # bytes when complete
        if event.fin:
            self.send_receive_event_to_app()

    def _count_control_frame(self) -> None:
        """Limit the rate of frames that are not messages: connection.py limits only messages."""
        self._pause_s = self._control_rate.wait_s()

    def _end_pause(self) -> None:
        self._pause, self._pause_s = None, 0.0
        self._parse()

    @property
    def _must_wait(self) -> bool:
        return self.read_paused or self._pause is not None or self.transport.is_closing()

    def _parse(self) -> None:
        """Parse until a message waits for the application, or a limit is reached."""
        data, at = self._unparsed, 0
        while at < len(data) and not self._must_wait:
            super().data_received(data[at : at + CHUNK_BYTES])
            at += CHUNK_BYTES
            if self._pause_s > 0:
                self._pause = self.loop.call_later(self._pause_s, self._end_pause)
            if self.conn.handshake_exc is not None:
                # Uvicorn does not answer a handshake that cannot be parsed.
                output = b"".join(self.conn.data_to_send())
                self.transport.write(output or bad_request(self.config))
                self.transport.close()
        self._unparsed = data[at:]
        if self.transport.is_closing():
            self._cut_soon()
        elif self._must_wait:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()
