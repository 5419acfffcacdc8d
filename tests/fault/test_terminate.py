"""SIGTERM: everybody gets the newest state and is sent elsewhere, and the process is soon gone."""

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

GOODBYE_S = 0.5
GONE_S = 2.0
MUCH_BYTES = 100_000
LARGEST = Network((100,) * 10, (0, 1, 2))


def test_a_server_that_is_told_to_end_says_goodbye_and_is_gone(
    server: ServerProcess, rounds: Callable[[int, int], int], note: Callable[[str], None]
) -> None:
    goodbyes_s, ends_s = [], []
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
            told_s = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            answers = readiness(server.port)
            code = server.reap()
            ends_s.append(time.monotonic() - told_s)
            last, closed_s = listener.result()
            goodbyes_s.append(closed_s - told_s)
        assert code == 0
        assert last.ended is None
        assert last.checkpoint.epoch >= reached.checkpoint.epoch
        assert last.checkpoint == trained(train, last.checkpoint.epoch)
        # Ready until it knows, then not any more, however often it is asked.
        assert answers == sorted(answers)
        assert set(answers) <= {200, 503}
        assert 503 in answers
    note(f"goodbye within {max(goodbyes_s):.2f} s, gone within {max(ends_s):.2f} s")
    assert max(goodbyes_s) < GOODBYE_S
    assert max(ends_s) < GONE_S


def listen(frames: Iterator[Frame]) -> tuple[Frame, float]:
    """Take frames in until the server says that it goes; return the last one, and when."""
    taken: list[Frame] = []
    with pytest.raises(ConnectionClosed) as closed:
        taken.extend(frames)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    return taken[-1], time.monotonic()


def readiness(port: int) -> list[int]:
    """Ask whether the server is ready until nobody answers; return the status codes."""
    answers = []
    try:
        while True:
            answers.append(ask(port, "/readyz").status)
    except OSError:
        return answers


def test_who_left_without_reading_what_was_sent_does_not_spoil_the_end(
    server: ServerProcess,
) -> None:
    asks = frame(BINARY, msgspec.msgpack.encode(Initialise(1, LARGEST, seed=0)))
    with upgraded(server.port, receive_buffer=4096) as leaving, connected(server) as client:
        client.send(a_train(1, budget=Budget(seconds=10), pace=60.0))
        frames = client.frames(1)
        # More than the system holds for him: the rest waits in the process.
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
    """Hold a connection that has been sent more than it reads: the hardest one to end."""
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
            assert time.monotonic() < deadline_s, "nothing waits to be read"
        yield
