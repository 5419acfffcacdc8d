"""Emulates a slow link to a server: bandwidth, delay and a short queue.

A packet leaves the queue when the packets before it have been sent at the link's bandwidth, and
arrives one delay later. The link reads no more from a sender than the queue holds, so back-pressure
works as on a real link.
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
    """A slow link to a port of this machine, for any number of connections.

    All connections share the bandwidth; each has its own queue. The methods are thread-safe.

    Attributes:
        port: The port that leads through the link.
        bits_per_s: The bandwidth of each direction.
        delay_s: The one-way delay of a packet.
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
        """Stop forwarding on the existing connections without closing them; accept new ones."""
        self._at_once(lambda: self._set_stalled(True))

    def resume(self) -> None:
        """Forward again."""
        self._at_once(lambda: self._set_stalled(False))

    def cut(self, *, for_good: bool = False) -> None:
        """Abort every connection; with `for_good`, refuse new ones until `mend`."""
        self.broken = for_good
        self._at_once(self._abort_all)

    def mend(self) -> None:
        """Accept new connections again."""
        self.broken = False

    def close(self) -> None:
        """Abort every connection and stop."""
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
        # Two turns of the loop: first the transports call connection_lost, then they close.
        for _ in range(2):
            self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def _at_once(self, change: Callable[[], None]) -> None:
        """Run a change in the link's thread, and wait until it is done."""

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
    """One direction of a link: computes arrival times."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self._free_s = 0.0

    def arrival_s(self, now_s: float, size: int) -> float:
        """Queue a packet behind all others; return its arrival time."""
        self._free_s = max(now_s, self._free_s) + 8 * size / self.link.bits_per_s
        return self._free_s + self.link.delay_s


class _End(asyncio.BufferedProtocol):
    """One side's connection: its packets go to `peer` through a direction of the link."""

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
        """Register the connection."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(0)
        self._ends.add(self)

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002 - asyncio's name
        """Provide room for one packet."""
        return self._packet

    def buffer_updated(self, nbytes: int) -> None:
        """Queue a received packet for `peer`."""
        self._send(bytes(self._packet[:nbytes]))
        if self._held_bytes > self._way.link.room_bytes:
            self.transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        """Close the other side after it has received all earlier packets."""
        self._lost = True
        self._full = False
        self._send(b"")
        if self.peer is not None:
            # Packets still on the way to this side are dropped.
            self.peer.deliver()

    def pause_writing(self) -> None:
        """Stop sending: this side does not read."""
        self._full = True

    def resume_writing(self) -> None:
        """Resume sending: this side has read its data."""
        self._full = False
        if self.peer is not None:
            self.peer.deliver()

    def deliver(self) -> None:
        """Write all packets that have arrived by now."""
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
    """The client's side of a connection; it opens the connection to the target."""

    def __init__(self, ends: set[_End], up: _Direction, down: _Direction, target: int) -> None:
        super().__init__(ends, up)
        self._make_far: Callable[[], _End] = partial(_End, ends, down)
        self._target = target

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connect to the target; packets that arrive meanwhile are queued."""
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
    """Keep the kernel's socket buffers small, also those of accepted connections."""
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        own.setsockopt(socket.SOL_SOCKET, option, 4 * PACKET_BYTES)


@contextmanager
def throttle(target: int, bits_per_s: float = inf, delay_s: float = 0.0) -> Iterator[Link]:
    """Run a slow link to a port of this machine for the duration of the block."""
    with contextlib.closing(Link(target, bits_per_s, delay_s)) as link:
        yield link
