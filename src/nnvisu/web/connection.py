"""One WebSocket: receives requests and sends replies; never computes.

A connection is two asyncio tasks: one always receives, so that pings and acknowledgements are
handled; the other sends what the outbox gives. If the server offers a fast path, acknowledgements
and replies use it while the client keeps up.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from nnvisu.observability.metrics import Metrics
from nnvisu.scheduling.client_requests import ClientRequests
from nnvisu.scheduling.scheduler import Scheduler
from nnvisu.web.fast_path import FastPath
from nnvisu.web.limits import RateLimiter
from nnvisu.web.outbox import Outbox
from nnvisu.wire.codec import decode, encode
from nnvisu.wire.messages import Ack, Error, Frame, ProtocolError, Reply, Stop

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MAX_UNSENT = 8
"""While more answers than this are unsent, no further request is read."""


class Connection:
    """A client's WebSocket, as ASGI's `receive` and `send`.

    Replies are written in the form, MessagePack or JSON text, of the newest message received.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        receive: Receive,
        send: Send,
        metrics: Metrics,
        fast_path: FastPath | None = None,
        address: str = "",
    ) -> None:
        self._receive = receive
        self._send = send
        self._metrics = metrics
        self._outbox = Outbox()
        self._requests = ClientRequests(scheduler, self.deliver, address)
        self._rate_limiter = RateLimiter(asyncio.get_running_loop().time)
        self._text = False
        self._close_code: int | None = None
        self._changed = asyncio.Event()
        self._has_room = asyncio.Event()
        """Set while at most `MAX_UNSENT` answers are unsent."""
        self._has_room.set()
        self._fast_path = fast_path
        if fast_path is not None:
            fast_path.listener = self._handle_small

    async def run(self) -> None:
        """Serve an accepted WebSocket until either side closes it."""
        tasks = {asyncio.create_task(self._receive_all()), asyncio.create_task(self._send_all())}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._requests.leave()
            for task in tasks:
                task.cancel()

    def deliver(self, reply: Reply) -> None:
        """Send a reply as soon as the flow control allows it."""
        self._outbox.put(reply)
        self._send_now()
        if len(self._outbox) > MAX_UNSENT:
            self._has_room.clear()

    def drain(self, code: int) -> None:
        """Send all waiting replies, without credit if need be, and close with this code."""
        self._outbox.draining = True
        self._close_code = code
        self._changed.set()

    async def _receive_all(self) -> None:
        while (message := await self._receive())["type"] != "websocket.disconnect":
            self._handle(message)
            if (wait_s := self._rate_limiter.wait_s()) > 0:
                await asyncio.sleep(wait_s)
            await self._has_room.wait()

    def _handle_small(self, content: bytes) -> bool:
        """Handle a message of the fast path if it is an acknowledgement within the rate limit."""
        if not self._rate_limiter.open or not self._has_room.is_set():
            return False
        try:
            request = decode(content)
        except ProtocolError:
            return False
        if not isinstance(request, Ack):
            return False
        self._rate_limiter.wait_s()
        self._count(content)
        self._text = False
        self._acknowledge(request)
        return True

    def _handle(self, message: Message) -> None:
        text = message.get("text")
        self._text = text is not None
        content = message["bytes"] if text is None else text
        self._count(content)
        try:
            request = decode(content)
        except ProtocolError as refusal:
            self.deliver(refusal.error)
            return
        match request:
            case Ack():
                self._acknowledge(request)
            case Stop(id_):
                self._requests.stop(id_)
            case _:
                self._requests.ask(request)

    def _count(self, content: bytes | str) -> None:
        self._metrics.messages += 1
        self._metrics.bytes_received += len(content)

    def _acknowledge(self, ack: Ack) -> None:
        if self._outbox.acknowledge(ack.id, ack.step):
            self._send_now()

    def _send_now(self) -> None:
        """Send what may be sent on the fast path; leave the rest to `_send_all`."""
        fast_path = self._fast_path
        if fast_path is not None:
            while fast_path.keeps_up:
                reply = self._outbox.take()
                if reply is None:
                    self._has_room.set()
                    return
                fast_path.write(self._encode(reply))
        self._changed.set()

    async def _send_all(self) -> None:
        try:
            while self._close_code is None:
                await self._changed.wait()
                self._changed.clear()
                while (reply := await self._next()) is not None:
                    content = self._encode(reply)
                    # Released, so that a slow client does not keep the reply in memory twice.
                    del reply
                    kind = "text" if self._text else "bytes"
                    await self._send({"type": "websocket.send", kind: content})
                    if len(self._outbox) <= MAX_UNSENT:
                        self._has_room.set()
                self._has_room.set()
            await self._send({"type": "websocket.close", "code": self._close_code})
        except OSError:
            # ASGI servers raise it when the client has disconnected.
            return

    async def _next(self) -> Reply | None:
        """Take the next reply once it can be written: then it is the newest frame."""
        if self._fast_path is not None:
            await self._fast_path.caught_up()
        return self._outbox.take()

    def _encode(self, reply: Reply) -> bytes | str:
        """Encode a reply, and count it as sent."""
        content = encode(reply, text=self._text)
        self._metrics.bytes_sent += len(content)
        if isinstance(reply, Frame):
            self._metrics.frames += 1
        elif isinstance(reply, Error):
            self._metrics.refusals["request"] += 1
        return content
