"""All WebSocket connections of a server process, and the scheduler that they share."""

import asyncio
import time
from itertools import count

from nnvisu import __version__
from nnvisu.observability.logs import CONNECTION, log
from nnvisu.observability.metrics import Metrics
from nnvisu.processes.shared_memory import SharedCounters, WorkerContext
from nnvisu.scheduling.scheduler import Scheduler
from nnvisu.web.addresses import subscriber
from nnvisu.web.connection import Connection, Message, Receive, Send
from nnvisu.web.fast_path import fast_path_of
from nnvisu.web.forwarded import peer
from nnvisu.web.limits import (
    LIMIT_SENTENCES,
    MAX_CONNECTIONS,
    MAX_PER_ADDRESS,
    ConnectionLimits,
)
from nnvisu.wire.messages import Engine

GOING_AWAY = 1012
TRY_AGAIN_LATER = 1013
_PROGRESS_STEP = 0.01
"""Smaller steps of the engine's preparation are not reported."""
_POLL_S = 0.1
_KEEP_TALKING_S = 2.0
"""While the engine is prepared, its progress is sent at least this often: a page takes 10 s without
an answer for a dead connection, and one pass of the compiler may take longer."""
_LOG_REFUSALS_S = 10.0
"""Refusals are logged as sums, at most this often: there may be a thousand a second."""
_MAX_SENTENCES = 3
_DRAIN_TRAINING_S = 0.25
_DRAIN_SENDING_S = 0.2


class Hub:
    """The endpoint of the WebSockets, as an ASGI application.

    Create, start and drain it on the event loop.
    """

    def __init__(
        self,
        worker: WorkerContext | None = None,
        max_connections: int = MAX_CONNECTIONS,
        max_per_address: int = MAX_PER_ADDRESS,
        *,
        access_log: bool = False,
    ) -> None:
        """``access_log``: whether to log each connection with its address, at level info."""
        self._worker = worker or WorkerContext(SharedCounters())
        self._counters = self._worker.counters.workers[self._worker.number]
        self._counters.resume()
        self._limits = ConnectionLimits(
            self._worker.counters, self._counters, max_connections, max_per_address
        )
        self._connections: dict[Connection, asyncio.Task[None]] = {}
        self._engine = Engine(version=__version__, progress=0.0)
        self._scheduler = Scheduler(self._report_progress, self._worker.threads)
        self._metrics = Metrics()
        self._numbers = count(1)
        self._access_log = access_log
        self._logged_refusals = dict(self._metrics.refusals)
        self._log_refusals_at_s = 0.0
        self._sentences: dict[str, None] = {}
        """What the next record of refusals says, in the order in which it came up."""
        self._draining = False
        self._started_s = 0.0
        self._waits_for_first = False
        self._told_s = 0.0
        """When the progress was last sent (the event loop's time)."""
        self._poller: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        """Whether new requests are computed at once."""
        return self._scheduler.ready and not self._draining

    @property
    def failed(self) -> bool:
        """Whether the engine's preparation has failed."""
        return self._scheduler.failed

    def start(self) -> None:
        """Begin to prepare the engine; connections are accepted meanwhile.

        All workers but the first wait until one is ready, so that the kernels are compiled once.
        """
        self._started_s = time.monotonic()
        self._waits_for_first = self._worker.number > 0
        if not self._waits_for_first:
            self._scheduler.start()
        self._poller = asyncio.create_task(self._poll())

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one WebSocket, or close it with 1013 where a limit is reached."""
        await receive()
        await send({"type": "websocket.accept"})
        CONNECTION.set(next(self._numbers))
        address = peer(scope)
        if reason := self._limits.enter(address):
            self.count_refusal(reason)
            self._log("connection refused", address, reason=reason)
            sentence = LIMIT_SENTENCES[reason]
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER, "reason": sentence})
            return
        self._metrics.opened += 1
        self._log("connection opened", address)
        try:
            fast_path = fast_path_of(scope)
            share = subscriber(address)
            await self._serve(
                Connection(self._scheduler, receive, send, self._metrics, fast_path, share)
            )
        finally:
            self._limits.leave(address)
            self._log("connection closed", address)

    def limit(self, address: str) -> str | None:
        """Return which limit keeps one more WebSocket from an address out; None if none does."""
        return self._limits.reason(address)

    def count_refusal(self, reason: str, sentence: str | None = None) -> None:
        """Count a refusal; ``reason`` is one of `metrics.REASONS`.

        The next record of refusals has up to `_MAX_SENTENCES` different sentences.
        """
        self._metrics.refusals[reason] += 1
        if sentence is not None and len(self._sentences) < _MAX_SENTENCES:
            self._sentences[sentence] = None

    def collect_metrics(self) -> Metrics:
        """Write this process's metrics to the shared memory; return the sums over all workers."""
        self._scheduler.report(self._metrics)
        self._counters.write(self._metrics)
        return self._worker.counters.metrics()

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
        """Send every training's last frame and close every WebSocket, within half a second."""
        self._draining = True
        self._log_refusals()
        log("info", "draining", connections=len(self._connections))
        await self._scheduler.drain(_DRAIN_TRAINING_S)
        for connection in self._connections:
            connection.drain(GOING_AWAY)
        if self._connections:
            await asyncio.wait(self._connections.values(), timeout=_DRAIN_SENDING_S)

    def close(self) -> None:
        """End the compute threads."""
        if self._poller is not None:
            self._poller.cancel()
        self._scheduler.close()

    async def _poll(self) -> None:
        """Sample the metrics, log refusals, and start the engine once the first worker is ready."""
        loop = asyncio.get_running_loop()
        while True:
            due_s = loop.time() + _POLL_S
            await asyncio.sleep(_POLL_S)
            self._metrics.loop_lag.observe(loop.time() - due_s)
            if loop.time() >= self._log_refusals_at_s and self._log_refusals():
                self._log_refusals_at_s = loop.time() + _LOG_REFUSALS_S
            if not self._scheduler.ready and loop.time() >= self._told_s + _KEEP_TALKING_S:
                self._tell(self._engine.progress)
            if self.collect_metrics().ready and self._waits_for_first:
                self._waits_for_first = False
                self._scheduler.start()

    def _log_refusals(self) -> bool:
        """Log the refusals since the last call; return whether there were any."""
        now = dict(self._metrics.refusals)
        new = {reason: now[reason] - self._logged_refusals[reason] for reason in now}
        self._logged_refusals = now
        if any(new.values()):
            numbers = {reason: number for reason, number in new.items() if number}
            log("info", "refused", **numbers, why=" | ".join(self._sentences) or None)
            self._sentences.clear()
        return any(new.values())

    def _log(self, event: str, address: str, **fields: object) -> None:
        if self._access_log:
            log("info", event, address=address, **fields)
        else:
            log("debug", event, **fields)

    def _report_progress(self, progress: float) -> None:
        if progress < 1 and progress - self._engine.progress < _PROGRESS_STEP:
            return
        if progress == 1:
            log("info", "ready", preparation_s=round(time.monotonic() - self._started_s, 3))
        self._tell(progress)

    def _tell(self, progress: float) -> None:
        """Send the progress of the engine's preparation to every client."""
        self._engine = Engine(version=__version__, progress=progress)
        self._told_s = asyncio.get_running_loop().time()
        for connection in self._connections:
            connection.deliver(self._engine)
