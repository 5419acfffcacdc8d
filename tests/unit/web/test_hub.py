"""What a client hears while the engine is prepared."""

import asyncio
import time
from itertools import pairwise

from nnvisu.processes.shared_memory import SharedCounters, WorkerContext
from nnvisu.web.connection import Message
from nnvisu.web.hub import Hub

PAGE_TIMEOUT_S = 10.0
"""What the page takes for a dead connection (net/client.js)."""


def test_a_client_hears_of_a_long_preparation_again_and_again() -> None:
    """The second worker waits for the first one's engine: here for ever."""
    heard_s: list[float] = []

    async def listen() -> None:
        hub = Hub(WorkerContext(SharedCounters(2), number=1, threads=1))
        hub.start()

        async def receive() -> Message:
            if heard_s:
                await asyncio.Event().wait()
            return {"type": "websocket.connect"}

        async def send(_message: Message) -> None:
            heard_s.append(time.monotonic())
            if len(heard_s) == 5:
                done.set()

        done = asyncio.Event()
        scope = {"type": "websocket", "path": "/ws", "headers": [], "client": ("127.0.0.1", 1)}
        client = asyncio.create_task(hub(scope, receive, send))
        await asyncio.wait_for(done.wait(), 60)
        client.cancel()
        hub.close()

    asyncio.run(listen())
    gaps_s = [after - before for before, after in pairwise(heard_s)]
    assert max(gaps_s) < PAGE_TIMEOUT_S / 2
