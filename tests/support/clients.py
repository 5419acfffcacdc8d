"""Clients of a scheduler in this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nnvisu.scheduling.client_requests import ClientRequests
from nnvisu.scheduling.scheduler import Scheduler
from nnvisu.wire.messages import Error, Frame, Reply

TIMEOUT_S = 60


class User:
    """The requests of one connection, and the replies to them."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.replies: asyncio.Queue[Reply] = asyncio.Queue()
        self.requests = ClientRequests(scheduler, self.replies.put_nowait)

    async def next(self) -> Reply:
        """Wait for the next reply."""
        return await asyncio.wait_for(self.replies.get(), TIMEOUT_S)

    async def frame(self, id: int | None = None) -> Frame:  # noqa: A002 - the wire's name
        """Wait for a frame of a training."""
        while True:
            reply = await self.next()
            if isinstance(reply, Frame) and id in (None, reply.id):
                return reply
            assert not isinstance(reply, Error), reply

    async def last_frame(self, id: int | None = None) -> Frame:  # noqa: A002 - the wire's name
        """Wait for the last frame of a training."""
        while (frame := await self.frame(id)).ended is None:
            pass
        return frame


@asynccontextmanager
async def scheduling(threads: int | None = None) -> AsyncIterator[Scheduler]:
    """Run a scheduler whose engine is ready."""
    ready = asyncio.Event()
    scheduler = Scheduler(lambda progress: ready.set() if progress == 1 else None, threads)
    scheduler.start()
    try:
        await asyncio.wait_for(ready.wait(), TIMEOUT_S)
        yield scheduler
    finally:
        scheduler.close()
