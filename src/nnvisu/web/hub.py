"""All connections of a server, and the scheduler that they share."""

import asyncio
import time
from itertools import count

from nnvisu import __version__
from nnvisu.observability.logs import CONNECTION, say
from nnvisu.observability.metrics import Metrics
from nnvisu.processes.shared_memory import Board, Place
from nnvisu.scheduling.scheduler import Scheduler
from nnvisu.web.connection import Connection, Message, Receive, Send
from nnvisu.web.fast_path import direct_of
from nnvisu.web.limits import MAX_CONNECTIONS, MAX_PER_ADDRESS, Doorkeeper
from nnvisu.wire.messages import Engine

GOING_AWAY = 1012
TRY_AGAIN_LATER = 1013
_PROGRESS_STEP = 0.01
"""Smaller advances of the engine's preparation are not worth a message."""
_LOOK_S = 0.1
_TELL_S = 10.0
"""Refusals are logged together, at most so often: there may be a thousand a second."""
_DRAIN_TRAINING_S = 0.25
_DRAIN_SENDING_S = 0.2


class Hub:
    """The endpoint of the WebSockets, as an ASGI application.

    To be created, started and drained on the event loop.
    """

    def __init__(
        self,
        place: Place | None = None,
        max_connections: int = MAX_CONNECTIONS,
        max_per_address: int = MAX_PER_ADDRESS,
        *,
        access_log: bool = False,
    ) -> None:
        """`access_log` makes connections news, and names the addresses that they come from."""
        self._place = place or Place(Board())
        self._row = self._place.board.rows[self._place.number]
        self._row.take_over()
        self._door = Doorkeeper(self._place.board, self._row, max_connections, max_per_address)
        self._connections: dict[Connection, asyncio.Task[None]] = {}
        self._engine = Engine(version=__version__, progress=0.0)
        self._scheduler = Scheduler(self._progressed, self._place.threads)
        self._metrics = Metrics()
        self._numbers = count(1)
        self._access_log = access_log
        self._told = dict(self._metrics.refusals)
        self._tell_again_s = 0.0
        self._draining = False
        self._since_s = 0.0
        self._waits = False
        self._watch: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        """Whether requests are computed without waiting."""
        return self._scheduler.ready and not self._draining

    @property
    def failed(self) -> bool:
        """Whether the engine could not be prepared."""
        return self._scheduler.failed

    def start(self) -> None:
        """Begin to prepare the engine; connections are welcome meanwhile.

        All processes but the first wait until one is ready: then machine code is there already.
        """
        self._since_s = time.monotonic()
        self._waits = self._place.number > 0
        if not self._waits:
            self._scheduler.start()
        self._watch = asyncio.create_task(self._look_again_and_again())

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one WebSocket, or turn it away where there are too many."""
        await receive()
        await send({"type": "websocket.accept"})
        CONNECTION.set(next(self._numbers))
        address = (scope.get("client") or ("",))[0]
        if reason := self._door.enter(address):
            self.refused(reason)
            self._say("connection refused", address, reason=reason)
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
            return
        self._metrics.opened += 1
        self._say("connection opened", address)
        try:
            direct = direct_of(scope)
            await self._serve(Connection(self._scheduler, receive, send, self._metrics, direct))
        finally:
            self._door.leave(address)
            self._say("connection closed", address)

    def refused(self, reason: str) -> None:
        """Count a refusal for one of the reasons that metrics.py lists."""
        self._metrics.refusals[reason] += 1

    def look(self) -> Metrics:
        """Write down this process's metrics, and add up those of all."""
        self._scheduler.report(self._metrics)
        self._row.write(self._metrics)
        return self._place.board.metrics()

    async def _serve(self, connection: Connection) -> None:
        self._connections[connection] = asyncio.create_task(connection.run())
        connection.deliver(self._engine)
        if self._draining:
            connection.drain(GOING_AWAY)
        try:
            await self._connections[connection]
        finally:
            del self._connections[connection]

    async def drain(self) -> None:
        """Send every training's last state and close every WebSocket, within half a second."""
        self._draining = True
        self._tell_refusals()
        say("info", "draining", connections=len(self._connections))
        await self._scheduler.drain(_DRAIN_TRAINING_S)
        for connection in self._connections:
            connection.drain(GOING_AWAY)
        if self._connections:
            await asyncio.wait(self._connections.values(), timeout=_DRAIN_SENDING_S)

    def close(self) -> None:
        """End the workers."""
        if self._watch is not None:
            self._watch.cancel()
        self._scheduler.close()

    async def _look_again_and_again(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due_s = loop.time() + _LOOK_S
            await asyncio.sleep(_LOOK_S)
            self._metrics.loop_lag.observe(loop.time() - due_s)
            if loop.time() >= self._tell_again_s and self._tell_refusals():
                self._tell_again_s = loop.time() + _TELL_S
            if self.look().ready and self._waits:
                self._waits = False
                self._scheduler.start()

    def _tell_refusals(self) -> bool:
        """Log how many were refused since the last time; return whether there were any."""
        now = dict(self._metrics.refusals)
        news = {reason: now[reason] - self._told[reason] for reason in now}
        self._told = now
        if any(news.values()):
            say("info", "refused", **{reason: number for reason, number in news.items() if number})
        return any(news.values())

    def _say(self, event: str, address: str, **facts: object) -> None:
        if self._access_log:
            say("info", event, address=address, **facts)
        else:
            say("debug", event, **facts)

    def _progressed(self, progress: float) -> None:
        if progress < 1 and progress - self._engine.progress < _PROGRESS_STEP:
            return
        self._engine = Engine(version=__version__, progress=progress)
        if progress == 1:
            say("info", "ready", preparation_s=round(time.monotonic() - self._since_s, 3))
        for connection in self._connections:
            connection.deliver(self._engine)
