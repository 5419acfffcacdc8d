"""SIGTERM: every client gets its newest state and close code 1012, and the process ends soon."""

import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed

from nnvisu.wire.messages import Budget, Frame, Hyperparameters, Initialise, Network
from tests.support.client import connected
from tests.support.http import UPGRADE, ask
from tests.support.raw import BINARY, CLOSE, frame, upgraded
from tests.support.requests import a_checkpoint, a_train, trained
from tests.support.server import ServerProcess

CLOSED_WITHIN_S = 0.5
EXIT_WITHIN_S = 2.0
MUCH_BYTES = 100_000
LARGEST = Network((100,) * 10, (0, 1, 2))


def test_sigterm_sends_the_last_state_closes_connections_and_exits(
    server: ServerProcess, rounds: Callable[[int, int], int], note: Callable[[str], None]
) -> None:
    closes_s, exits_s = [], []
    for number in range(rounds(1, 20)):
        if number:
            server.start()
        train = a_train(
            hyperparameters=Hyperparameters(batch_size=16, dropout=0.1),
            budget=Budget(seconds=10),
            pace=200.0,
        )
        with stalled(server), connected(server) as client, ThreadPoolExecutor(1) as pool:
            client.send(train)
            frames = client.frames(train.id)
            reached = next(seen for seen in frames if seen.checkpoint.epoch > 20)
            listener = pool.submit(listen, frames)
            signal_s = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            answers = readiness(server.port)
            code = server.reap()
            exits_s.append(time.monotonic() - signal_s)
            last, closed_s = listener.result()
            closes_s.append(closed_s - signal_s)
        assert code == 0
        assert last.ended is None
        assert last.checkpoint.epoch >= reached.checkpoint.epoch
        assert last.checkpoint == trained(train, last.checkpoint.epoch)
        # Ready until the signal is handled, and never ready again.
        assert answers == sorted(answers)
        assert set(answers) <= {200, 503}
        assert 503 in answers
    note(f"closed within {max(closes_s):.2f} s, exited within {max(exits_s):.2f} s")
    assert max(closes_s) < CLOSED_WITHIN_S
    assert max(exits_s) < EXIT_WITHIN_S


def listen(frames: Iterator[Frame]) -> tuple[Frame, float]:
    """Receive frames until close code 1012; return the last frame, and the time."""
    taken: list[Frame] = []
    with pytest.raises(ConnectionClosed) as closed:
        taken.extend(frames)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    return taken[-1], time.monotonic()


def readiness(port: int) -> list[int]:
    """Poll /readyz until the server refuses connections; return the status codes."""
    answers = []
    try:
        while True:
            answers.append(ask(port, "/readyz").status)
    except OSError:
        return answers


def test_a_client_that_left_with_unread_data_does_not_prevent_a_clean_exit(
    server: ServerProcess,
) -> None:
    asks = frame(BINARY, msgspec.msgpack.encode(Initialise(1, LARGEST, seed=0)))
    with upgraded(server.port, receive_buffer=4096) as leaving, connected(server) as client:
        client.send(a_train(1, budget=Budget(seconds=10), pace=60.0))
        frames = client.frames(1)
        # More than the kernel's buffers hold: the rest waits in the process.
        leaving.sendall(8 * asks)
        while next(frames).checkpoint.epoch < 60:
            pass
        leaving.sendall(frame(CLOSE))
        next(frames)
        assert server.terminate() == 0
        assert listen(frames)[0].checkpoint.epoch > 0
    assert server.errors() == ""


@contextmanager
def stalled(server: ServerProcess) -> Iterator[None]:
    """Hold a connection with unread data in the kernel and in the server."""
    train = a_train(network=LARGEST, checkpoint=a_checkpoint(LARGEST), budget=Budget(seconds=10))
    message = msgspec.msgpack.encode(train)
    headers = {"Host": f"127.0.0.1:{server.port}", **UPGRADE}
    opening = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.socket() as own:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        own.connect(("127.0.0.1", server.port))
        own.sendall(f"GET /ws HTTP/1.1\r\n{opening}\r\n".encode())
        assert b" 101 " in own.recv(100)
        own.sendall(b"\x82\xff" + len(message).to_bytes(8, "big") + bytes(4) + message)
        deadline_s = time.monotonic() + 10
        while server.unsent_bytes() < MUCH_BYTES:
            assert time.monotonic() < deadline_s, "no unread data in the kernel"
        yield
