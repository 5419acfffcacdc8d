"""A slow link before a server: bandwidth, delay and a short queue, as towards a far host.

A packet leaves the queue when those before it are through at the link's bandwidth, and arrives a
delay later. No more is read from a sender than the queue holds, so back-pressure works as it does
on a real link.
"""

import asyncio
import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import inf
from typing import cast

PACKET_BYTES = 1460
QUEUE_BYTES = 64 * 1024
_EARLY_S = 1e-6
"""asyncio's timers may go off a little before their time."""


class Link:
    """What goes through a slow link to a port of this machine, from any number of connections.

    All connections share the bandwidth, and each has a queue of its own. The methods may be called
    from any thread.

    Attributes:
        port: The port that leads through the link.
        bits_per_s: The bandwidth of each direction.
        delay_s: How long a packet is on its way, each way.
        broken: Whether new connections are refused.
    """

    def __init__(self, target: int, bits_per_s: float, delay_s: float) -> None:
        self.bits_per_s = bits_per_s
        self.delay_s = delay_s
        self.broken = False
        self.room_bytes = QUEUE_BYTES + (bits_per_s * delay_s / 8 if bits_per_s < inf else 0)
        """How much a direction of a connection may hold: the queue, and what is on its way."""
        self._target = target
        self._ends: set[_End] = set()
        self._loop = asyncio.new_event_loop()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        _keep_buffers_small(self._listener)
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stall(self) -> None:
        """Let nothing through the connections that there are, but keep them; new ones may come."""
        self._at_once(lambda: self._set_stalled(True))

    def resume(self) -> None:
        """Let everything through again."""
        self._at_once(lambda: self._set_stalled(False))

    def cut(self, *, for_good: bool = False) -> None:
        """Break every connection; new ones may come, unless it is for good, until `mend`."""
        self.broken = for_good
        self._at_once(self._abort_all)

    def mend(self) -> None:
        """Let new connections come again."""
        self.broken = False

    def close(self) -> None:
        """Break every connection and end."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        up, down = _Direction(self), _Direction(self)
        make = partial(_Near, self._ends, up, down, self._target)
        server = self._loop.run_until_complete(self._loop.create_server(make, sock=self._listener))
        self._loop.run_forever()
        server.close()
        self._abort_all()
        # Two turns: in the first the transports tell that they are lost, in the second they close.
        for _ in range(2):
            self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def _at_once(self, change: Callable[[], None]) -> None:
        """Change something in the link's own thread, and return once it is changed."""

        async def changed() -> None:
            change()

        asyncio.run_coroutine_threadsafe(changed(), self._loop).result()

    def _set_stalled(self, stalled: bool) -> None:
        for end in list(self._ends):
            end.stalled = stalled
            end.deliver()

    def _abort_all(self) -> None:
        for end in list(self._ends):
            end.transport.abort()


class _Direction:
    """One way through a link: when what is sent now arrives."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self._free_s = 0.0

    def arrival_s(self, now_s: float, size: int) -> float:
        """Let a packet queue up behind all others; return when it arrives."""
        self._free_s = max(now_s, self._free_s) + 8 * size / self.link.bits_per_s
        return self._free_s + self.link.delay_s


class _End(asyncio.BufferedProtocol):
    """One side's connection: what it sends goes to `peer` through a direction of the link."""

    def __init__(self, ends: set["_End"], way: _Direction) -> None:
        self.peer: _End | None = None
        self.stalled = False
        self._ends = ends
        self._way = way
        self._packet = bytearray(PACKET_BYTES)
        self._queue: deque[tuple[float, bytes]] = deque()
        self._held_bytes = 0
        self._lost = False
        self._full = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection up."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(0)
        self._ends.add(self)

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002 - asyncio's name
        """Read no more than a packet at a time."""
        return self._packet

    def buffer_updated(self, nbytes: int) -> None:
        """Put a packet on its way."""
        self._send(bytes(self._packet[:nbytes]))
        if self._held_bytes > self._way.link.room_bytes:
            self.transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        """Have the other side learn of the end behind all that was sent before it."""
        self._lost = True
        self._full = False
        self._send(b"")
        if self.peer is not None:
            # What is still on its way to here goes nowhere.
            self.peer.deliver()

    def pause_writing(self) -> None:
        """Wait: this side does not read what it is sent."""
        self._full = True

    def resume_writing(self) -> None:
        """Go on: this side has read what it was sent."""
        self._full = False
        if self.peer is not None:
            self.peer.deliver()

    def deliver(self) -> None:
        """Hand over all that has arrived by now."""
        peer = self.peer
        loop = asyncio.get_running_loop()
        while (
            peer is not None
            and self._queue
            and self._queue[0][0] <= loop.time() + _EARLY_S
            and not (self.stalled or peer._full)
        ):
            _, packet = self._queue.popleft()
            self._held_bytes -= len(packet)
            if not packet:
                self._ends.discard(self)
                peer.transport.close()
            elif not peer._lost:
                peer.transport.write(packet)
        if not self._lost and self._held_bytes <= self._way.link.room_bytes:
            self.transport.resume_reading()

    def _send(self, packet: bytes) -> None:
        loop = asyncio.get_running_loop()
        arrival_s = self._way.arrival_s(loop.time(), len(packet))
        self._queue.append((arrival_s, packet))
        self._held_bytes += len(packet)
        loop.call_at(arrival_s, self.deliver)


class _Near(_End):
    """The side that connects to the link; it connects on to the target."""

    def __init__(self, ends: set[_End], up: _Direction, down: _Direction, target: int) -> None:
        super().__init__(ends, up)
        self._make_far: Callable[[], _End] = partial(_End, ends, down)
        self._target = target

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connect to the target; what comes meanwhile is on its way anyhow."""
        super().connection_made(transport)
        if self._way.link.broken:
            self._give_up()
            return
        self._connecting = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        target = socket.socket()
        _keep_buffers_small(target)
        target.setblocking(False)
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_connect(target, ("127.0.0.1", self._target))
        except OSError:
            target.close()
            self._give_up()
            return
        _, far = await loop.create_connection(self._make_far, sock=target)
        self.peer, far.peer = far, self
        self.deliver()

    def _give_up(self) -> None:
        self.transport.abort()
        self._ends.discard(self)


def _keep_buffers_small(own: socket.socket) -> None:
    """Keep the kernel from holding much, here and in what a listener accepts."""
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        own.setsockopt(socket.SOL_SOCKET, option, 4 * PACKET_BYTES)


@contextmanager
def throttle(target: int, bits_per_s: float = inf, delay_s: float = 0.0) -> Iterator[Link]:
    """Put a slow link before a port of this machine, for as long as the block lasts."""
    with contextlib.closing(Link(target, bits_per_s, delay_s)) as link:
        yield link
