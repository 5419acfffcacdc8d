"""A closed connection leaves nothing in memory."""

import asyncio
import gc
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import numpy as np
import pytest

from nnvisu.processes.shared_memory import SharedCounters, WorkerContext
from nnvisu.web.hub import Hub
from nnvisu.wire.messages import Budget, Initialise, Network, Train
from tests.support.client import connected
from tests.support.raw import BINARY, frame, upgraded
from tests.support.requests import NETWORK, a_checkpoint, a_train
from tests.support.server import ServerProcess

KIB = 1024
MIB = 1024 * KIB
LARGEST = Network((100,) * 10, (0, 1, 2))


def a_request(network: Network) -> Train:
    return a_train(network=network, checkpoint=a_checkpoint(network), budget=Budget(epochs=1))


@pytest.mark.parametrize(
    ("network", "visitors", "at_once", "grown_bytes"),
    # The allocator keeps some large blocks. A leak of the largest requests, of 1.1 MB each, would
    # exceed the bound by a factor of about 100.
    [(NETWORK, 100, 10, 1 * MIB), (LARGEST, 10, 3, 8 * MIB)],
    ids=["ordinary", "largest"],
)
def test_memory_does_not_grow_with_the_number_of_requests(
    server: ServerProcess,
    rounds: Callable[[int, int], int],
    network: Network,
    visitors: int,
    at_once: int,
    grown_bytes: int,
) -> None:
    train = a_request(network)

    def visit(_: int) -> None:
        with connected(server) as client:
            for id_ in range(rounds(10, 100)):
                client.train(msgspec.structs.replace(train, id=id_))

    with ThreadPoolExecutor(at_once) as pool:
        levels = []
        for _ in range(3):
            list(pool.map(visit, range(visitors)))
            levels.append(server.resident_bytes())
    assert levels[2] - levels[1] < grown_bytes


def test_closed_connections_leave_no_memory_and_no_files(
    server: ServerProcess, rounds: Callable[[int, int], int]
) -> None:
    levels = []
    for _ in range(3):
        for _ in range(rounds(400, 4000)):
            with upgraded(server.port) as raw:
                raw.sendall(frame(BINARY, b"nothing legal"))
        levels.append(server.resident_bytes())
    assert levels[2] - levels[1] < 2 * MIB


async def visit(hub: Hub, requests: list[Train | Initialise]) -> None:
    """Open a connection of the hub, in this process, until every request has its last reply."""
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    ready, answered = asyncio.Event(), asyncio.Semaphore(0)

    async def send(message: dict[str, Any]) -> None:
        reply = msgspec.msgpack.decode(message.get("bytes", b"\x80"))
        if reply.get("progress") == 1:
            ready.set()
        elif reply.get("type") == "initialised" or "ended" in reply:
            answered.release()

    await inbox.put({"type": "websocket.connect"})
    here = asyncio.create_task(hub({"client": ("127.0.0.1", 1)}, inbox.get, send))  # type: ignore[arg-type] # an ASGI message is any mapping
    await ready.wait()
    for request in requests:
        await inbox.put({"type": "websocket.receive", "bytes": msgspec.msgpack.encode(request)})
        await answered.acquire()
    await inbox.put({"type": "websocket.receive", "bytes": msgspec.msgpack.encode(requests[0])})
    await inbox.put({"type": "websocket.disconnect"})
    await here


def array_bytes() -> int:
    """Return the bytes of all live arrays that were allocated since tracing began."""
    only_arrays = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)
    traces = tracemalloc.take_snapshot().filter_traces([only_arrays]).traces
    return sum(trace.size for trace in traces)


def test_no_array_and_no_message_outlives_its_connection(
    rounds: Callable[[int, int], int],
) -> None:
    async def visits() -> tuple[int, int]:
        hub = Hub(WorkerContext(SharedCounters(), threads=2))
        hub.start()
        train = a_request(LARGEST)
        keep = Initialise(2, LARGEST, 3, "adam", train.checkpoint)
        await visit(hub, [train, keep])
        tracemalloc.start()
        try:
            # Four users, three requests each: in the long form more than 10 000.
            for _ in range(rounds(5, 850)):
                await asyncio.gather(*(visit(hub, [train, keep, train]) for _ in range(4)))
            hub.close()
            # Results of compute threads are delivered, or dropped, in the loop's next turn.
            await asyncio.sleep(0)
            gc.collect()
            return array_bytes(), tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()

    arrays, everything = asyncio.run(visits())
    assert arrays < KIB
    assert everything < 256 * KIB
