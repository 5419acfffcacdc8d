"""All connections of a server, and the scheduler that they share."""

import asyncio

from nnvisu import __version__
from nnvisu.connection import Connection, Message, Receive, Send
from nnvisu.limits import MAX_CONNECTIONS, Doorkeeper
from nnvisu.protocol import Engine
from nnvisu.scheduler import Scheduler

GOING_AWAY = 1012
TRY_AGAIN_LATER = 1013
_PROGRESS_STEP = 0.01
"""Smaller advances of the engine's preparation are not worth a message."""
_DRAIN_TRAINING_S = 0.25
_DRAIN_SENDING_S = 0.2


class Hub:
    """The endpoint of the WebSockets, as an ASGI application.

    To be created, started and drained on the event loop.
    """

    def __init__(self, workers: int | None = None, max_connections: int = MAX_CONNECTIONS) -> None:
        self._connections: dict[Connection, asyncio.Task[None]] = {}
        self._engine = Engine(version=__version__, progress=0.0)
        self._scheduler = Scheduler(self._progressed, workers)
        self._draining = False
        self._door = Doorkeeper(max_connections)

    @property
    def ready(self) -> bool:
        """Whether requests are computed without waiting."""
        return self._scheduler.ready and not self._draining

    @property
    def failed(self) -> bool:
        """Whether the engine could not be prepared."""
        return self._scheduler.failed

    def start(self) -> None:
        """Begin to prepare the engine; connections are welcome meanwhile."""
        self._scheduler.start()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one WebSocket, or turn it away where there are too many."""
        await receive()
        await send({"type": "websocket.accept"})
        address = (scope.get("client") or ("",))[0]
        if not self._door.enter(address):
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
            return
        try:
            await self._serve(Connection(self._scheduler, receive, send))
        finally:
            self._door.leave(address)

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
        await self._scheduler.drain(_DRAIN_TRAINING_S)
        for connection in self._connections:
            connection.drain(GOING_AWAY)
        if self._connections:
            await asyncio.wait(self._connections.values(), timeout=_DRAIN_SENDING_S)

    def close(self) -> None:
        """End the workers."""
        self._scheduler.close()

    def _progressed(self, progress: float) -> None:
        if progress < 1 and progress - self._engine.progress < _PROGRESS_STEP:
            return
        self._engine = Engine(version=__version__, progress=progress)
        for connection in self._connections:
            connection.deliver(self._engine)
