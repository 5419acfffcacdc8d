"""One WebSocket: requests in, replies out; never computes.

Its life is two tasks: one is always receiving, so that pings and acknowledgements are seen; the
other sends what the outbox gives. Where the server has a direct way, acknowledgements and replies
take that one, for as long as the peer keeps up.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from nnvisu.observability.metrics import Metrics
from nnvisu.scheduling.client_requests import ClientRequests
from nnvisu.scheduling.scheduler import Scheduler
from nnvisu.web.fast_path import Direct
from nnvisu.web.limits import Throttle
from nnvisu.web.outbox import Outbox
from nnvisu.wire.codec import decode, encode
from nnvisu.wire.messages import Ack, Error, Frame, ProtocolError, Reply, Stop

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MAX_UNSENT = 8
"""Answers that may wait to be sent before the next request is read."""


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
        direct: Direct | None = None,
    ) -> None:
        self._receive = receive
        self._send = send
        self._metrics = metrics
        self._outbox = Outbox()
        self._requests = ClientRequests(scheduler, self.deliver)
        self._throttle = Throttle(asyncio.get_running_loop().time)
        self._text = False
        self._code: int | None = None
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._direct = direct
        if direct is not None:
            direct.listener = self._take_at_once

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
        """Have a reply sent as soon as the flow of frames allows it."""
        self._outbox.put(reply)
        self._send_at_once()
        if len(self._outbox) > MAX_UNSENT:
            self._room.clear()

    def drain(self, code: int) -> None:
        """Have all that waits sent, credit or not, and the WebSocket closed with this code."""
        self._outbox.drains = True
        self._code = code
        self._changed.set()

    async def _receive_all(self) -> None:
        while (message := await self._receive())["type"] != "websocket.disconnect":
            self._take(message)
            if (wait_s := self._throttle.wait_s()) > 0:
                await asyncio.sleep(wait_s)
            await self._room.wait()

    def _take_at_once(self, content: bytes) -> bool:
        """Take an acknowledgement in; leave all else, and what comes too fast, to be received."""
        if not self._throttle.open or not self._room.is_set():
            return False
        try:
            request = decode(content)
        except ProtocolError:
            return False
        if not isinstance(request, Ack):
            return False
        self._throttle.wait_s()
        self._count(content)
        self._text = False
        self._acknowledge(request)
        return True

    def _take(self, message: Message) -> None:
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
            self._send_at_once()

    def _send_at_once(self) -> None:
        """Send what may be sent, the direct way if there is one; else have `_send_all` do it."""
        direct = self._direct
        if direct is not None:
            while direct.keeps_up:
                reply = self._outbox.take()
                if reply is None:
                    self._room.set()
                    return
                direct.write(self._encode(reply))
        self._changed.set()

    async def _send_all(self) -> None:
        try:
            while self._code is None:
                await self._changed.wait()
                self._changed.clear()
                while (reply := await self._next()) is not None:
                    content = self._encode(reply)
                    # Nothing is held twice while the peer takes his time.
                    del reply
                    kind = "text" if self._text else "bytes"
                    await self._send({"type": "websocket.send", kind: content})
                    if len(self._outbox) <= MAX_UNSENT:
                        self._room.set()
                self._room.set()
            await self._send({"type": "websocket.close", "code": self._code})
        except OSError:
            # ASGI's word for a peer that is gone.
            return

    async def _next(self) -> Reply | None:
        """Take out what may be sent next, as late as possible: of frames, the newest."""
        if self._direct is not None:
            await self._direct.caught_up()
        return self._outbox.take()

    def _encode(self, reply: Reply) -> bytes | str:
        """Write a reply that is sent now, and count it."""
        content = encode(reply, text=self._text)
        self._metrics.bytes_sent += len(content)
        if isinstance(reply, Frame):
            self._metrics.frames += 1
        elif isinstance(reply, Error):
            self._metrics.refusals["request"] += 1
        return content
