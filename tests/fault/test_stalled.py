"""Clients that stop reading cost little memory, slow no others, and resume at the newest state."""

import contextlib
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import pytest

from nnvisu.wire.messages import Ack, Budget, Frame, Initialise, Network, Reply, Request, Train
from tests.support.client import connected
from tests.support.proxies import proxy
from tests.support.raw import BINARY, frame, frames, upgraded
from tests.support.requests import NETWORK, a_checkpoint, a_train
from tests.support.server import ServerProcess

MIB = 1024 * 1024
LARGEST = Network((100,) * 10, (0, 1, 2))
READERS = 4
PACE = 30.0
SMALL_BYTES = 32_768
_REPLIES: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


class Reader:
    """Trains, and acknowledges every frame that it reads."""

    def __init__(self, raw: socket.socket, train: Train) -> None:
        self._raw = raw
        self._frames = frames(raw)
        self.seen: list[Frame] = []
        self._send(train)

    def read(self) -> Frame:
        """Receive the next frame."""
        while True:
            opcode, payload = next(self._frames)
            if opcode == BINARY and isinstance(reply := _REPLIES.decode(payload), Frame):
                self.seen.append(reply)
                if reply.ended is None:
                    self._send(Ack(reply.id, reply.checkpoint.step))
                return reply

    def _send(self, request: Request) -> None:
        self._raw.sendall(frame(BINARY, msgspec.msgpack.encode(request)))


@contextmanager
def readers(port: int, network: Network, seconds: float) -> Iterator[list[Reader]]:
    """Open readers with small socket buffers, and let each receive some frames."""
    train = a_train(
        network=network,
        checkpoint=a_checkpoint(network),
        budget=Budget(seconds=seconds),
        pace=PACE,
        frames_per_second=PACE,
    )
    with ExitStack() as stack:
        sockets = [
            stack.enter_context(upgraded(port, receive_buffer=SMALL_BYTES)) for _ in range(READERS)
        ]
        all_ = [Reader(raw, train) for raw in sockets]
        for _ in range(5):
            for reader in all_:
                reader.read()
        yield all_


def train_meanwhile(server: ServerProcess) -> None:
    """Train on another connection, which must not be slowed."""
    epochs = round(3 * PACE)
    with connected(server) as other:
        *seen, last = other.train(
            a_train(2, pace=PACE, frames_per_second=PACE, budget=Budget(epochs=epochs))
        )
    assert last.checkpoint.epoch == epochs
    assert len(seen) > epochs / 2


@pytest.mark.parametrize(
    ("network", "most_bytes"),
    # A frame of the largest network has 1.1 MB: one is being sent, and the newest one waits.
    [(NETWORK, 0.25 * MIB), (LARGEST, 4 * MIB)],
    ids=["ordinary", "largest"],
)
@pytest.mark.parametrize("behind", ["", "nginx"])
def test_a_stalled_reader_costs_little_and_then_gets_the_newest_state(
    server: ServerProcess, tmp_path: Path, behind: str, network: Network, most_bytes: float
) -> None:
    with ExitStack() as stack:
        port = (
            stack.enter_context(proxy(behind, [server.port], tmp_path)) if behind else server.port
        )
        all_ = stack.enter_context(readers(port, network, seconds=6))
        before = server.resident_bytes()
        server.reset_peak()
        stalled_at = [reader.seen[-1].checkpoint.epoch for reader in all_]
        train_meanwhile(server)
        assert server.peak_bytes() - before < READERS * most_bytes
        for reader, epoch in zip(all_, stalled_at, strict=True):
            # Two frames that were in flight, then the newest one.
            epochs = [reader.read().checkpoint.epoch for _ in range(3)]
            assert epochs[2] > epoch + 2 * PACE
            assert epochs[2] > epochs[1] + PACE


@pytest.mark.parametrize(
    ("network", "most_bytes"),
    [(NETWORK, 1 * MIB), (LARGEST, 12 * MIB)],
    ids=["ordinary", "largest"],
)
def test_a_client_that_sends_requests_and_reads_no_replies_gets_no_more_replies(
    server: ServerProcess, network: Network, most_bytes: int
) -> None:
    request = Initialise(1, network, 0, keep=a_checkpoint(network))
    asks = frame(BINARY, msgspec.msgpack.encode(request))
    with ExitStack() as stack:
        with connected(server) as client:
            client.train(a_train(network=network, checkpoint=a_checkpoint(network)))
        before = server.resident_bytes()
        server.reset_peak()
        for _ in range(READERS):
            raw = stack.enter_context(upgraded(server.port, receive_buffer=SMALL_BYTES))
            raw.settimeout(0.3)
            with contextlib.suppress(TimeoutError):
                for _ in range(100 * MIB // len(asks)):
                    raw.sendall(asks)
        train_meanwhile(server)
        assert server.peak_bytes() - before < READERS * most_bytes
